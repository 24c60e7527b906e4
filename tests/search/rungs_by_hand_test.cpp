// SPDX-License-Identifier: Apache-2.0
//
// What each scheduler decides, worked out on paper from values that are written down, for either goal.
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "by_hand.hpp"

namespace seqsweep::search {
namespace {

using testing::ElementsAre;

constexpr double lost = std::numeric_limits<double>::infinity();

StudyOptions with_scheduler(const SchedulerOptions& scheduler, int trials, Goal goal, int concurrency = 1) {
  return {.ends = {.trials = trials},
          .concurrency = concurrency,
          .goal = goal,
          .sampler = "random",
          .scheduler = scheduler};
}

std::vector<int> rungs_of(SchedulerOptions options, const std::string& name) {
  options.name = name;
  return make_scheduler(options)->rungs();
}

// One after the other; `values` are to be minimized.
void expect_trained(const SchedulerOptions& scheduler, const Values& values, const std::vector<Trained>& expected) {
  const auto trials = static_cast<int>(values.size());
  EXPECT_EQ(trained_by_study(swept(with_scheduler(scheduler, trials, Goal::minimize), values)), expected)
      << "minimized";
  EXPECT_EQ(trained_by_study(swept(with_scheduler(scheduler, trials, Goal::maximize), negated(values))), expected)
      << "maximized";
}

TEST(RungsByHand, lie_at_powers_of_odd_and_even_factors_and_at_the_last_epoch) {
  EXPECT_THAT(rungs_of({.max_epochs = 50, .grace_period = 2, .reduction_factor = 3}, "asha"),
              ElementsAre(2, 6, 18, 50));
  EXPECT_THAT(rungs_of({.max_epochs = 54, .grace_period = 2, .reduction_factor = 3}, "asha"),
              ElementsAre(2, 6, 18, 54));
  EXPECT_THAT(rungs_of({.max_epochs = 25, .reduction_factor = 5}, "halving"), ElementsAre(1, 5, 25));
  EXPECT_THAT(rungs_of({.max_epochs = 7, .reduction_factor = 7}, "halving"), ElementsAre(1, 7));
  EXPECT_THAT(rungs_of({.max_epochs = 50, .grace_period = 2, .reduction_factor = 5}, "hyperband"),
              ElementsAre(2, 10, 50));
  EXPECT_THAT(rungs_of({.max_epochs = 50, .grace_period = 3, .reduction_factor = 3}, "hyperband"),
              ElementsAre(5, 16, 50));
}

TEST(RungsByHand, of_asha_promote_the_best_third_as_soon_as_it_is_known) {
  const SchedulerOptions asha{.name = "asha", .max_epochs = 9, .reduction_factor = 3};
  // The third trial makes one of three promotable: trial 1. The sixth makes two: trial 5 is better than 1, which went
  // on. At rung 3 there are 1, 5 and, with the ninth trial, 8: the best of three, 5, goes on to the end.
  expect_trained(asha, {0.5, 0.3, 0.4, 0.6, 0.7, 0.2, 0.9, 0.8, 0.25},
                 {{0, 0, 1},
                  {1, 0, 1},
                  {2, 0, 1},
                  {1, 1, 3},
                  {3, 0, 1},
                  {4, 0, 1},
                  {5, 0, 1},
                  {5, 1, 3},
                  {6, 0, 1},
                  {7, 0, 1},
                  {8, 0, 1},
                  {8, 1, 3},
                  {5, 3, 9}});
}

TEST(RungsByHand, of_asha_prefer_the_earlier_of_equal_trials_and_count_those_that_are_lost) {
  const SchedulerOptions asha{.name = "asha", .max_epochs = 2, .reduction_factor = 2};
  expect_trained(asha, {0.5, 0.5, 0.5, 0.5}, {{0, 0, 1}, {1, 0, 1}, {0, 1, 2}, {2, 0, 1}, {3, 0, 1}, {1, 1, 2}});
  // A lost trial is one of two, so the other one goes on; of two that are lost none does.
  expect_trained(asha, {lost, 0.5, 0.6, lost}, {{0, 0, 1}, {1, 0, 1}, {1, 1, 2}, {2, 0, 1}, {3, 0, 1}, {2, 1, 2}});
  expect_trained(asha, {lost, lost, lost, lost}, {{0, 0, 1}, {1, 0, 1}, {2, 0, 1}, {3, 0, 1}});
}

TEST(RungsByHand, of_halving_wait_for_the_whole_round) {
  const SchedulerOptions halving{.name = "halving", .max_epochs = 9, .reduction_factor = 3};
  // Nine trials a round: the best three, 5, 8 and 1 in this order, go on; the best of them to the end.
  expect_trained(halving, {0.5, 0.3, 0.4, 0.6, 0.7, 0.2, 0.9, 0.8, 0.25},
                 {{0, 0, 1},
                  {1, 0, 1},
                  {2, 0, 1},
                  {3, 0, 1},
                  {4, 0, 1},
                  {5, 0, 1},
                  {6, 0, 1},
                  {7, 0, 1},
                  {8, 0, 1},
                  {5, 1, 3},
                  {8, 1, 3},
                  {1, 1, 3},
                  {5, 3, 9}});
}

TEST(RungsByHand, of_halving_round_down_break_ties_by_number_and_leave_lost_trials_behind) {
  const SchedulerOptions of_five{.name = "halving", .max_epochs = 4, .reduction_factor = 2, .round_trials = 5};
  // ⌊5 / 2⌋ = 2 of equal trials: the first two; then one.
  expect_trained(of_five, {1, 1, 1, 1, 1},
                 {{0, 0, 1}, {1, 0, 1}, {2, 0, 1}, {3, 0, 1}, {4, 0, 1}, {0, 1, 2}, {1, 1, 2}, {0, 2, 4}});
  expect_trained(of_five, {lost, 0.5, lost, 0.4, lost},
                 {{0, 0, 1}, {1, 0, 1}, {2, 0, 1}, {3, 0, 1}, {4, 0, 1}, {3, 1, 2}, {1, 1, 2}, {3, 2, 4}});
}

TEST(RungsByHand, of_hyperband_give_each_bracket_its_own_trials_and_first_rung) {
  const SchedulerOptions hyperband{.name = "hyperband", .max_epochs = 9, .reduction_factor = 3};
  // s = 2: nine trials from epoch 1; s = 1: ⌈3 · 3 / 2⌉ = 5 from epoch 3, of which one goes on; s = 0: three to 9.
  expect_trained(hyperband, {0.5, 0.3, 0.4, 0.6, 0.7, 0.2, 0.9, 0.8, 0.25, 0.9, 0.8, 0.1, 0.7, 0.6, 3, 2, 1},
                 {{0, 0, 1},  {1, 0, 1},  {2, 0, 1},  {3, 0, 1},  {4, 0, 1},  {5, 0, 1}, {6, 0, 1},  {7, 0, 1},
                  {8, 0, 1},  {5, 1, 3},  {8, 1, 3},  {1, 1, 3},  {5, 3, 9},  {9, 0, 3}, {10, 0, 3}, {11, 0, 3},
                  {12, 0, 3}, {13, 0, 3}, {11, 3, 9}, {14, 0, 9}, {15, 0, 9}, {16, 0, 9}});
}

TEST(RungsByHand, of_asha_brackets_share_the_budget_from_the_first_trial_on) {
  // A trial of bracket 0 is expected to take 1 + 2 · 1/3 = 5/3 epochs, one of bracket 1 takes 3. The claims
  // (begun + ½) · epochs are 0.83 and 1.5, 2.5 and 1.5, 2.5 and 4.5, 4.2 and 4.5, 5.8 and 4.5.
  const SchedulerOptions asha{.name = "asha", .max_epochs = 3, .reduction_factor = 3, .brackets = 2};
  expect_trained(asha, {5, 4, 6, 7, 8}, {{0, 0, 1}, {1, 0, 3}, {2, 0, 1}, {3, 0, 1}, {0, 1, 3}, {4, 0, 3}});
}

// ---- median

TEST(MedianByHand, stops_who_is_worse_than_the_median_of_those_at_the_same_epoch) {
  const SchedulerOptions median{.name = "median", .max_epochs = 4, .interval = 2, .min_trials = 2};
  // Compared at epochs 1 and 3. Trial 2 is better than the median of 0.5 and 1, trial 3 worse than 0.625, the middle
  // one of three. Trial 4 equals the median of four, and at epoch 3, without trial 3, is worse than 0.625.
  expect_trained(median, {0.5, 1, 0.625, 0.75, 0.6875},
                 {{0, 0, 1},
                  {0, 1, 3},
                  {0, 3, 4},
                  {1, 0, 1},
                  {1, 1, 3},
                  {1, 3, 4},
                  {2, 0, 1},
                  {2, 1, 3},
                  {2, 3, 4},
                  {3, 0, 1},
                  {4, 0, 1},
                  {4, 1, 3}});
}

using Curve = std::map<int, double>;  // by epoch

void run_curves(Study& study, const std::vector<Curve>& curves) {
  auto open = study.begin();
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto [trial, from_epoch, to_epoch] = std::tuple(open[i].trial, open[i].from_epoch, open[i].to_epoch);
    const double value = curves.at(static_cast<std::size_t>(trial.value)).at(to_epoch);
    for (const auto& next : study.report({trial, from_epoch, to_epoch, Ending::reached, to_epoch, value}))
      open.push_back(next);
  }
}

// Compared at 2, 5 and 8; the last epoch, 9, is none of these, and its values are no others of epoch 8.
TEST(MedianByHand, compares_no_trial_with_what_others_were_at_the_last_epoch) {
  const SchedulerOptions median{.name = "median", .max_epochs = 9, .grace_period = 2, .interval = 3, .min_trials = 1};
  Study study(with_scheduler(median, 2, Goal::minimize), SearchSpace({{"x", Uniform{0, 1}, {}}}),
              [](const Point&) { return 1.0; });
  run_curves(study, {{{2, 0.9}, {5, 0.8}, {8, 0.7}, {9, 0.1}}, {{2, 0.9}, {5, 0.8}, {8, 0.6}, {9, 0.6}}});
  EXPECT_THAT(trained_by_study(study),
              ElementsAre(Trained(0, 0, 2), Trained(0, 2, 5), Trained(0, 5, 8), Trained(0, 8, 9), Trained(1, 0, 2),
                          Trained(1, 2, 5), Trained(1, 5, 8), Trained(1, 8, 9)));
  EXPECT_EQ(study.decisions().back().reason, "epoch 8: 0.6 is no worse than 0.7, the median of 1 others");
}

// ---- the ends of trials

TEST(ReplicationByHand, trains_the_best_again_of_either_goal_and_the_earlier_of_equal_ones_first) {
  for (const auto goal : {Goal::minimize, Goal::maximize}) {
    auto options = with_scheduler({.name = "none", .max_epochs = 4}, 5, goal);
    options.replication = {.best = 3, .times = 2};
    const Values values = {0.5, 0.3, 0.3, lost, 0.2};
    const auto study = swept(options, goal == Goal::maximize ? negated(values) : values);
    std::vector<int> parents;
    for (const auto& trial : study.trials())
      if (trial.is_replicate()) parents.push_back(trial.parent.trial.value);
    EXPECT_THAT(parents, ElementsAre(4, 1, 2, 4, 1, 2)) << name_of(goal);
    EXPECT_EQ(study.best()->id, TrialId(4));
  }
}

}  // namespace
}  // namespace seqsweep::search
