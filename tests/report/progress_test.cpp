// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/progress.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/sweeps.hpp"

namespace seqsweep::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = Outlook::Kind;
using search::Goal;

const double nan = std::nan("");

// One trial after the other, ten epochs each.
std::vector<Measured> sequence_of(const std::vector<double>& values) {
  std::vector<Measured> measured;
  for (const double value : values) {
    const auto i = static_cast<std::int64_t>(measured.size());
    measured.push_back(
        {.trial = TrialId(static_cast<int>(i)), .num_trials = i + 1, .num_epochs = 10 * (i + 1), .value = value});
  }
  return measured;
}

TEST(Improvements, are_strictly_better_than_all_before_and_never_a_trial_without_a_value) {
  EXPECT_THAT(improvements(sequence_of({nan, 3, 5, 3, 2, nan, 1}), Goal::minimize), ElementsAre(1, 4, 6));
  EXPECT_THAT(improvements(sequence_of({3, 5, 5, 2, 7}), Goal::maximize), ElementsAre(0, 1, 4));
}

TEST(Outlook, has_levelled_off_where_the_last_third_gained_nothing) {
  const auto found = outlook(sequence_of({5, 2, 3, 4, 4, 4, 4, 4, 4}), Goal::minimize, nan);
  EXPECT_EQ(found.kind, Kind::levelled_off);
  EXPECT_THAT(found.sentence, HasSubstr("22 % of the epochs"));
}

TEST(Outlook, is_improving_where_the_last_third_found_better_ones) {
  const auto found = outlook(sequence_of({5, 4, 4, 4, 4, 4, 4, 4, 2}), Goal::minimize, nan);
  EXPECT_EQ(found.kind, Kind::improving);
  EXPECT_THAT(found.sentence, HasSubstr("from 4 to 2"));
  EXPECT_EQ(outlook(sequence_of({5, 4, 4, 4, 4, 4, 4, 4, 6}), Goal::maximize, nan).kind, Kind::improving);
}

TEST(Outlook, takes_a_gain_within_the_seed_spread_for_noise) {
  const auto measured = sequence_of({5, 4, 4, 4, 4, 4, 4, 4, 3.8});
  EXPECT_EQ(outlook(measured, Goal::minimize, 0.1).kind, Kind::improving);
  EXPECT_EQ(outlook(measured, Goal::minimize, 0.3).kind, Kind::levelled_off);
}

TEST(Outlook, says_nothing_from_a_handful_of_results_or_without_values) {
  EXPECT_EQ(outlook(sequence_of({5, 4, 3}), Goal::minimize, nan).kind, Kind::unknown);
  EXPECT_EQ(outlook(sequence_of({nan, nan, nan, nan, nan, nan, nan}), Goal::minimize, nan).kind, Kind::unknown);
}

TEST(MeasuredInOrder, counts_trials_once_and_the_epochs_of_all_segments) {
  const auto measured = measured_in_order(test::large_sweep(4));  // trials 0 and 3 went on to epoch 16
  ASSERT_EQ(measured.size(), 6U);
  EXPECT_EQ(measured.back().num_trials, 4);
  EXPECT_EQ(measured.back().num_epochs, 2 * 16 + 2 * 4);
}

TEST(MeasuredInOrder, leaves_replicates_out) {
  auto results = test::large_sweep(4);
  results.trials[2].parent.trial = TrialId(0);
  for (const auto& one : measured_in_order(results)) EXPECT_NE(one.trial, TrialId(2));
}

}  // namespace
}  // namespace seqsweep::report
