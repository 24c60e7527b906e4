// SPDX-License-Identifier: Apache-2.0
// What `seqsweep status` says of results that are built here in memory.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "seqsweep/core/text.hpp"

#include "report_text.hpp"
#include "status_text.hpp"

namespace seqsweep::jobs {
namespace {

using report::summarise;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double infinity = std::numeric_limits<double>::infinity();

store::Scores loss_and_rmse(double loss) {
  store::Scores scores;
  scores.loss = loss;
  scores.rmse = std::sqrt(loss);
  return scores;
}

// One trial: trained to `epochs`, best at `best_epoch` with validation loss `value` and test loss value + 0.01.
void add_trial(store::Results& results, search::TrialState state, int epochs, int best_epoch, double value,
               double rate) {
  const TrialId id(static_cast<int>(results.trials.size()));
  search::TrialRecord record;
  record.id = id;
  record.state = state;
  record.point.values = {search::Value(rate), std::nullopt};
  record.curve = {{epochs, value}};
  results.trials.push_back(record);
  for (int e = 1; e <= epochs; ++e) {
    store::EpochRecord epoch;
    epoch.trial = id;
    epoch.epoch = e;
    epoch.validation = loss_and_rmse(e == best_epoch ? value : value + 1);
    epoch.gradient_norm_mean = 2;
    epoch.gradient_norm_max = 2.0 + e;
    epoch.clipped_fraction = 0.25;
    epoch.gradient_flow = {{0, 0, 0, 1.0}, {0, 1, 1, 0.5}, {0, 2, 3, e == best_epoch ? 0.25 : 1e-9}};
    results.epochs.push_back(epoch);
  }
  store::SegmentRecord segment;
  segment.trial = id;
  segment.to_epoch = segment.last_epoch = epochs;
  segment.value = value;
  segment.best_epoch = best_epoch;
  segment.test = loss_and_rmse(value + 0.01);
  if (state == search::TrialState::diverged) segment.message = "the training loss is nan at epoch 1, batch 3";
  results.segments.push_back(segment);
}

store::Results sweep_of_four() {
  store::Results results;
  auto& header = results.header;
  header.definition = {{"search.sampler", "tpe"}, {"search.scheduler", "asha"},
                       {"sweep.seed", "7"},       {"sweep.concurrency", "2"},
                       {"model.cell", "lstm"},    {"train.learning_rate", "loguniform(0.0001, 0.1)"}};
  header.dimensions = {
      {"train.learning_rate", search::LogUniform{1e-4, 0.1}, std::nullopt},
      {"model.activation", search::Choice{{"tanh", "relu"}}, search::Condition{"model.cell", {"rnn"}}}};
  header.metric = "val_loss";
  header.trials = 8;
  header.dataset_name = "adding";
  header.floor_rule = "mean";
  header.validation_floor = loss_and_rmse(1.0);
  header.test_floor = loss_and_rmse(1.1025);
  add_trial(results, search::TrialState::paused, 2, 2, 0.5, 0.01);
  add_trial(results, search::TrialState::completed, 4, 3, 0.25, 0.000123456);
  add_trial(results, search::TrialState::diverged, 1, 0, infinity, 0.1);
  add_trial(results, search::TrialState::running, 1, 1, 0.75, 0.05);
  store::TimingRecord pair;
  pair.num_ranks = 2;
  pair.started_s = 100;
  pair.seconds = 10;
  pair.data_s = 1;
  pair.reduce_s = 2;
  store::TimingRecord single;
  single.started_s = 105;
  single.seconds = 10;
  single.data_s = 0.5;
  results.timing = {pair, single};
  return results;
}

std::string text_of(const store::Results& results, std::size_t num_best, const TextStyle& style = {.columns = 100}) {
  return to_text(status_of(results, {.num_best = num_best, .writer = {}}), num_best, style);
}

std::string json_of(const store::Results& results, std::size_t num_best) {
  return to_json(status_of(results, {.num_best = num_best, .writer = {}}), num_best);
}

TEST(Summarise, ranks_by_the_metric_and_puts_unusable_trials_last) {
  auto results = sweep_of_four();
  const auto order = [&] {
    std::vector<int> ids;
    for (const auto& line : summarise(results).ranking) ids.push_back(line.trial.value);
    return ids;
  };
  EXPECT_EQ(order(), (std::vector{1, 0, 3, 2}));
  results.header.goal = search::Goal::maximize;
  EXPECT_EQ(order(), (std::vector{3, 0, 1, 2}));
}

TEST(Summarise, never_recommends_a_trial_that_diverged_after_a_good_value) {
  auto results = sweep_of_four();
  results.trials[1].state = search::TrialState::diverged;
  EXPECT_EQ(summarise(results).best()->trial, TrialId(0));
}

TEST(Summarise, takes_validation_scores_from_the_best_epoch_and_test_scores_from_the_last_segment) {
  const auto summary = summarise(sweep_of_four());
  EXPECT_EQ(summary.best()->best_epoch, 3);
  EXPECT_EQ(summary.best()->validation.loss, 0.25);
  EXPECT_EQ(summary.best()->test.loss, 0.26);
  EXPECT_EQ(summary.num_epochs, 8);
}

TEST(Summarise, judges_the_gradient_of_the_best_epoch) {
  const auto summary = summarise(sweep_of_four());
  ASSERT_TRUE(summary.gradients.has_value());
  EXPECT_EQ(summary.gradients->epoch, 3);
  EXPECT_EQ(summary.gradients->layers.at(0).health, report::GradientHealth::healthy);
  EXPECT_EQ(summary.gradients->norm_max, 6);
  EXPECT_EQ(summary.gradients->clipped_fraction, 0.25);
}

TEST(Summarise, counts_a_moment_once_however_many_legs_run_in_it) {
  const auto time = summarise(sweep_of_four()).time;
  EXPECT_EQ(time.working_s, 15);
  EXPECT_EQ(time.rank_s, 30);
  EXPECT_NEAR(time.reduce_share, 4.0 / 30, 1e-12);
  EXPECT_EQ(time.first_started_s, 100);
  EXPECT_EQ(time.last_ended_s, 115);
}

TEST(StatusText, tells_where_the_sweep_stands) {
  const auto text = text_of(sweep_of_four(), 10);
  EXPECT_THAT(text, HasSubstr("Sweep on data set 'adding': not finished"));
  EXPECT_THAT(text,
              HasSubstr("4 of 8 trials begun: 1 running, 1 paused, 1 completed, 1 diverged; 8 epochs in 4 finished"));
  EXPECT_THAT(text, HasSubstr("minimize val_loss; sampler tpe, scheduler asha, seed 7, concurrency 2"));
  EXPECT_THAT(text, HasSubstr("choice(tanh, relu) if model.cell == rnn\n"));
  EXPECT_THAT(text, HasSubstr("constant: model.cell=lstm\n")) << "a searched key is no constant";
  EXPECT_THAT(text, HasSubstr("Best so far: trial 1, after its epoch 3"));
  EXPECT_THAT(text, HasSubstr("  loss       0.2500  1.000  0.2600  1.103")) << text;
  EXPECT_THAT(text, HasSubstr("trial 2 diverged: the training loss is nan"));
  EXPECT_THAT(text, HasSubstr("layer 0: healthy: the gradient 2–3 steps back is 0.25 of that at the loss"));
  EXPECT_THAT(text, HasSubstr("25 % of steps were clipped"));
}

TEST(StatusText, shows_as_many_trials_as_asked_for) {
  const auto text = text_of(sweep_of_four(), 1);
  EXPECT_THAT(text, HasSubstr("and 3 more (--top 4 shows all)"));
  EXPECT_THAT(text, Not(HasSubstr("paused     ")));
}

TEST(StatusText, fits_a_hundred_columns_however_many_dimensions_there_are) {
  auto results = sweep_of_four();
  for (int d = 0; d < 12; ++d) {
    results.header.dimensions.push_back(
        {"model.some_long_dimension_" + std::to_string(d), search::Uniform{0, 1}, std::nullopt});
    for (auto& trial : results.trials) trial.point.values.emplace_back(0.123456789);
  }
  const auto text = text_of(results, 10);
  EXPECT_THAT(text, HasSubstr("some_long_dimension_11=0.1235"));
  for (const auto& line : split(text, '\n')) {
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
    EXPECT_LE(columns, 100) << line;
  }
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  for (const auto& line : split(text, '\n'))
    longest = std::max(longest, static_cast<std::size_t>(std::count_if(line.begin(), line.end(),
                                                                       [](char c) { return (c & 0xC0) != 0x80; })));
  return longest;
}

// Curves of four epochs, from 1 down to 0.25.
store::Results sweep_with_curves() {
  auto results = sweep_of_four();
  for (auto& epoch : results.epochs) epoch.value = 1.0 / epoch.epoch;
  return results;
}

TEST(StatusText, shows_curves_where_there_is_room) {
  const auto results = sweep_with_curves();
  EXPECT_THAT(text_of(results, 10, {.columns = 120}), HasSubstr("█▃▂▁\n")) << "the curve of trial 1";
  EXPECT_THAT(text_of(results, 10, {.columns = 120}),
              HasSubstr("curve: val_loss by epoch, up to 4; ▁ 0.2500, █ 1.000\n"));
  EXPECT_THAT(text_of(results, 10, {.columns = 70}), Not(HasSubstr("curve")));
}

TEST(StatusText, fits_the_columns_that_there_are) {
  for (const std::size_t columns : {60, 80, 100, 140})
    for (const bool is_terminal : {false, true})
      EXPECT_LE(longest_line(text_of(sweep_with_curves(), 10, {.columns = columns, .is_terminal = is_terminal})),
                columns);
}

TEST(StatusText, has_colours_only_if_asked_for) {
  EXPECT_THAT(text_of(sweep_of_four(), 10), Not(HasSubstr("\x1b")));
  const TextStyle coloured = {.columns = 100, .is_terminal = true, .has_colours = true};
  EXPECT_THAT(text_of(sweep_of_four(), 10, coloured), HasSubstr("\x1b[1mTrials, best first\x1b[0m\n"));
}

TEST(StatusText, shows_who_trains_what_now) {
  auto results = sweep_of_four();
  results.live = store::LiveState{.written_s = 120,
                                  .started_s = 100,
                                  .num_ranks = 4,
                                  .num_idle = 1,
                                  .num_lost = 0,
                                  .num_waiting = 0,
                                  .silent_rank = -1,
                                  .silent_s = 0,
                                  .stop_reason = "",
                                  .teams = {}};
  store::LiveTeam team;
  team.trial = TrialId(3);
  team.to_epoch = 4;
  team.epochs = 2;
  team.num_ranks = 3;
  team.ranks = "1,2,3";
  team.seconds = 10;
  results.live->teams = {team};
  const StatusContext context{.num_best = 1, .writer = store::WriterProcess{}, .now_s = 121};
  const auto text = to_text(status_of(results, context), 1);
  EXPECT_THAT(text, HasSubstr("running for 20.0 s on 4 ranks"));
  EXPECT_THAT(text, HasSubstr("Now: 3 ranks on 1 trial, 1 idle; at work 75 % of the time so far")) << "(30 + 30) / 80";
  EXPECT_THAT(text, HasSubstr("      3      3    2.0  ━━━━━━────── to 4")) << text;
  const auto json = nlohmann::json::parse(to_json(status_of(results, context), 1));
  EXPECT_EQ(json["activity"]["now"]["teams"][0]["epochs"], 2);
  EXPECT_EQ(json["activity"]["kind"], "running");
}

TEST(StatusText, counts_replicates_beside_the_trials) {
  auto results = sweep_of_four();
  results.trials[3].parent.trial = TrialId(1);
  EXPECT_THAT(text_of(results, 10), HasSubstr("3 of 8 trials begun, 1 replicate: "));
}

TEST(StatusText, takes_the_work_of_lost_trials_for_useless) {
  auto results = sweep_of_four();
  results.timing.resize(2);
  for (const int i : {0, 1}) {  // 30 s of trial 1, then 10 s of trial 2, which diverged
    auto& leg = results.timing[static_cast<std::size_t>(i)] = {};
    leg.trial = TrialId(1 + i);
    leg.num_ranks = 1;
    leg.ranks = "0";
    leg.started_s = 100 + 30 * i;
    leg.seconds = i == 0 ? 30 : 10;
  }
  EXPECT_THAT(text_of(results, 10),
              HasSubstr("0.01111 node-hours: 75 % useful, 0 % changing teams, 0 % idle, 25 % in"));
}

TEST(StatusText, copes_with_a_sweep_that_has_just_begun) {
  store::Results results;
  results.header.trials = 8;
  const auto text = text_of(results, 10);
  EXPECT_THAT(text, HasSubstr("0 of 8 trials begun"));
  EXPECT_THAT(text, HasSubstr("No trial has a value yet."));
  EXPECT_THAT(text, HasSubstr("no segment has finished yet"));
}

// Trials 0 and 1 are the front: 3 has a worse value and as many parameters as 0.
store::Results sweep_of_four_with_two_metrics() {
  auto results = sweep_of_four();
  results.header.further_metrics = {{"parameters", search::Goal::minimize}};
  const std::array<double, 4> parameters = {1000, 3000, store::not_applicable, 1000};
  for (std::size_t i = 0; i < parameters.size(); ++i) results.segments[i].further = {parameters[i]};
  return results;
}

TEST(StatusText, shows_the_front_of_several_metrics) {
  const auto text = text_of(sweep_of_four_with_two_metrics(), 10);
  EXPECT_THAT(text, HasSubstr("minimize val_loss, minimize parameters; sampler tpe"));
  EXPECT_THAT(text, HasSubstr("Pareto front: 2 of 4 trials."));
  EXPECT_THAT(text, HasSubstr("dominate 50.0 % of the box"));
  EXPECT_THAT(text, testing::ContainsRegex("1  completed +4 +3 +0.2500 +3000 +0.2600"));
  EXPECT_THAT(text, Not(HasSubstr("running     ")));
  EXPECT_THAT(text, HasSubstr("Best val_loss so far: trial 1"));
}

TEST(StatusJson, has_the_front_the_hypervolume_and_its_reference_point) {
  auto results = sweep_of_four_with_two_metrics();
  const auto json = nlohmann::json::parse(json_of(results, 1));
  EXPECT_EQ(json["further_metrics"], nlohmann::json::parse(R"([{"name": "parameters", "goal": "minimize"}])"));
  ASSERT_EQ(json["front"]["trials"].size(), 2U);
  EXPECT_EQ(json["front"]["trials"][0]["trial"], 1);
  EXPECT_EQ(json["front"]["trials"][0]["further_values"], nlohmann::json::parse("[3000.0]"));
  EXPECT_EQ(json["front"]["reference"], nlohmann::json::parse("[0.75, 3000.0]"));
  EXPECT_EQ(json["front"]["hypervolume"], 0.25 * 2000);
  EXPECT_EQ(json["front"]["share"], 0.5);
  results.header.further_metrics[0].goal = search::Goal::maximize;
  const auto maximised = nlohmann::json::parse(json_of(results, 1));
  EXPECT_EQ(maximised["front"]["trials"].size(), 1U) << "trial 1 is the best in both";
  EXPECT_EQ(maximised["front"]["reference"], nlohmann::json::parse("[0.75, 1000.0]"));
  EXPECT_EQ(maximised["front"]["share"], 1.0);
  EXPECT_TRUE(nlohmann::json::parse(json_of(sweep_of_four(), 1))["front"].is_null());
}

TEST(StatusJson, is_valid_and_holds_typed_values_and_nulls) {
  const auto json = nlohmann::json::parse(json_of(sweep_of_four(), 2));
  EXPECT_EQ(json["is_sealed"], false);
  EXPECT_EQ(json["trials_by_state"]["failed"], 0);
  EXPECT_EQ(json["best"]["trial"], 1);
  EXPECT_EQ(json["best"]["point"]["train.learning_rate"], 0.000123456);
  EXPECT_TRUE(json["best"]["point"]["model.activation"].is_null());
  EXPECT_TRUE(json["best"]["test"]["accuracy"].is_null());
  EXPECT_EQ(json["trials"].size(), 2U);
  EXPECT_EQ(json["dimensions"][1]["condition"]["key"], "model.cell");
  EXPECT_EQ(json["gradients"]["layers"][0]["health"], "healthy");
}

TEST(StatusJson, has_the_same_keys_before_anything_was_measured) {
  const auto full = nlohmann::json::parse(json_of(sweep_of_four(), 2));
  const auto empty = nlohmann::json::parse(json_of(store::Results{}, 2));
  for (const auto& [key, value] : full.items()) EXPECT_TRUE(empty.contains(key)) << key;
  EXPECT_TRUE(empty["best"].is_null());
  EXPECT_TRUE(empty["time"]["first_started_s"].is_null());
}

TEST(Percent, has_a_digit_behind_the_point_where_a_share_is_small) {
  EXPECT_EQ(percent(0.25), "25 %");
  EXPECT_EQ(percent(0.004), "0.4 %");
  EXPECT_EQ(percent(0.0004), "0 %");
}

TEST(FourDigits, keeps_numbers_readable_at_every_size) {
  EXPECT_EQ(four_digits(0.25), "0.2500");
  EXPECT_EQ(four_digits(12.3456), "12.35");
  EXPECT_EQ(four_digits(999.96), "1000");
  EXPECT_EQ(four_digits(123456.7), "123457");
  EXPECT_EQ(four_digits(0.0000314), "3.140e-05");
  EXPECT_EQ(four_digits(0), "0.000");
  EXPECT_EQ(four_digits(-infinity), "-∞");
  EXPECT_EQ(four_digits(std::nan("")), "–");
}

}  // namespace
}  // namespace seqsweep::jobs
