// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "halving_reference.hpp"
#include "repetitions.hpp"

namespace seqsweep::search {
namespace {

using testing::ElementsAre;
using testing::Pair;

Study run(SchedulerOptions scheduler, int num_trials, const World& world) {
  scheduler.name = "hyperband";
  Study study({.ends = {.trials = num_trials}, .concurrency = 7, .sampler = "random", .scheduler = scheduler},
              simulated_space(), simulated_cost);
  run_in_random_order(study, world, world.seed);
  return study;
}

TEST(Hyperband, trains_as_many_to_each_rung_as_the_table_of_the_paper) {
  const int one_cycle = 81 + 34 + 15 + 8 + 5;
  const auto study = run({.max_epochs = 81, .reduction_factor = 3}, 2 * one_cycle, World{.has_early_endings = false});
  for (const int first : {0, one_cycle}) {
    EXPECT_THAT(trained_to_each_epoch(study, first, first + 81),
                ElementsAre(Pair(1, 81), Pair(3, 27), Pair(9, 9), Pair(27, 3), Pair(81, 1)));
    EXPECT_THAT(trained_to_each_epoch(study, first + 81, first + 115),
                ElementsAre(Pair(3, 34), Pair(9, 11), Pair(27, 3), Pair(81, 1)));
    EXPECT_THAT(trained_to_each_epoch(study, first + 115, first + 130),
                ElementsAre(Pair(9, 15), Pair(27, 5), Pair(81, 1)));
    EXPECT_THAT(trained_to_each_epoch(study, first + 130, first + 138), ElementsAre(Pair(27, 8), Pair(81, 2)));
    EXPECT_THAT(trained_to_each_epoch(study, first + 138, first + 143), ElementsAre(Pair(81, 5)));
  }
}

TEST(Hyperband, trains_no_trial_shorter_than_the_grace_period) {
  const auto study = run({.max_epochs = 81, .grace_period = 9, .reduction_factor = 3}, 17, World{3, false});
  EXPECT_THAT(trained_to_each_epoch(study, 0, 9), ElementsAre(Pair(9, 9), Pair(27, 3), Pair(81, 1)));
  EXPECT_THAT(trained_to_each_epoch(study, 9, 14), ElementsAre(Pair(27, 5), Pair(81, 1)));
  EXPECT_THAT(trained_to_each_epoch(study, 14, 17), ElementsAre(Pair(81, 3)));
}

TEST(Hyperband, rounds_epochs_down_where_the_last_is_no_power_of_the_reduction_factor) {
  const auto study = run({.max_epochs = 100, .reduction_factor = 3}, 81, World{.has_early_endings = false});
  EXPECT_THAT(trained_to_each_epoch(study, 0, 81),
              ElementsAre(Pair(1, 81), Pair(3, 27), Pair(11, 9), Pair(33, 3), Pair(100, 1)));
}

TEST(Hyperband, trains_what_plain_brackets_train_whatever_ends_early) {
  const std::vector<PlannedBracket> plans = {{8, {2, 4, 8, 17}}, {6, {4, 8, 17}}, {4, {8, 17}}, {4, {17}}};
  for (std::uint64_t seed = 0; seed < test::repetitions(60); ++seed)
    for (const int num_trials :
         {3, 22, 50}) {  // cut short in the first bracket, at the end of one, in the second cycle
      const World world{.seed = seed};
      const auto study = run({.max_epochs = 17, .grace_period = 2, .reduction_factor = 2}, num_trials, world);
      ASSERT_EQ(trained_by(study), trained_by_plain_halving(plans, 2, num_trials, world))
          << "seed " << seed << ", " << num_trials << " trials";
    }
}

TEST(Hyperband, names_bracket_and_round_in_its_reasons) {
  const auto study = run({.max_epochs = 4, .reduction_factor = 2}, 20, World{.has_early_endings = false});
  // s = 2, 1, 0: 4, 3 and 3 trials, and so again
  EXPECT_THAT(study.trials()[4].reason, testing::StartsWith("bracket s = 1, round 1, rung "));
  EXPECT_THAT(study.trials()[10].reason, testing::StartsWith("bracket s = 2, round 2, rung "));
  EXPECT_THAT(study.trials()[17].reason, testing::StartsWith("bracket s = 0, round 2, rung 4: "));
}

}  // namespace
}  // namespace seqsweep::search
