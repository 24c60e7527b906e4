// SPDX-License-Identifier: Apache-2.0
//
// Where a sweep ends, to the trial: sweep.patience, target, max_total_epochs and max_multiply_adds.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "by_hand.hpp"

namespace seqsweep::search {
namespace {

constexpr double lost = std::numeric_limits<double>::infinity();

// Trials of four epochs, so of 10 multiply-adds, one after the other.
StudyOptions with_ends(SweepEnds ends, Goal goal = Goal::minimize, int concurrency = 1) {
  ends.trials = 100;
  StudyOptions options{.ends = ends, .concurrency = concurrency, .goal = goal, .sampler = "random", .scheduler = {}};
  options.scheduler.name = "none";
  options.scheduler.max_epochs = 4;
  return options;
}

std::size_t num_trials(const StudyOptions& options, const Values& values) {
  return swept(options, values).trials().size();
}

// ---- patience

TEST(Patience, ends_a_sweep_when_exactly_so_many_trials_brought_nothing_better) {
  const Values values = {1, 0.5, 0.7, 0.6, 0.9};  // trial 1 is the best
  for (const int patience : {1, 2, 3, 7}) {
    const auto expected = static_cast<std::size_t>(2 + patience);
    EXPECT_EQ(num_trials(with_ends({.patience = patience}), values), expected);
    EXPECT_EQ(num_trials(with_ends({.patience = patience}, Goal::maximize), negated(values)), expected);
  }
  EXPECT_EQ(swept(with_ends({.patience = 3}), values).end_reason(),
            "no better value while 3 trials began (sweep.patience)");
}

TEST(Patience, begins_anew_with_each_better_value_and_not_with_an_equal_one) {
  for (const auto goal : {Goal::minimize, Goal::maximize}) {
    const auto in_sense = [&](const Values& values) { return goal == Goal::maximize ? negated(values) : values; };
    EXPECT_EQ(num_trials(with_ends({.patience = 2}, goal), in_sense({3, 2, 2.5, 1, 1, 0.5, 0.6, 0.7})), 8u);
    EXPECT_EQ(num_trials(with_ends({.patience = 2}, goal), in_sense({3, 3, 3, 1})), 3u);
  }
}

TEST(Patience, counts_trials_that_began_while_others_ran) {
  // Two at a time. The best value is committed when trials 0 to 2 have begun; the third one after that is trial 5.
  EXPECT_EQ(num_trials(with_ends({.patience = 3}, Goal::minimize, 2), {1, 0.5, 0.7}), 6u);
}

TEST(Patience, is_used_up_by_trials_that_are_lost) {
  EXPECT_EQ(num_trials(with_ends({.patience = 3}), {lost}), 3u);
  EXPECT_EQ(num_trials(with_ends({.patience = 3}), {1, lost}), 4u);
}

// ---- target

TEST(Target, ends_a_sweep_at_a_value_that_equals_it) {
  EXPECT_EQ(num_trials(with_ends({.target = 0.5}), {0.75, std::nextafter(0.5, 1), 0.5, 0.25}), 3u);
  EXPECT_EQ(num_trials(with_ends({.target = 0.5}, Goal::maximize), {0.25, std::nextafter(0.5, 0), 0.5, 0.75}), 3u);
  EXPECT_EQ(swept(with_ends({.target = 0.5}), {0.5}).end_reason(), "sweep.target = 0.5 is reached");
}

TEST(Target, is_passed_only_on_the_side_of_the_goal) {
  EXPECT_EQ(num_trials(with_ends({.target = 0.5}), {0.75, 0.25}), 2u);
  EXPECT_EQ(num_trials(with_ends({.target = 0.5}, Goal::maximize), {0.25, 0.75}), 2u);
  EXPECT_EQ(num_trials(with_ends({.target = -2}, Goal::maximize), {-4, -3, -1}), 3u);
  EXPECT_EQ(num_trials(with_ends({.target = 0}), {0.5, -0.5}), 2u) << "0 is a target like any other";
}

// ---- budgets

TEST(MaxTotalEpochs, may_be_used_up_to_the_last_one) {
  EXPECT_EQ(num_trials(with_ends({.epochs = 12}), {1}), 3u);
  EXPECT_EQ(num_trials(with_ends({.epochs = 11}), {1}), 2u);
  EXPECT_EQ(num_trials(with_ends({.epochs = 15}), {1}), 3u) << "no trial that would not be trained to its end begins";
  EXPECT_EQ(swept(with_ends({.epochs = 11}), {1}).end_reason(),
            "the next segment would exceed sweep.max_total_epochs = 11");
}

TEST(MaxMultiplyAdds, may_be_used_up_to_the_last_one) {
  EXPECT_EQ(num_trials(with_ends({.multiply_adds = 30}), {1}), 3u);
  EXPECT_EQ(num_trials(with_ends({.multiply_adds = std::nextafter(30.0, 0)}), {1}), 2u);
  EXPECT_EQ(swept(with_ends({.multiply_adds = 29}), {1}).end_reason(),
            "the next segment would exceed sweep.max_multiply_adds = 29");
}

// A promoted trial takes what it has not had yet.
TEST(MaxTotalEpochs, counts_a_promotion_by_the_epochs_that_it_adds) {
  auto options = with_ends({.epochs = 8});
  options.scheduler = {.name = "asha", .max_epochs = 4, .reduction_factor = 2};
  const Values values = {0.5, 0.4, 0.6, 0.1, 0.7};
  const std::vector<Trained> to_the_end = {{0, 0, 1}, {1, 0, 1}, {1, 1, 2}, {2, 0, 1}, {3, 0, 1}, {3, 1, 2}, {3, 2, 4}};
  EXPECT_EQ(trained_by_study(swept(options, values)), to_the_end);
  options.ends.epochs = 7;
  const auto cut_short = swept(options, values);
  EXPECT_EQ(trained_by_study(cut_short), std::vector<Trained>(to_the_end.begin(), to_the_end.end() - 1));
  EXPECT_EQ(cut_short.trials()[3].state, TrialState::paused);
  options.ends = {.trials = 100, .multiply_adds = 8 * 2.5};
  EXPECT_EQ(trained_by_study(swept(options, values)), to_the_end);
}

TEST(Trials, are_as_many_as_asked_for) {
  auto options = with_ends({});
  options.ends.trials = 7;
  const auto study = swept(options, {1});
  EXPECT_EQ(study.trials().size(), 7u);
  EXPECT_EQ(study.end_reason(), "sweep.trials = 7");
}

}  // namespace
}  // namespace seqsweep::search
