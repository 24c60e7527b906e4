// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/rungs.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "report/sweeps.hpp"

namespace seqsweep::report {
namespace {

TEST(Rungs, count_who_went_on_who_was_left_and_who_was_lost) {
  auto results = test::large_sweep(9);  // 0, 3 and 6 went on
  results.trials[1].state = search::TrialState::stopped;
  results.trials[2].state = search::TrialState::diverged;
  const auto rungs = rungs_of(results, TrialId(3));
  ASSERT_EQ(rungs.size(), 2U);
  EXPECT_EQ(rungs[0].epoch, 4);
  EXPECT_EQ(rungs[0].num_measured, 9);
  EXPECT_EQ(rungs[0].num_went_on, 3);
  EXPECT_EQ(rungs[0].num_stopped, 1);
  EXPECT_EQ(rungs[0].num_lost, 1);
  EXPECT_EQ(rungs[0].num_waiting, 4);
  EXPECT_EQ(rungs[1].epoch, 16);
  EXPECT_EQ(rungs[1].num_completed, 3);
}

TEST(Rungs, tell_the_place_of_the_winner_and_the_best_left_behind) {
  auto results = test::large_sweep(9);
  for (auto& segment : results.segments)
    if (segment.to_epoch == 4) segment.value = 10 + segment.trial.value;
  const auto rungs = rungs_of(results, TrialId(3));
  EXPECT_EQ(rungs[0].place_of_winner, 4);
  EXPECT_EQ(rungs[0].worst_gone_on, 16);  // trial 6
  EXPECT_EQ(rungs[0].best_left, 11);      // trial 1
  EXPECT_TRUE(std::isnan(rungs[1].best_left));
}

TEST(Rungs, give_equal_trials_the_same_place) {
  auto results = test::large_sweep(9);
  for (auto& segment : results.segments)
    if (segment.to_epoch == 4) segment.value = segment.trial.value == 7 ? 1 : 2;
  EXPECT_EQ(rungs_of(results, TrialId(3))[0].place_of_winner, 2);
  EXPECT_EQ(rungs_of(results, TrialId(7))[0].place_of_winner, 1);
}

TEST(Rungs, are_none_where_every_trial_ends_at_one_epoch) {
  auto results = test::large_sweep(1);
  results.segments.resize(1);
  EXPECT_TRUE(rungs_of(results, TrialId(0)).empty());
  EXPECT_TRUE(rungs_of(test::empty_sweep(), std::nullopt).empty());
}

}  // namespace
}  // namespace seqsweep::report
