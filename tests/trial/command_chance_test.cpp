// SPDX-License-Identifier: Apache-2.0
//
// What a command is told and how its epochs are compared, where a mistake would be the same in every run of it.
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/trial/command_runner.hpp"

#include "support.hpp"

namespace seqsweep::trial {
namespace {

using namespace testing_support;

SegmentTask task(const std::string& script, int trial = 12) {
  SegmentTask t;
  t.trial = TrialId(trial);
  t.to_epoch = 4;
  t.checkpoint_path = scratch("command-" + std::to_string(trial) + ".h5");
  t.settings.objective = "command";
  t.settings.command = {.command = script, .is_for_shell = true};
  return t;
}

store::SegmentRecord run(const SegmentTask& t, const Objective& objective, std::vector<double>* values = nullptr) {
  CommandRunner runner(objective);
  SegmentHooks hooks;
  hooks.on_epoch = [&](const store::EpochRecord& record) {
    if (values != nullptr) values->push_back(record.value);
  };
  SoloGroup solo;
  return runner.run(t, solo, hooks).record;
}

double seed_of(int trial, std::uint64_t seed) {
  auto t = task(R"(echo "{\"value\": {seed}}")", trial);
  t.to_epoch = 1;
  return run(t, {.seed = seed, .metric = "value"}).value;
}

TEST(CommandSeed, is_the_trials_own_and_the_sweeps_and_fits_31_bits) {
  EXPECT_EQ(seed_of(1, 1), seed_of(1, 1));
  const std::set<double> seeds = {seed_of(1, 1), seed_of(2, 1), seed_of(1, 2), seed_of(2, 2)};
  EXPECT_EQ(seeds.size(), 4u) << "replicates of a trial would be the same trial";
  EXPECT_LT(*seeds.rbegin(), 2147483648.0);
  EXPECT_GE(*seeds.begin(), 0);
}

constexpr const char* up_and_down = R"(for v in 2 3 3 1; do echo "{\"value\": $v, \"size\": $v$v}"; done)";

TEST(CommandBestEpoch, is_the_first_of_the_best_for_either_goal) {
  const auto highest = run(task(up_and_down), {.metric = "value", .is_maximised = true, .further_metrics = {"size"}});
  EXPECT_EQ(highest.best_epoch, 2);
  EXPECT_EQ(highest.value, 3);
  EXPECT_THAT(highest.further, testing::ElementsAre(33));
  const auto lowest = run(task(R"(for v in 2 1 1 3; do echo "{\"value\": $v, \"size\": $v$v}"; done)"),
                          {.metric = "value", .further_metrics = {"size"}});
  EXPECT_EQ(lowest.best_epoch, 2);
  EXPECT_EQ(lowest.value, 1);
  EXPECT_THAT(lowest.further, testing::ElementsAre(11));
}

TEST(CommandBestEpoch, of_an_earlier_segment_stays_the_best) {
  auto t = task(R"(echo '{"epoch": 3, "value": 2}'; echo '{"epoch": 4, "value": 2.5}')");
  t.from_epoch = 2;
  t.best_value = 3;
  t.best_epoch = 1;
  const auto highest = run(t, {.metric = "value", .is_maximised = true});
  EXPECT_EQ(highest.best_epoch, 1);
  EXPECT_EQ(highest.value, 3);
  const auto lowest = run(t, {.metric = "value"});
  EXPECT_EQ(lowest.best_epoch, 3);
  EXPECT_EQ(lowest.value, 2);
}

TEST(CommandEpochsOnce, that_are_printed_again_count_once_with_their_first_value) {
  std::vector<double> values;
  const auto script =
      R"(for e in 1 2 2 1 3 4; do echo "{\"epoch\": $e, \"value\": $((10 * e + n))}"; n=$((n + 1)); done)";
  const auto record = run(task(script), {.metric = "value", .is_maximised = true}, &values);
  EXPECT_THAT(values, testing::ElementsAre(10, 21, 34, 45));
  EXPECT_EQ(record.last_epoch, 4);
}

}  // namespace
}  // namespace seqsweep::trial
