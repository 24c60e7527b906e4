// SPDX-License-Identifier: Apache-2.0
// How far a budget is said to carry, against what schedulers do with it.
#include "seqsweep/search/reach.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation.hpp"

namespace seqsweep::search {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

StudyOptions options_of(const SchedulerOptions& scheduler, int trials) {
  return {.ends = {.trials = trials}, .concurrency = 3, .sampler = "random", .scheduler = scheduler};
}

Reach reach_of(const SchedulerOptions& scheduler, int trials) {
  return reach_of(options_of(scheduler, trials), std::nullopt);
}

// How many trials were trained to each rung at least, in a sweep that is run.
std::map<int, std::int64_t> trained_to(const Study& study, const std::vector<RungReach>& rungs) {
  std::map<int, std::int64_t> trained;
  for (const auto& trial : study.trials())
    for (const auto& rung : rungs) trained[rung.epoch] += trial.epochs() >= rung.epoch;
  return trained;
}

TEST(Reach, asha_of_12_trials_promotes_none_to_the_last_of_64_epochs_and_says_what_would) {
  const auto reach = reach_of({.name = "asha", .max_epochs = 64}, 12);
  EXPECT_THAT(reach.rungs,
              ElementsAre(RungReach{1, 12, 12}, RungReach{4, 3, 9}, RungReach{16, 0, 6}, RungReach{64, 0, 3}));
  EXPECT_FALSE(reach.is_enough);
  EXPECT_EQ(
      reach.sentence,
      "12 trials to epoch 1, about 3 to epoch 4, none to epochs 16 and 64 (unless each trial is better than those "
      "before it: then 6, 3); for one to be trained for all 64 epochs, raise sweep.trials to 64, lower "
      "train.max_epochs, or raise search.grace_period");
  EXPECT_TRUE(reach_of({.name = "asha", .max_epochs = 64}, 64).is_enough);
  EXPECT_FALSE(reach_of({.name = "asha", .max_epochs = 64}, 63).is_enough);
}

TEST(Reach, of_asha_lies_between_what_is_certain_and_the_luckiest_order) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const SchedulerOptions scheduler{.name = "asha",
                                     .max_epochs = 16,
                                     .grace_period = 1,
                                     .reduction_factor = 2 + static_cast<int>(seed % 3),
                                     .brackets = 1 + static_cast<int>(seed % 2)};
    const int trials = 1 + static_cast<int>(seed);
    Study study(options_of(scheduler, trials), simulated_space(), simulated_cost);
    run_in_random_order(study, {.seed = seed, .has_early_endings = false}, seed);
    const auto reach = reach_of(scheduler, trials);
    const auto trained = trained_to(study, reach.rungs);
    for (const auto& rung : reach.rungs) {
      EXPECT_GE(trained.at(rung.epoch), rung.trials) << "seed " << seed << ", epoch " << rung.epoch;
      EXPECT_LE(trained.at(rung.epoch), rung.most) << "seed " << seed << ", epoch " << rung.epoch;
    }
  }
}

TEST(Reach, of_asha_is_at_most_what_trials_that_come_in_rising_order_reach) {
  const auto asha = make_scheduler({.name = "asha", .max_epochs = 64});
  const auto reach = asha->reach(12);
  std::map<int, std::int64_t> trained;
  for (int trial = 0; trial < 12; ++trial) {
    TrialRecord record{.id = TrialId(trial), .point = {}, .state = TrialState::running, .curve = {}, .reason = {}};
    for (int epoch = asha->begin(record.id); epoch > 0;) {
      ++trained[epoch];
      record.curve.push_back({epoch, -1.0 * trial});
      const auto verdict = asha->committed(record);
      epoch = verdict.kind == Verdict::Kind::proceed ? verdict.to_epoch : 0;
    }
  }
  for (const auto& rung : reach) EXPECT_EQ(trained[rung.epoch], rung.most) << rung.epoch;
}

TEST(Reach, of_rounds_that_wait_is_what_they_train) {
  for (const std::string name : {"halving", "hyperband"})
    for (const int trials : {1, 3, 5, 16, 17, 50}) {
      const SchedulerOptions scheduler{.name = name, .max_epochs = 27, .reduction_factor = 3, .round_trials = 9};
      Study study(options_of(scheduler, trials), simulated_space(), simulated_cost);
      run_in_random_order(study, {.seed = 1, .has_early_endings = false}, 1);
      const auto reach = reach_of(scheduler, trials);
      const auto trained = trained_to(study, reach.rungs);
      for (const auto& rung : reach.rungs)
        EXPECT_EQ(trained.at(rung.epoch), rung.trials) << name << ", " << trials << " trials, epoch " << rung.epoch;
    }
}

TEST(Reach, is_no_farther_than_the_epochs_of_all_trials_together_allow) {
  auto options = options_of({.name = "none", .max_epochs = 64}, 12);
  EXPECT_EQ(reach_of(options, std::nullopt).sentence, "") << "every trial may be trained to its end";
  options.ends.epochs = 130;
  EXPECT_THAT(reach_of(options, std::nullopt).rungs, ElementsAre(RungReach{64, 2, 2}));
  options.ends.epochs = 63;
  const auto reach = reach_of(options, std::nullopt);
  EXPECT_FALSE(reach.is_enough);
  EXPECT_THAT(reach.sentence, HasSubstr("raise sweep.max_total_epochs to 64 at least"));
}

TEST(Reach, counts_no_more_trials_than_there_are_points) {
  const auto options = options_of({.name = "asha", .max_epochs = 64}, 1000);
  const auto reach = reach_of(options, 12);
  EXPECT_EQ(reach.rungs.front().trials, 12);
  EXPECT_THAT(reach.sentence, testing::Not(HasSubstr("sweep.trials"))) << "more would not help";
}

TEST(Reach, says_where_a_scheduler_has_nothing_to_decide) {
  const auto sentence = [](const SchedulerOptions& scheduler, int trials) {
    return reach_of(scheduler, trials).sentence;
  };
  EXPECT_THAT(sentence({.name = "asha", .max_epochs = 4, .grace_period = 4}, 12), HasSubstr("its only rung"));
  EXPECT_THAT(sentence({.name = "median", .max_epochs = 4, .min_trials = 5}, 5), HasSubstr("there are 4"));
  EXPECT_EQ(sentence({.name = "median", .max_epochs = 4, .min_trials = 5}, 6), "");
  EXPECT_THAT(sentence({.name = "median", .max_epochs = 4, .grace_period = 4}, 12), HasSubstr("search.grace_period"));
  EXPECT_THAT(sentence({.name = "pbt", .max_epochs = 4, .interval = 4}, 12), HasSubstr("search.interval"));
  EXPECT_THAT(sentence({.name = "pbt", .max_epochs = 4, .interval = 2}, 1), HasSubstr("nobody to copy"));
  EXPECT_EQ(sentence({.name = "pbt", .max_epochs = 4, .interval = 2}, 2), "");
}

}  // namespace
}  // namespace seqsweep::search
