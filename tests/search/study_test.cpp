// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/study.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

#include "repetitions.hpp"
#include "simulation.hpp"

namespace seqsweep::search {
namespace {

StudyOptions options_of(const std::string& sampler, const std::string& scheduler, int trials = 50) {
  StudyOptions options{.ends = {.trials = trials}, .concurrency = 8, .sampler = sampler, .scheduler = {}};
  options.scheduler.name = scheduler;
  options.scheduler.max_epochs = 9;
  options.scheduler.reduction_factor = 3;
  options.scheduler.interval = 3;
  options.explored = {"hidden", "dropout"};
  return options;
}

Study make_study(const StudyOptions& options) {
  return Study(options, simulated_space(), simulated_cost);
}

// ---- the one idea: decisions depend neither on workers nor on timing

bool is_any_of(const std::string& name, std::initializer_list<std::string> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class EverySweep : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  // Those that learn take their time.
  bool learns() const { return is_any_of(options().sampler, {"auto", "cmaes", "gp", "motpe", "nsga2", "tpe"}); }
  StudyOptions options() const { return options_of(std::get<0>(GetParam()), std::get<1>(GetParam())); }
};

TEST_P(EverySweep, decides_the_same_in_whatever_order_results_arrive) {
  const std::uint64_t num_orders = test::repetitions(learns() ? 15 : 150);
  for (const World world : {World{1, true, 1000}, World{2, false, 5}}) {
    auto first = make_study(options());
    run_in_random_order(first, world, 0);
    for (std::uint64_t order = 1; order < num_orders; ++order) {
      auto study = make_study(options());
      run_in_random_order(study, world, order);
      ASSERT_EQ(decisions_of(study), decisions_of(first)) << "order " << order;
      ASSERT_EQ(points_of(study), points_of(first));
      ASSERT_EQ(outcomes_of(study), outcomes_of(first));
      ASSERT_TRUE(study.is_finished());
    }
  }
}

TEST_P(EverySweep, decides_the_same_on_any_number_of_workers) {
  constexpr std::array all_workers = {1, 3, 16, 40};
  const int num_runs = learns() ? 20 : 80;
  const World world;
  auto first = make_study(options());
  run_on_workers(first, world, 1, 0);
  for (int run = 0; run < num_runs; run += test::stride) {
    const int workers = all_workers[static_cast<std::size_t>(run) % all_workers.size()];
    auto study = make_study(options());
    run_on_workers(study, world, workers, static_cast<std::uint64_t>(run));
    ASSERT_EQ(decisions_of(study), decisions_of(first)) << workers << " workers, timing " << run;
    ASSERT_EQ(outcomes_of(study), outcomes_of(first));
  }
}

TEST_P(EverySweep, keeps_its_decisions_when_trials_are_raised_up_to_where_the_smaller_budget_ran_out) {
  if (options().scheduler.name == "pbt") GTEST_SKIP() << "more trials are another population";
  const World world;
  auto small = make_study(options());
  auto larger_options = options();
  larger_options.ends.trials *= 2;
  auto large = make_study(larger_options);
  run_in_random_order(small, world, 1);
  run_in_random_order(large, world, 2);
  const auto few = decisions_of(small), many = decisions_of(large);
  std::size_t last_new_trial = 0;
  for (std::size_t i = 0; i < few.size(); ++i)
    if (std::get<1>(few[i]) == 0) last_new_trial = i;
  ASSERT_GE(last_new_trial, 49u);
  for (std::size_t i = 0; i <= last_new_trial; ++i) ASSERT_EQ(few[i], many[i]);
  EXPECT_EQ(large.trials().size(), 100u);
}

TEST_P(EverySweep, trains_each_trial_in_contiguous_segments_on_no_more_than_its_logical_workers) {
  auto study = make_study(options());
  run_in_random_order(study, World{}, 1);
  std::vector<int> epochs;
  for (const auto& trial : study.trials()) epochs.push_back(trial.parent.epoch);
  std::vector<double> free_from(
      static_cast<std::size_t>(study.options().concurrency));  // [virtual time] of each logical worker
  double now = 0;
  for (const auto& segment : study.decisions()) {
    auto& at = epochs[static_cast<std::size_t>(segment.trial.value)];
    EXPECT_EQ(segment.from_epoch, at);
    at = segment.to_epoch;
    EXPECT_LE(at, study.options().scheduler.max_epochs);
    EXPECT_GE(segment.virtual_start, now);
    now = segment.virtual_start;
    const auto worker = std::min_element(free_from.begin(), free_from.end());
    EXPECT_LE(*worker, segment.virtual_start) << "more segments than logical workers";
    const auto& point = study.trials()[static_cast<std::size_t>(segment.trial.value)].point;
    *worker = segment.virtual_start + simulated_cost(point) * (segment.to_epoch - segment.from_epoch);
    EXPECT_EQ(*worker, segment.virtual_finish);
  }
  for (const auto& trial : study.trials()) EXPECT_NE(trial.state, TrialState::running);
}

INSTANTIATE_TEST_SUITE_P(Catalogues, EverySweep,
                         testing::Combine(testing::ValuesIn(names_of(sampler_catalogue())),
                                          testing::ValuesIn(names_of(scheduler_catalogue()))),
                         [](const auto& instance) {
                           return std::get<0>(instance.param) + "_" + std::get<1>(instance.param);
                         });

// ---- commits

SegmentResult reached(const Segment& segment, double value) {
  return {segment.trial, segment.from_epoch, segment.to_epoch, Ending::reached, segment.to_epoch, value};
}

// Trials of one epoch that cost 1, 2, 3 … in the order of a grid, without a scheduler.
Study countdown(int trials, int concurrency, Goal goal = Goal::minimize) {
  StudyOptions options{
      .ends = {.trials = trials}, .concurrency = concurrency, .goal = goal, .sampler = "grid", .scheduler = {}};
  options.scheduler.name = "none";
  options.scheduler.max_epochs = 1;
  return Study(options, SearchSpace({{"n", Integer{1, 100}, {}}}),
               [](const Point& point) { return static_cast<double>(std::get<std::int64_t>(*point.values[0])); });
}

TEST(Study, commits_a_result_only_when_it_is_the_earliest_in_virtual_time) {
  auto study = countdown(5, 2);
  const auto first = study.begin();  // finish at 1 and 2
  ASSERT_EQ(first.size(), 2u);
  EXPECT_TRUE(study.report(reached(first[1], 0.1)).empty()) << "trial 0 is still running in virtual time";
  EXPECT_EQ(study.best(), nullptr);
  EXPECT_FALSE(study.awaits(TrialId(1), 1));
  EXPECT_TRUE(study.awaits(TrialId(0), 1));
  EXPECT_FALSE(study.awaits(TrialId(0), 2));
  const auto second = study.report(reached(first[0], 0.2));  // commits both
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second[0].virtual_start, 1);
  EXPECT_EQ(second[1].virtual_start, 2);
  ASSERT_NE(study.best(), nullptr);
  EXPECT_EQ(study.best()->id, TrialId(1));
}

TEST(Study, breaks_ties_in_virtual_time_by_the_order_of_decision) {
  StudyOptions options{.ends = {.trials = 6}, .concurrency = 3, .scheduler = {}};
  options.scheduler.name = "none";
  Study study(options, SearchSpace({{"x", Uniform{0, 1}, {}}}), [](const Point&) { return 1.0; });
  const auto first = study.begin();
  EXPECT_TRUE(study.report(reached(first[2], 3)).empty());
  EXPECT_TRUE(study.report(reached(first[1], 2)).empty());
  const auto next = study.report(reached(first[0], 1));
  ASSERT_EQ(next.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(next[i].trial, TrialId(static_cast<std::int32_t>(3 + i)));
}

TEST(Study, takes_for_a_segment_what_its_epochs_cost) {
  StudyOptions options{.ends = {.trials = 100, .multiply_adds = 50}, .concurrency = 1, .sampler = "random"};
  options.scheduler = {.max_epochs = 4, .reduction_factor = 2};
  const auto square = [](const Point&, int from_epoch, int to_epoch) {
    return static_cast<double>(to_epoch * to_epoch - from_epoch * from_epoch);
  };
  Study study(options, SearchSpace({{"x", Uniform{0, 1}, {}}}), square);
  run_in_random_order(study, World{.has_early_endings = false}, 1);
  double now = 0;
  for (const auto& segment : study.decisions()) {
    EXPECT_EQ(segment.virtual_start, now);
    now += square({}, segment.from_epoch, segment.to_epoch);
    EXPECT_EQ(segment.virtual_finish, now);
  }
  EXPECT_LE(now, 50);
  EXPECT_GT(now, 50 - 12) << "the dearest segment, from 2 to 4, costs 12";
}

TEST(Study, a_segment_that_ends_early_holds_its_logical_worker_to_its_virtual_finish) {
  auto study = countdown(3, 2);
  const auto first = study.begin();
  EXPECT_TRUE(study.report({first[1].trial, 0, 1, Ending::failed, 0, 0}).empty());
  const auto next = study.report(reached(first[0], 1));
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].virtual_start, 1);
  EXPECT_EQ(study.trials()[1].state, TrialState::failed);
}

TEST(Study, a_value_that_is_no_number_is_a_divergence) {
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL})
    for (const auto goal : {Goal::minimize, Goal::maximize}) {
      auto study = countdown(1, 1, goal);
      study.report(reached(study.begin()[0], value));
      EXPECT_EQ(study.trials()[0].state, TrialState::diverged);
      EXPECT_EQ(study.trials()[0].value(), HUGE_VAL);
      EXPECT_EQ(study.best(), nullptr);
      EXPECT_TRUE(study.is_finished());
    }
}

TEST(Study, maximises_by_turning_the_sign) {
  auto study = countdown(3, 3, Goal::maximize);
  const auto first = study.begin();
  for (const auto& segment : first) study.report(reached(segment, segment.trial.value == 1 ? 0.9 : 0.5));
  EXPECT_EQ(study.best()->id, TrialId(1));
  EXPECT_EQ(study.best()->value(), -0.9);
}

TEST(Study, reasons_speak_of_values_in_the_users_sense) {
  auto options = options_of("random", "asha", 9);
  options.goal = Goal::maximize;
  auto study = make_study(options);
  auto open = study.begin();
  for (std::size_t i = 0; i < open.size(); ++i)
    for (const auto& segment : study.report(reached(open[i], 0.5 + 0.01 * open[i].trial.value)))
      open.push_back(segment);
  EXPECT_THAT(study.best()->reason, testing::MatchesRegex("rung 9: 0\\.5[0-9]* is .*, the last rung"));
}

TEST(Study, the_best_trial_is_no_longer_the_best_once_it_diverged) {
  StudyOptions options{.ends = {.trials = 2}, .concurrency = 2, .scheduler = {}};
  options.scheduler = {.name = "median", .max_epochs = 2};
  Study study(options, SearchSpace({{"x", Uniform{0, 1}, {}}}), [](const Point&) { return 1.0; });
  const auto first = study.begin();
  auto next = study.report(reached(first[0], 1));
  for (const auto& segment : study.report(reached(first[1], 2))) next.push_back(segment);
  EXPECT_EQ(study.best()->id, TrialId(0));
  study.report({next[0].trial, 1, 2, Ending::diverged, 2, 0});
  EXPECT_EQ(study.best()->id, TrialId(1));
}

TEST(Study, knows_the_best_trial_after_every_report) {
  for (const auto* scheduler : {"none", "asha", "median"}) {
    auto study = make_study(options_of("random", scheduler));
    const World world{.num_levels = 20};
    auto open = study.begin();
    for (std::size_t i = 0; i < open.size(); ++i) {
      for (const auto& segment : study.report(world.run(open[i]))) open.push_back(segment);
      const TrialRecord* expected = nullptr;
      for (const auto& trial : study.trials())
        if (trial.value() < (expected ? expected->value() : HUGE_VAL)) expected = &trial;
      ASSERT_EQ(study.best(), expected);
    }
    EXPECT_NE(study.best(), nullptr);
  }
}

TEST(Study, a_grid_with_fewer_points_than_trials_ends_with_its_points) {
  auto options = options_of("grid", "none", 100000);
  auto study = make_study(options);
  run_in_random_order(study, World{}, 1);
  EXPECT_EQ(static_cast<std::int64_t>(study.trials().size()), simulated_space().grid_size());
  EXPECT_TRUE(study.is_finished());
}

TEST(Study, trials_left_at_rungs_stay_paused) {
  auto study = make_study(options_of("random", "asha"));
  run_in_random_order(study, World{}, 1);
  const auto is_paused = [](const TrialRecord& trial) { return trial.state == TrialState::paused; };
  EXPECT_GT(std::count_if(study.trials().begin(), study.trials().end(), is_paused), 10);
}

TEST(Study, another_seed_is_another_sweep) {
  auto options = options_of("random", "none");
  const auto one = make_study(options).begin();
  options.seed = 2;
  const auto two = make_study(options).begin();
  EXPECT_NE(one[0].virtual_finish, two[0].virtual_finish);
}

TEST(Study, states_and_endings_have_names) {
  EXPECT_EQ(name_of(TrialState::running), "running");
  EXPECT_EQ(name_of(TrialState::paused), "paused");
  EXPECT_EQ(name_of(TrialState::completed), "completed");
  EXPECT_EQ(name_of(TrialState::stopped), "stopped");
  EXPECT_EQ(name_of(TrialState::diverged), "diverged");
  EXPECT_EQ(name_of(TrialState::failed), "failed");
  EXPECT_EQ(name_of(Ending::reached), "reached");
  EXPECT_EQ(name_of(Ending::exhausted), "exhausted");
  EXPECT_EQ(name_of(Ending::diverged), "diverged");
  EXPECT_EQ(name_of(Ending::failed), "failed");
}

// ---- what is refused

TEST(Study, refuses_results_that_it_does_not_await) {
  auto study = countdown(3, 2);
  EXPECT_THROW(study.report({TrialId(0), 0, 1, Ending::reached, 1, 0}), ContractViolation) << "before the beginning";
  const auto first = study.begin();
  EXPECT_THROW(study.begin(), ContractViolation);
  EXPECT_THROW(study.report({TrialId(2), 0, 1, Ending::reached, 1, 0}), ContractViolation) << "not decided";
  EXPECT_THROW(study.report({TrialId(0), 0, 2, Ending::reached, 2, 0}), ContractViolation) << "other epochs";
  EXPECT_THROW(study.report({TrialId(0), 0, 1, Ending::reached, 0, 0}), ContractViolation)
      << "not where it should stand";
  EXPECT_THROW(study.report({TrialId(0), 0, 1, Ending::failed, 2, 0}), ContractViolation) << "beyond its segment";
  study.report(reached(first[1], 1));
  EXPECT_THROW(study.report(reached(first[1], 1)), ContractViolation) << "twice, waiting";
  study.report(reached(first[0], 1));
  EXPECT_THROW(study.report(reached(first[0], 1)), ContractViolation) << "twice, committed";
}

TEST(Study, refuses_options_that_make_no_sense_and_names_the_key) {
  const auto complaint = [](const StudyOptions& options) -> std::string {
    try {
      (void)make_study(options);
    } catch (const ConfigError& error) {
      return error.key + "|" + error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(complaint(options_of("random", "asha")), "accepted");
  EXPECT_THAT(complaint(options_of("sobl", "asha")),
              testing::HasSubstr("unknown sampler 'sobl' (known: random, grid, sobol"));
  EXPECT_THAT(complaint(options_of("random", "ahsa")), testing::HasSubstr("did you mean 'asha'?"));
  EXPECT_THAT(complaint(options_of("random", "asha", 0)), testing::StartsWith("sweep.trials|sweep.trials = 0"));
  auto options = options_of("random", "asha");
  options.concurrency = 0;
  EXPECT_THAT(complaint(options), testing::StartsWith("sweep.concurrency|"));
}

TEST(Study, the_default_concurrency_follows_the_trials) {
  const auto default_of = [](int trials, const std::string& scheduler) {
    return default_concurrency({.ends = {.trials = trials}, .scheduler = {.name = scheduler}});
  };
  EXPECT_EQ(default_of(1, "asha"), 2);
  EXPECT_EQ(default_of(64, "asha"), 8);
  EXPECT_EQ(default_of(127, "none"), 15);
  EXPECT_EQ(default_of(100000, "asha"), 16);
  EXPECT_EQ(default_of(100, "pbt"), 100) << "a population trains side by side";
}

}  // namespace
}  // namespace seqsweep::search
