// SPDX-License-Identifier: Apache-2.0
//
// What every scheduler of the catalogue promises.
#include "seqsweep/search/scheduler.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

#include "simulation.hpp"

namespace seqsweep::search {
namespace {

std::unique_ptr<Scheduler> make(const SchedulerOptions& options) {
  return find_in(scheduler_catalogue(), "scheduler", options.name).make(options);
}

class EveryScheduler : public testing::TestWithParam<std::string> {
 protected:
  Study run(SchedulerOptions scheduler, const World& world) const {
    scheduler.name = GetParam();
    StudyOptions options{.ends = {.trials = 80}, .concurrency = 8, .scheduler = scheduler};
    Study study(options, simulated_space(), simulated_cost);
    run_in_random_order(study, world, world.seed);
    return study;
  }
};

TEST_P(EveryScheduler, begins_every_trial_with_the_first_milestone) {
  const auto study = run({.max_epochs = 16}, World{});
  const int first = make({.name = GetParam(), .max_epochs = 16})->begin(TrialId(0));
  for (const auto& segment : study.decisions()) EXPECT_TRUE(segment.from_epoch > 0 || segment.to_epoch == first);
}

TEST_P(EveryScheduler, ends_every_trial_with_a_reason) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto study = run({.max_epochs = 12, .grace_period = 2, .reduction_factor = 2, .interval = 3}, World{seed});
    for (const auto& trial : study.trials()) {
      EXPECT_NE(trial.state, TrialState::running);
      EXPECT_FALSE(trial.reason.empty());
    }
    for (const auto& segment : study.decisions()) EXPECT_FALSE(segment.reason.empty());
  }
}

TEST_P(EveryScheduler, trains_some_trial_to_the_end) {
  const auto study = run({.max_epochs = 16}, World{.has_early_endings = false});
  const auto is_done = [](const TrialRecord& trial) {
    return trial.epochs() == 16 && trial.state == TrialState::completed;
  };
  EXPECT_TRUE(std::any_of(study.trials().begin(), study.trials().end(), is_done));
}

TEST_P(EveryScheduler, takes_trials_of_one_epoch) {
  const auto study = run({.max_epochs = 1}, World{});
  EXPECT_EQ(study.decisions().size(), 80u);
}

TEST_P(EveryScheduler, takes_a_grace_period_of_all_epochs) {
  const auto study = run({.max_epochs = 5, .grace_period = 5}, World{});
  EXPECT_EQ(study.decisions().size(), 80u);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryScheduler, testing::ValuesIn(names_of(scheduler_catalogue())),
                         [](const auto& instance) { return instance.param; });

TEST(Scheduler, refuses_options_that_make_no_sense_and_names_the_key) {
  const auto key_at_fault = [](const SchedulerOptions& options) -> std::string {
    try {
      (void)make(options);
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(error.key));
      return error.key;
    }
    return "accepted";
  };
  EXPECT_EQ(key_at_fault({.name = "none", .max_epochs = 0}), "train.max_epochs");
  EXPECT_EQ(key_at_fault({.name = "asha", .max_epochs = 0}), "train.max_epochs");
  EXPECT_EQ(key_at_fault({.name = "asha", .grace_period = 0}), "search.grace_period");
  EXPECT_EQ(key_at_fault({.name = "asha", .max_epochs = 4, .grace_period = 5}), "search.grace_period");
  EXPECT_EQ(key_at_fault({.name = "asha", .reduction_factor = 1}), "search.reduction_factor");
  EXPECT_EQ(key_at_fault({.name = "median", .interval = 0}), "search.interval");
  EXPECT_EQ(key_at_fault({.name = "median", .min_trials = 0}), "search.min_trials");
  EXPECT_EQ(key_at_fault({.name = "median", .max_epochs = 4, .grace_period = 5}), "search.grace_period");
  EXPECT_EQ(key_at_fault({.name = "none", .max_epochs = 4, .grace_period = 5}), "accepted")
      << "none has no grace period";
}

}  // namespace
}  // namespace seqsweep::search
