// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/scheduler.hpp"

namespace seqsweep::search {
namespace {

std::unique_ptr<Scheduler> make_median(SchedulerOptions options) {
  options.name = "median";
  return find_in(scheduler_catalogue(), "scheduler", options.name).make(options);
}

TrialRecord measured(int trial, int epoch, double value) {
  return {.id = TrialId(trial), .point = {}, .state = TrialState::running, .curve = {{epoch, value}}, .reason = {}};
}

TEST(Median, stops_a_trial_that_is_worse_than_the_median_of_the_others) {
  const auto median = make_median({.max_epochs = 10, .grace_period = 2, .interval = 3, .min_trials = 4});
  EXPECT_EQ(median->begin(TrialId(0)), 2);
  for (int trial = 0; trial < 4; ++trial) {
    const auto verdict = median->committed(measured(trial, 2, 0.1 * (trial + 1)));
    EXPECT_THAT(verdict.reason, testing::EndsWith(std::to_string(trial) + " others, 4 needed"));
    EXPECT_EQ(verdict.kind, Verdict::Kind::proceed) << "too few to compare with";
    EXPECT_EQ(verdict.to_epoch, 5);
  }
  const auto worse = median->committed(measured(4, 2, 0.26));
  EXPECT_EQ(worse.kind, Verdict::Kind::stop);
  EXPECT_EQ(worse.reason, "epoch 2: 0.26 is worse than 0.25, the median of 4 others");
  const auto equal = median->committed(measured(5, 2, 0.26));
  EXPECT_EQ(equal.kind, Verdict::Kind::proceed) << "as good as the median";
  EXPECT_EQ(equal.reason, "epoch 2: 0.26 is no worse than 0.26, the median of 5 others");
  EXPECT_EQ(median->committed(measured(5, 5, 9)).kind, Verdict::Kind::proceed) << "the first one at epoch 5";
}

TEST(Median, compares_every_interval_and_ends_with_the_last_epoch) {
  const auto median = make_median({.max_epochs = 10, .grace_period = 3, .interval = 4, .min_trials = 1});
  EXPECT_EQ(median->committed(measured(0, 3, 1)).to_epoch, 7);
  EXPECT_EQ(median->committed(measured(0, 7, 1)).to_epoch, 10);
  EXPECT_EQ(median->committed(measured(0, 10, 1)).kind, Verdict::Kind::complete);
  median->committed(measured(1, 3, 1));
  EXPECT_EQ(median->committed(measured(1, 10, 2)).kind, Verdict::Kind::complete) << "nothing is left to stop";
}

// Against the median of a sorted list.
TEST(Median, decides_as_a_plain_reference) {
  auto stream = RandomKey(1).fold(Purpose::test).stream();
  const auto median = make_median({.max_epochs = 4, .grace_period = 1, .interval = 1, .min_trials = 5});
  std::map<int, std::vector<double>> seen;
  int num_stopped = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    const int epoch = 1 + static_cast<int>(stream.below(3));
    const double value = stream.below(50);
    auto& others = seen[epoch];
    std::sort(others.begin(), others.end());
    const auto n = others.size();
    const bool is_worse = n >= 5 && value > (others[(n - 1) / 2] + others[n / 2]) / 2;
    ASSERT_EQ(median->committed(measured(trial, epoch, value)).kind == Verdict::Kind::stop, is_worse);
    others.push_back(value);
    num_stopped += is_worse;
  }
  EXPECT_NEAR(num_stopped, 1470, 100);
}

}  // namespace
}  // namespace seqsweep::search
