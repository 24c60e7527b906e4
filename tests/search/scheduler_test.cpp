// SPDX-License-Identifier: Apache-2.0
//
// What every scheduler of the catalogue promises.
#include "seqsweep/search/scheduler.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

#include "repetitions.hpp"
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
    StudyOptions options{.ends = {.trials = 80}, .concurrency = 8, .sampler = "random", .scheduler = scheduler};
    Study study(options, simulated_space(), simulated_cost);
    run_in_random_order(study, world, world.seed);
    return study;
  }
};

// Options that no scheduler takes by default: uneven rungs, brackets, small rounds.
SchedulerOptions unusual_options() {
  return {.max_epochs = 12,
          .grace_period = 2,
          .reduction_factor = 2,
          .brackets = 3,
          .round_trials = 7,
          .interval = 3,
          .min_trials = 3};
}

TEST_P(EveryScheduler, begins_trials_by_their_number_alone) {
  for (SchedulerOptions options : {SchedulerOptions{.max_epochs = 16}, unusual_options()}) {
    const auto study = run(options, World{});
    options.name = GetParam();
    const auto alone = make(options);
    for (const auto& segment : study.decisions())
      if (segment.from_epoch == 0) {
        EXPECT_EQ(segment.to_epoch, alone->begin(segment.trial));
      }
  }
}

TEST_P(EveryScheduler, with_rungs_ends_its_segments_at_them) {
  for (SchedulerOptions options : {SchedulerOptions{.max_epochs = 16}, unusual_options()}) {
    const auto study = run(options, World{.has_early_endings = false});
    options.name = GetParam();
    const auto rungs = make_scheduler(options)->rungs();
    if (rungs.empty()) continue;
    EXPECT_TRUE(std::is_sorted(rungs.begin(), rungs.end()));
    EXPECT_EQ(rungs.back(), options.max_epochs);
    for (const auto& segment : study.decisions()) EXPECT_THAT(rungs, testing::Contains(segment.to_epoch));
  }
}

TEST_P(EveryScheduler, ends_every_trial_or_leaves_it_at_a_rung_with_a_reason) {
  for (std::uint64_t seed = 0; seed < test::repetitions(20); ++seed) {
    const auto study = run(unusual_options(), World{seed, seed % 2 == 0});
    for (const auto& trial : study.trials()) {
      EXPECT_NE(trial.state, TrialState::running);
      EXPECT_FALSE(trial.reason.empty());
      if (trial.state == TrialState::paused) {
        EXPECT_THAT(trial.reason, testing::HasSubstr("rung "));
        EXPECT_LT(trial.epochs(), 12) << "paused at the last rung";
      }
    }
    for (const auto& segment : study.decisions()) EXPECT_FALSE(segment.reason.empty());
  }
}

TEST_P(EveryScheduler, decides_the_same_on_any_number_of_workers) {
  SchedulerOptions scheduler = unusual_options();
  scheduler.name = GetParam();
  const auto decisions_on = [&](int workers, std::uint64_t timing) {
    Study study({.ends = {.trials = 80}, .concurrency = 8, .sampler = "random", .scheduler = scheduler},
                simulated_space(), simulated_cost);
    run_on_workers(study, World{}, workers, timing);
    return decisions_of(study);
  };
  const auto first = decisions_on(1, 0);
  for (const int workers : {1, 3, 16})
    for (std::uint64_t timing = 1; timing < test::repetitions(10); ++timing)
      ASSERT_EQ(decisions_on(workers, timing), first);
}

TEST_P(EveryScheduler, keeps_all_logical_workers_busy_while_trials_are_left) {
  const auto study = run(unusual_options(), World{});
  const auto& decisions = study.decisions();
  double last_begin = 0;
  for (const auto& segment : decisions)
    if (segment.from_epoch == 0) last_begin = segment.virtual_start;
  for (const auto& at : decisions) {
    if (at.virtual_start >= last_begin) continue;
    const auto num_running = std::count_if(decisions.begin(), decisions.end(), [&](const Segment& segment) {
      return segment.virtual_start <= at.virtual_start && segment.virtual_finish > at.virtual_start;
    });
    ASSERT_EQ(num_running, 8);
  }
}

TEST_P(EveryScheduler, goes_through_all_trials_where_each_fails) {
  SchedulerOptions scheduler = unusual_options();
  scheduler.name = GetParam();
  for (const auto ending : {Ending::failed, Ending::diverged, Ending::exhausted}) {
    Study study({.ends = {.trials = 80}, .concurrency = 8, .sampler = "random", .scheduler = scheduler},
                simulated_space(), simulated_cost);
    auto open = study.begin();
    while (!open.empty()) {
      const auto segment = open.back();
      open.pop_back();
      for (auto& next : study.report({segment.trial, segment.from_epoch, segment.to_epoch, ending, 1, 0.5}))
        open.push_back(std::move(next));
    }
    EXPECT_TRUE(study.is_finished());
    EXPECT_EQ(study.decisions().size(), 80u) << "who ended does not go on";
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
  if (GetParam() == "pbt") GTEST_SKIP() << "it has no grace period";
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
  for (const auto* name : {"asha", "halving", "hyperband"}) {
    EXPECT_EQ(key_at_fault({.name = name, .reduction_factor = 1}), "search.reduction_factor");
    EXPECT_EQ(key_at_fault({.name = name, .max_epochs = 4, .grace_period = 5}), "search.grace_period");
  }
  EXPECT_EQ(key_at_fault({.name = "asha", .brackets = 0}), "search.brackets");
  EXPECT_EQ(key_at_fault({.name = "asha", .max_epochs = 16, .brackets = 4}), "search.brackets");
  EXPECT_EQ(key_at_fault({.name = "asha", .max_epochs = 16, .brackets = 3}), "accepted") << "rungs 1, 4, 16";
  EXPECT_EQ(key_at_fault({.name = "halving", .round_trials = -1}), "search.round_trials");
  EXPECT_EQ(key_at_fault({.name = "median", .interval = 0}), "search.interval");
  EXPECT_EQ(key_at_fault({.name = "median", .min_trials = 0}), "search.min_trials");
  EXPECT_EQ(key_at_fault({.name = "median", .max_epochs = 4, .grace_period = 5}), "search.grace_period");
  EXPECT_EQ(key_at_fault({.name = "pbt", .interval = 0}), "search.interval");
  EXPECT_EQ(key_at_fault({.name = "pbt", .quantile = 0.6}), "search.quantile");
  EXPECT_EQ(key_at_fault({.name = "none", .max_epochs = 4, .grace_period = 5}), "accepted")
      << "none has no grace period";
}

}  // namespace
}  // namespace seqsweep::search
