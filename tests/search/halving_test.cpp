// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "halving_reference.hpp"
#include "repetitions.hpp"

namespace seqsweep::search {
namespace {

using testing::ElementsAre;
using testing::Pair;
using Kind = Verdict::Kind;

std::unique_ptr<Scheduler> make_halving(SchedulerOptions options, int num_trials) {
  options.name = "halving";
  auto halving = find_in(scheduler_catalogue(), "scheduler", options.name).make(options);
  for (int trial = 0; trial < num_trials; ++trial) EXPECT_EQ(halving->begin(TrialId(trial)), options.grace_period);
  return halving;
}

TrialRecord measured(int trial, int epoch, double value) {
  return {.id = TrialId(trial), .point = {}, .state = TrialState::running, .curve = {{epoch, value}}, .reason = {}};
}
TrialRecord exhausted(int trial, int epoch, double value) {
  return {.id = TrialId(trial), .point = {}, .state = TrialState::completed, .curve = {{epoch, value}}, .reason = {}};
}
TrialRecord diverged(int trial, int epoch) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return {.id = TrialId(trial), .point = {}, .state = TrialState::diverged, .curve = {{epoch, infinity}}, .reason = {}};
}

// All that may go on now, as (trial, to epoch).
std::vector<std::pair<int, int>> promotions_of(Scheduler& scheduler) {
  std::vector<std::pair<int, int>> promotions;
  while (const auto promotion = scheduler.promote())
    promotions.emplace_back(promotion->trial.value, promotion->to_epoch);
  return promotions;
}

Study run(const SchedulerOptions& scheduler, int num_trials, int concurrency, const World& world) {
  Study study({.ends = {.trials = num_trials}, .concurrency = concurrency, .sampler = "random", .scheduler = scheduler},
              simulated_space(), simulated_cost);
  run_in_random_order(study, world, world.seed);
  return study;
}

TEST(Halving, trains_what_plain_rounds_train_whatever_ends_early_and_however_many_run) {
  for (std::uint64_t seed = 0; seed < test::repetitions(60); ++seed) {
    const int eta = 2 + static_cast<int>(seed % 3);
    const World world{.seed = seed, .has_early_endings = seed % 4 != 0, .num_levels = seed % 5 == 0 ? 4 : 1000};
    const SchedulerOptions options{
        .name = "halving", .max_epochs = 20, .grace_period = 2, .reduction_factor = eta, .round_trials = 11};
    const auto rungs = eta == 2   ? std::vector{2, 4, 8, 16, 20}
                       : eta == 3 ? std::vector{2, 6, 18, 20}
                                  : std::vector{2, 8, 20};
    for (const int num_trials : {33, 40, 5})  // full rounds, a round cut short, the only round cut short
      for (const int concurrency : {1, 4, 50}) {
        const auto study = run(options, num_trials, concurrency, world);
        ASSERT_EQ(trained_by(study), trained_by_plain_halving({{11, rungs}}, eta, num_trials, world))
            << "seed " << seed << ", " << num_trials << " trials, " << concurrency << " logical workers";
      }
  }
}

TEST(Halving, leaves_one_trial_of_a_round_for_the_last_rung) {
  const World world{.has_early_endings = false};
  EXPECT_THAT(trained_to_each_epoch(run({.name = "halving", .max_epochs = 16}, 32, 8, world), 0, 16),
              ElementsAre(Pair(1, 16), Pair(4, 4), Pair(16, 1)));
  const auto uneven =
      run({.name = "halving", .max_epochs = 20, .grace_period = 2, .reduction_factor = 3}, 54, 8, world);
  for (const int first : {0, 27})
    EXPECT_THAT(trained_to_each_epoch(uneven, first, first + 27),
                ElementsAre(Pair(2, 27), Pair(6, 9), Pair(18, 3), Pair(20, 1)));
}

TEST(Halving, waits_for_all_of_a_rung_and_gives_its_reasons_in_numbers) {
  const auto halving = make_halving({.max_epochs = 4, .reduction_factor = 2, .round_trials = 4}, 4);
  auto verdict = halving->committed(measured(0, 1, 0.4));
  EXPECT_EQ(verdict.kind, Kind::pause);
  EXPECT_EQ(verdict.reason, "round 1, rung 1: 0.4 is 1st of 1 so far, top 2 of 4 go on");
  EXPECT_EQ(halving->committed(measured(2, 1, 0.2)).kind, Kind::pause);
  verdict = halving->committed(measured(3, 1, 0.5));
  EXPECT_EQ(verdict.kind, Kind::stop) << "two are better already";
  EXPECT_EQ(verdict.reason, "round 1, rung 1: 0.5 is 3rd of 3 so far, top 2 of 4 go on");
  EXPECT_FALSE(halving->promote()) << "one of the rung is not measured";
  verdict = halving->committed(measured(1, 1, 0.3));
  EXPECT_EQ(verdict.kind, Kind::pause);
  EXPECT_EQ(verdict.reason, "round 1, rung 1: 0.3 is 2nd of 4, top 2 go on");

  const auto first = halving->promote();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->trial, TrialId(2));
  EXPECT_EQ(first->to_epoch, 2);
  EXPECT_EQ(first->reason, "round 1, rung 1: 0.2 is 1st of 4, top 2 go on");
  EXPECT_THAT(promotions_of(*halving), ElementsAre(Pair(1, 2)));
  halving->committed(measured(2, 2, 0.2));
  EXPECT_FALSE(halving->promote());
  halving->committed(measured(1, 2, 0.1));
  EXPECT_THAT(promotions_of(*halving), ElementsAre(Pair(1, 4)));
  verdict = halving->committed(measured(1, 4, 0.1));
  EXPECT_EQ(verdict.kind, Kind::complete);
  EXPECT_EQ(verdict.reason, "round 1, rung 4: 0.1 is 1st of 1, the last rung");
}

TEST(Halving, begins_the_next_round_while_a_rung_waits) {
  const auto halving = make_halving({.max_epochs = 2, .reduction_factor = 2, .round_trials = 2}, 4);
  EXPECT_THAT(halving->committed(measured(2, 1, 0.4)).reason, testing::StartsWith("round 2, rung 1: 0.4 is 1st of 1"));
  halving->committed(measured(3, 1, 0.3));
  EXPECT_THAT(promotions_of(*halving), ElementsAre(Pair(3, 2))) << "the first round is not measured yet";
  halving->committed(measured(0, 1, 0.9));
  EXPECT_THAT(halving->committed(measured(1, 1, 0.8)).reason, testing::StartsWith("round 1, rung 1: 0.8 is 1st of 2"));
  EXPECT_THAT(promotions_of(*halving), ElementsAre(Pair(1, 2))) << "rounds are not compared with each other";
  EXPECT_EQ(halving->begin(TrialId(4)), 1) << "the third";
}

TEST(Halving, goes_on_with_what_a_round_has_when_no_more_trials_come) {
  const SchedulerOptions options{.max_epochs = 16, .reduction_factor = 4, .round_trials = 16};
  const auto all_measured = make_halving(options, 9);
  for (int trial = 0; trial < 9; ++trial) all_measured->committed(measured(trial, 1, 0.1 * trial));
  EXPECT_FALSE(all_measured->promote());
  all_measured->no_more_trials();
  EXPECT_THAT(promotions_of(*all_measured), ElementsAre(Pair(0, 4), Pair(1, 4)));

  const auto one_runs = make_halving(options, 3);
  one_runs->committed(measured(0, 1, 0.1));
  one_runs->committed(measured(1, 1, 0.2));
  one_runs->no_more_trials();
  EXPECT_FALSE(one_runs->promote());
  EXPECT_EQ(one_runs->committed(measured(2, 1, 0.3)).reason, "round 1, rung 1: 0.3 is 3rd of 3, top 1 go on");
  EXPECT_THAT(promotions_of(*one_runs), ElementsAre(Pair(0, 4))) << "fewer than reduction_factor, and one goes on";

  const auto none_begun = make_halving(options, 0);
  none_begun->no_more_trials();
  EXPECT_FALSE(none_begun->promote());

  const auto full = make_halving({.max_epochs = 4, .reduction_factor = 2, .round_trials = 4}, 4);
  for (int trial = 0; trial < 4; ++trial) full->committed(measured(trial, 1, trial));
  EXPECT_THAT(promotions_of(*full), ElementsAre(Pair(0, 2), Pair(1, 2)));
  full->no_more_trials();
  EXPECT_FALSE(full->promote()) << "the next rung is not measured";
}

TEST(Halving, trials_that_ended_keep_their_places_on_later_rungs) {
  const auto halving = make_halving({.max_epochs = 4, .reduction_factor = 2, .round_trials = 4}, 4);
  halving->ended(exhausted(0, 1, 0.1));
  halving->committed(measured(1, 1, 0.3));
  halving->committed(measured(2, 1, 0.2));
  halving->ended(diverged(3, 1));
  EXPECT_THAT(promotions_of(*halving), ElementsAre(Pair(2, 2))) << "the other place is trial 0's";
  EXPECT_EQ(halving->committed(measured(2, 2, 0.15)).reason, "round 1, rung 2: 0.15 is 2nd of 2, top 1 go on");
  EXPECT_FALSE(halving->promote()) << "the place is trial 0's, which goes on no further";

  const auto better = make_halving({.max_epochs = 4, .reduction_factor = 2, .round_trials = 4}, 4);
  better->ended(exhausted(0, 1, 0.1));
  for (const int trial : {1, 2, 3}) better->committed(measured(trial, 1, 0.1 * (trial + 1)));
  EXPECT_THAT(promotions_of(*better), ElementsAre(Pair(1, 2)));
  better->committed(measured(1, 2, 0.05));
  EXPECT_THAT(promotions_of(*better), ElementsAre(Pair(1, 4)));
}

TEST(Halving, a_round_of_which_all_diverge_ends) {
  const auto halving = make_halving({.max_epochs = 4, .reduction_factor = 2, .round_trials = 4}, 5);
  for (const int trial : {0, 1, 2, 3}) halving->ended(diverged(trial, 1));
  EXPECT_FALSE(halving->promote());
  halving->committed(measured(4, 1, 0.5));
  halving->no_more_trials();
  EXPECT_THAT(promotions_of(*halving), ElementsAre(Pair(4, 2))) << "the next round is untouched";
}

}  // namespace
}  // namespace seqsweep::search
