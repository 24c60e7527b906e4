// SPDX-License-Identifier: Apache-2.0
//
// What is said of a sweep, worked out on paper from a handful of trials, for either goal.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/report/importance_report.hpp"
#include "seqsweep/report/lineage.hpp"
#include "seqsweep/report/sweep_summary.hpp"

namespace seqsweep::report {
namespace {

using search::Ending;
using search::Goal;
using search::TrialState;
using testing::ElementsAre;

constexpr double nothing = store::not_applicable;

// A trial of one segment of four epochs.
void add_trial(store::Results& results, double value, TrialState state = TrialState::completed) {
  search::TrialRecord trial;
  trial.id = TrialId(static_cast<int>(results.trials.size()));
  trial.state = state;
  results.trials.push_back(trial);
  store::SegmentRecord segment;
  segment.trial = trial.id;
  segment.to_epoch = segment.last_epoch = 4;
  segment.best_epoch = std::isfinite(value) ? 3 : 0;
  segment.value = value;
  segment.test.loss = 10 * value;
  if (state == TrialState::diverged) segment.ending = Ending::diverged;
  if (state == TrialState::failed) segment.ending = Ending::failed;
  results.segments.push_back(segment);
}

void add_replicate(store::Results& results, int of, double value, TrialState state = TrialState::completed) {
  add_trial(results, value, state);
  results.trials.back().parent.trial = TrialId(of);
}

store::Results results_of(Goal goal) {
  store::Results results;
  results.header.metric = "val_loss";
  results.header.goal = goal;
  return results;
}

std::vector<int> ranking_of(const SweepSummary& summary) {
  std::vector<int> numbers;
  for (const auto& line : summary.ranking) numbers.push_back(line.trial.value);
  return numbers;
}

TEST(Summary, ranks_trials_by_the_goal_equal_ones_by_number_and_lost_ones_last) {
  auto results = results_of(Goal::minimize);
  for (const double value : {0.5, 0.25, 0.75, 0.25}) add_trial(results, value);
  add_trial(results, 0.125, TrialState::diverged);  // after a good start
  add_trial(results, nothing, TrialState::failed);
  EXPECT_THAT(ranking_of(summarise(results)), ElementsAre(1, 3, 0, 2, 4, 5));
  EXPECT_EQ(summarise(results).best()->trial, TrialId(1));
  results.header.goal = Goal::maximize;
  EXPECT_THAT(ranking_of(summarise(results)), ElementsAre(2, 0, 1, 3, 4, 5));
  EXPECT_EQ(summarise(results).best()->value, 0.75);
}

TEST(Summary, takes_the_scores_of_validation_at_the_best_epoch) {
  auto results = results_of(Goal::minimize);
  add_trial(results, 0.5);
  for (int epoch = 4; epoch >= 1; --epoch) {
    store::EpochRecord record;
    record.trial = TrialId(0);
    record.epoch = epoch;
    record.validation.mae = epoch;
    record.clipped_fraction = epoch == 1 ? 1 : 0;
    record.gradient_norm_mean = epoch;
    record.gradient_norm_max = 10.0 - epoch;
    record.gradient_flow = {{.layer = 0, .norm = 1},
                            {.layer = 0, .distance_from = 1, .distance_to = epoch, .norm = 0.5}};
    results.epochs.push_back(record);
  }
  const auto summary = summarise(results);
  EXPECT_EQ(summary.best()->best_epoch, 3);
  EXPECT_EQ(summary.best()->validation.mae, 3);
  EXPECT_EQ(summary.best()->epochs, 4);
  ASSERT_TRUE(summary.gradients);
  EXPECT_EQ(summary.gradients->epoch, 3);
  EXPECT_EQ(summary.gradients->layers.at(0).distance_to, 3);
  EXPECT_EQ(summary.gradients->clipped_fraction, 0.25);
  EXPECT_EQ(summary.gradients->norm_mean, 2.5);
  EXPECT_EQ(summary.gradients->norm_max, 9);
}

TEST(Summary, counts_a_moment_once_and_a_rank_each_time) {
  auto results = results_of(Goal::minimize);
  const auto add_leg = [&](double started_s, double seconds, int num_ranks, double data_s) {
    store::TimingRecord leg;
    leg.started_s = started_s;
    leg.seconds = seconds;
    leg.num_ranks = num_ranks;
    leg.data_s = data_s;
    leg.reduce_s = 2 * data_s;
    leg.move_s = data_s / 2;
    results.timing.push_back(leg);
  };
  add_leg(100, 10, 1, 1);
  add_leg(105, 20, 2, 4);  // overlaps by 5
  add_leg(110, 5, 1, 0);   // within the one before
  add_leg(200, 15, 1, 0);
  const auto time = summarise(results).time;
  EXPECT_EQ(time.working_s, 25 + 15);
  EXPECT_EQ(time.rank_s, 10 + 40 + 5 + 15);
  EXPECT_DOUBLE_EQ(time.data_share, (1 + 2 * 4) / 70.0);
  EXPECT_DOUBLE_EQ(time.reduce_share, 2 * (1 + 2 * 4) / 70.0);
  EXPECT_DOUBLE_EQ(time.move_share, 0.5 * (1 + 2 * 4) / 70.0);
  EXPECT_EQ(time.first_started_s, 100);
  EXPECT_EQ(time.last_ended_s, 215);
}

// ---- seeds

TEST(SeedSpread, is_mean_and_standard_error_of_the_mean) {
  const auto spread = spread_of({1, 2, 3, 6});
  EXPECT_EQ(spread.mean, 3);
  EXPECT_DOUBLE_EQ(spread.standard_error, std::sqrt((4.0 + 1 + 0 + 9) / 3 / 4));
  EXPECT_EQ(spread_of({5}).mean, 5);
  EXPECT_TRUE(std::isnan(spread_of({5}).standard_error));
  EXPECT_TRUE(std::isnan(spread_of({}).mean));
}

TEST(SeedSpread, is_of_the_replicates_without_the_trial_that_was_chosen_and_without_lost_ones) {
  auto results = results_of(Goal::minimize);
  add_trial(results, 0.5);
  add_trial(results, 0.25);
  add_replicate(results, 1, 4);
  add_replicate(results, 0, 3);
  add_replicate(results, 1, 2);
  add_replicate(results, 0, 1);
  auto spreads = seed_spreads(results, "loss");
  ASSERT_EQ(spreads.size(), 2u);
  EXPECT_EQ(spreads[0].trial, TrialId(0)) << "the best mean comes first";
  EXPECT_EQ(spreads[0].value.mean, 2);
  EXPECT_DOUBLE_EQ(spreads[0].value.standard_error, 1);
  EXPECT_EQ(spreads[0].test.mean, 20);
  EXPECT_EQ(spreads[0].chosen_by, 0.5);
  EXPECT_EQ(spreads[1].value.mean, 3);
  EXPECT_EQ(spreads[1].num_replicates, 2);
  results.header.goal = Goal::maximize;
  EXPECT_EQ(seed_spreads(results, "loss")[0].trial, TrialId(1));
  results.header.goal = Goal::minimize;
  add_replicate(results, 0, 0.1, TrialState::diverged);
  spreads = seed_spreads(results, "loss");
  EXPECT_EQ(spreads[0].trial, TrialId(1)) << "trial 0 lost one";
  EXPECT_EQ(spreads[1].value.mean, 2);
  EXPECT_EQ(spreads[1].num_replicates, 3);
  EXPECT_EQ(spreads[1].num_lost, 1);
}

// ---- several objectives

// Loss to be minimized, speed to be maximized.
TEST(ParetoFront, of_mixed_goals_is_the_one_found_by_hand) {
  auto results = results_of(Goal::minimize);
  results.header.further_metrics = {{"speed", Goal::maximize}};
  for (const auto& [loss, speed] : {std::pair(1.0, 10.0), {2.0, 30.0}, {2.0, 20.0}, {5.0, 50.0}, {5.0, 10.0}}) {
    add_trial(results, loss);
    results.segments.back().further = {speed};
  }
  add_trial(results, 0.5, TrialState::diverged);
  const auto summary = summarise(results);
  ASSERT_TRUE(summary.front);
  EXPECT_THAT(summary.front->places, ElementsAre(0, 1, 3));
  EXPECT_THAT(summary.front->reference, ElementsAre(5, 10));
  // Boxes to the worst of each, loss 5 and speed 10: trial 1 covers 3 · 20; trials 0 and 3 lie on the border.
  EXPECT_DOUBLE_EQ(summary.front->hypervolume, 60);
  EXPECT_DOUBLE_EQ(summary.front->share, 60 / (4.0 * 40));
}

// ---- where a trial comes from

TEST(Lineage, is_the_stages_of_all_ancestors_up_to_where_the_next_began) {
  std::vector<TrialLine> lines(4);
  for (int i = 0; i < 4; ++i) lines[static_cast<std::size_t>(i)].trial = TrialId(i);
  lines[2].parent = {TrialId(0), 4};
  lines[3].parent = {TrialId(2), 8};
  lines[3].best_epoch = 11;
  const auto stages = lineage(lines, lines[3]);
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(stages[0].trial->trial, TrialId(0));
  EXPECT_EQ(std::pair(stages[0].from_epoch, stages[0].to_epoch), std::pair(0, 4));
  EXPECT_EQ(stages[1].trial->trial, TrialId(2));
  EXPECT_EQ(std::pair(stages[1].from_epoch, stages[1].to_epoch), std::pair(4, 8));
  EXPECT_EQ(std::pair(stages[2].from_epoch, stages[2].to_epoch), std::pair(8, 11));
}

// ---- where the best lie

// Fifteen trials of which the best tenth, rounded up to 2, lie at the ends of x that the goal asks for.
TEST(ImportanceReport, says_where_the_best_tenth_lie_in_the_sense_of_the_goal) {
  for (const auto goal : {Goal::minimize, Goal::maximize}) {
    auto results = results_of(goal);
    results.header.dimensions = {{"x", search::Uniform{0, 20}, {}}, {"cell", search::Choice{{"a", "b"}}, {}}};
    for (int i = 0; i < 15; ++i) {
      add_trial(results, i);
      results.trials.back().point.values = {search::Value(static_cast<double>(i)),
                                            search::Value(std::string(i < 2 ? "a" : "b"))};
      results.trials.back().curve = {{4, static_cast<double>(i)}};
    }
    const auto report = importance_of(results);
    EXPECT_EQ(report.num_best, 2u);
    const bool is_low = goal == Goal::minimize;
    EXPECT_EQ(report.best[0].low, search::Value(is_low ? 0.0 : 13.0));
    EXPECT_EQ(report.best[0].high, search::Value(is_low ? 1.0 : 14.0));
    EXPECT_EQ(report.best[1].choice, is_low ? "a" : "b");
    EXPECT_EQ(report.best[1].num_choice, 2u);
  }
}

}  // namespace
}  // namespace seqsweep::report
