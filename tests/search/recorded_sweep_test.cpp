// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/recorded_sweep.hpp"

#include <algorithm>
#include <queue>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation.hpp"

namespace seqsweep::search {
namespace {

// A sweep that was run to its end, and all its results, last ones first.
struct Run {
  Study study;
  std::vector<SegmentResult> results;
};

Run run(const std::string& scheduler, const World& world, int brackets = 1) {
  StudyOptions options{.ends = {.trials = 60}, .concurrency = 8, .sampler = "random", .scheduler = {}};
  options.scheduler.name = scheduler;
  options.scheduler.max_epochs = 9;
  options.scheduler.reduction_factor = 3;
  options.scheduler.brackets = brackets;
  Run run{Study(options, simulated_space(), simulated_cost), {}};
  run_on_workers(run.study, world, 3, 0);
  for (const auto& segment : run.study.decisions()) run.results.push_back(world.run(segment));
  std::reverse(run.results.begin(), run.results.end());
  return run;
}

RecordedSweep recorded(const Run& run) {
  return {Goal::minimize, run.study.decisions(), run.results, run.study.trials()};
}

class EveryRecordedScheduler : public testing::TestWithParam<std::string> {};

TEST_P(EveryRecordedScheduler, commits_are_those_of_the_study) {
  const auto done = run(GetParam(), World{});
  const auto sweep = recorded(done);
  ASSERT_EQ(sweep.commits().size(), done.study.decisions().size());
  std::map<TrialId, std::vector<std::pair<int, double>>> curves;
  double time = 0;
  for (const auto& commit : sweep.commits()) {
    EXPECT_GE(commit.time, time);
    time = commit.time;
    curves[commit.result.trial].emplace_back(commit.result.last_epoch, commit.value);
  }
  for (const auto& trial : done.study.trials()) {
    std::vector<std::pair<int, double>> curve;
    for (const auto& [epoch, value] : trial.curve) curve.emplace_back(epoch, value);
    EXPECT_EQ(curves[trial.id], curve) << "trial " << trial.id.value;
  }
}

TEST_P(EveryRecordedScheduler, places_agree_with_its_phrases) {
  const auto done = run(GetParam(), {.seed = 2, .has_early_endings = false, .num_levels = 50});
  const auto sweep = recorded(done);
  std::map<TrialId, std::size_t> last_commit;
  for (std::size_t c = 0; c < sweep.commits().size(); ++c) last_commit[sweep.commits()[c].result.trial] = c;
  for (const auto& trial : done.study.trials()) {
    const auto standing = read_standing(trial.reason);
    EXPECT_EQ(standing.has_value(), trial.reason.find("rung ") != std::string::npos) << trial.reason;
    if (!standing) continue;
    EXPECT_EQ(sweep.group_of(trial.id), standing->group);
    const auto measured = sweep.measured(standing->group, standing->epoch, last_commit[trial.id] + 1);
    EXPECT_EQ(measured.size(), standing->num_measured) << trial.reason;
    const auto own = std::find(measured.begin(), measured.end(), RankedTrial(trial.value(), trial.id));
    EXPECT_EQ(static_cast<std::size_t>(own - measured.begin()) + 1, standing->place) << trial.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryRecordedScheduler, testing::ValuesIn(names_of(scheduler_catalogue())),
                         [](const auto& scheduler) { return scheduler.param; });

TEST(RecordedSweep, tells_brackets_apart_also_where_trials_end_without_a_phrase) {
  const auto sweep = recorded(run("asha", World{}, 3));
  const std::map<int, std::string> bracket_of = {{1, "bracket 0"}, {3, "bracket 1"}, {9, "bracket 2"}};
  for (const auto& commit : sweep.commits()) {
    if (commit.result.from_epoch > 0) continue;
    EXPECT_EQ(sweep.group_of(commit.result.trial), bracket_of.at(commit.result.to_epoch));
  }
}

TEST(RecordedSweep, counts_nothing_before_what_is_awaited) {
  auto running = run("none", World{.seed = 1, .has_early_endings = false});
  const auto whole = recorded(running);
  const auto missing = whole.commits()[20].result;
  std::erase_if(running.results, [&](const auto& result) { return result.trial == missing.trial; });
  const auto sweep = recorded(running);
  EXPECT_EQ(sweep.commits().size(), 20u);
  EXPECT_EQ(sweep.commit_of(static_cast<std::size_t>(missing.trial.value)), RecordedSweep::not_yet);
}

TEST(RecordedSweep, turns_values_that_are_to_be_maximised) {
  const Segment decision{.trial = TrialId(0), .to_epoch = 4, .virtual_start = 10, .virtual_finish = 30, .reason = {}};
  const SegmentResult result{
      .trial = TrialId(0), .to_epoch = 4, .ending = Ending::exhausted, .last_epoch = 3, .value = 0.75};
  const RecordedSweep sweep(Goal::maximize, {&decision, 1}, {&result, 1}, {});
  ASSERT_EQ(sweep.commits().size(), 1u);
  EXPECT_EQ(sweep.commits()[0].value, -0.75);
  EXPECT_EQ(sweep.commits()[0].multiply_adds, 15) << "three of four epochs";
}

TEST(Standing, is_read_from_the_phrases_of_rungs) {
  const auto asha = read_standing("bracket 1, rung 4: 3.1e-05 is 2nd of 16, top 4 go on");
  ASSERT_TRUE(asha);
  EXPECT_EQ(std::tie(asha->group, asha->epoch), std::tuple("bracket 1", 4));
  EXPECT_EQ(std::tie(asha->place, asha->num_measured), std::tuple(2u, 16u));
  EXPECT_EQ(asha->num_going_on, 4u);
  EXPECT_TRUE(asha->is_final);
  const auto hyperband = read_standing("bracket s = 2, round 1, rung 1: -inf is 11th of 12 so far, top 4 of 16 go on");
  ASSERT_TRUE(hyperband);
  EXPECT_EQ(hyperband->group, "bracket s = 2, round 1");
  EXPECT_EQ(hyperband->num_going_on, 4u);
  EXPECT_FALSE(hyperband->is_final);
  const auto last = read_standing("rung 16: 0.5 is 3rd of 3, the last rung");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->group, "");
  EXPECT_EQ(last->num_going_on, std::nullopt);
  EXPECT_FALSE(read_standing("new trial (tpe)"));
  EXPECT_FALSE(read_standing("epoch 4: 0.31 is worse than 0.25, the median of 12 others"));
}

}  // namespace
}  // namespace seqsweep::search
