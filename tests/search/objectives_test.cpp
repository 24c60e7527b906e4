// SPDX-License-Identifier: Apache-2.0
//
// The samplers for several objectives, on functions whose fronts are known.
#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/search/pareto.hpp"

#include "repetitions.hpp"
#include "sampler_run.hpp"
#include "simulation.hpp"

namespace seqsweep::search {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using SeveralObjectives = std::function<Objectives(const Point&)>;

StudyOptions options_of(const SamplerRun& run, std::size_t num_objectives) {
  StudyOptions options;
  options.seed = run.seed;
  options.ends.trials = run.num_trials;
  options.concurrency = run.num_in_flight;
  options.sampler = run.sampler;
  options.scheduler = {.name = "none", .max_epochs = 1};
  options.further_goals.assign(num_objectives - 1, Goal::minimize);
  return options;
}

// What was found, in the order of trials.
std::vector<Objectives> found_by(const StudyOptions& options, const SearchSpace& space,
                                 const SeveralObjectives& objectives) {
  Study study(options, space, [](const Point&) { return 1.0; });
  std::vector<Objectives> found;
  const auto begun = study.begin();
  for (std::deque<Segment> queue(begun.begin(), begun.end()); !queue.empty(); queue.pop_front()) {
    const auto trial = queue.front().trial;
    const auto y = objectives(study.trials()[static_cast<std::size_t>(trial.value)].point);
    found.push_back(y);
    const auto ending = std::isfinite(y[0]) ? Ending::reached : Ending::diverged;
    for (auto& segment : study.report({trial, 0, 1, ending, 1, y[0], {y.begin() + 1, y.end()}}))
      queue.push_back(std::move(segment));
  }
  return found;
}

double median_hypervolume(SamplerRun run, const SearchSpace& space, const SeveralObjectives& objectives,
                          const Objectives& reference) {
  std::vector<double> volumes;
  for (run.seed = 1; run.seed <= 9; ++run.seed)
    volumes.push_back(hypervolume(found_by(options_of(run, reference.size()), space, objectives), reference));
  std::sort(volumes.begin(), volumes.end());
  return volumes[volumes.size() / 2];
}

// ZDT1 (Zitzler, Deb, Thiele 2000): the front is f_2 = 1 - √f_1, where all but the first coordinate are 0.
Objectives zdt1(const Point& point) {
  const auto x = numbers_of(point);
  double g = 1;
  for (std::size_t d = 1; d < x.size(); ++d) g += 9 * x[d] / static_cast<double>(x.size() - 1);
  return {x[0], g * (1 - std::sqrt(x[0] / g))};
}

// DTLZ2 (Deb, Thiele, Laumanns, Zitzler 2002): the front is an eighth of a sphere of radius 1.
Objectives dtlz2(const Point& point) {
  const auto x = numbers_of(point);
  double g = 1;
  for (std::size_t d = 2; d < x.size(); ++d) g += (x[d] - 0.5) * (x[d] - 0.5);
  const double a = x[0] * std::acos(0), b = x[1] * std::acos(0);
  return {g * std::cos(a) * std::cos(b), g * std::cos(a) * std::sin(b), g * std::sin(a)};
}

SearchSpace network_space() {
  return SearchSpace({{"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                      {"hidden", Integer{8, 512, 1, true}, {}},
                      {"rate", LogUniform{1e-5, 1}, {}},
                      {"dropout", Uniform{0, 0.6}, Condition{"cell", {"lstm", "gru"}}}});
}

// An error that falls with size, and the size.
Objectives network(const Point& point) {
  const auto cell = text_of(*point.values[0]);
  const auto hidden = static_cast<double>(std::get<std::int64_t>(*point.values[1]));
  const double size = std::log2((cell == "rnn" ? 1 : cell == "gru" ? 3 : 4) * hidden * (hidden + 2));
  const double rate = std::log10(std::get<double>(*point.values[2])) + 2.5;
  const double dropout = point.values[3] ? std::get<double>(*point.values[3]) - 0.25 : 0.5;
  return {std::exp(-size / 8) + 0.1 * rate * rate + dropout * dropout, size};
}

class SamplerOfSeveralObjectives : public testing::TestWithParam<std::string> {};

TEST_P(SamplerOfSeveralObjectives, finds_fronts_with_fewer_trials_than_random_points) {
  for (const int in_flight : {1, 8}) {
    const SamplerRun few{GetParam(), 100, in_flight}, many{"random", 400, in_flight};
    EXPECT_GT(median_hypervolume(few, unit_box(6), zdt1, {1.1, 6}),
              median_hypervolume(many, unit_box(6), zdt1, {1.1, 6}));
    EXPECT_GT(median_hypervolume(few, unit_box(6), dtlz2, {1.5, 1.5, 1.5}),
              median_hypervolume({"random", 200, in_flight}, unit_box(6), dtlz2, {1.5, 1.5, 1.5}));
    EXPECT_GT(median_hypervolume(few, network_space(), network, {2, 20}),
              median_hypervolume({"random", 200, in_flight}, network_space(), network, {2, 20}));
  }
}

TEST_P(SamplerOfSeveralObjectives, finds_both_ends_of_a_front) {
  constexpr int num_seeds = 5;
  double low = 0, high = 0;  // mean ends of f_1
  for (std::uint64_t seed = 1; seed <= num_seeds; ++seed) {
    const auto found = found_by(options_of({GetParam(), 200, 1, seed}, 2), unit_box(3), zdt1);
    const auto ranks = front_ranks(found);
    std::vector<double> front;
    for (std::size_t i = 0; i < found.size(); ++i)
      if (ranks[i] == 0) front.push_back(found[i][0]);
    low += *std::min_element(front.begin(), front.end()) / num_seeds;
    high += *std::max_element(front.begin(), front.end()) / num_seeds;
  }
  EXPECT_LT(low, 0.02);
  EXPECT_GT(high, 0.7);
}

// A goal to maximise, in another unit.
TEST_P(SamplerOfSeveralObjectives, does_not_care_for_units_and_senses) {
  auto options = options_of({GetParam(), 60}, 2);
  const auto as_it_is = found_by(options, unit_box(3), zdt1);
  options.further_goals = {Goal::maximize};
  const auto turned_over = found_by(options, unit_box(3), [](const Point& point) {
    const auto y = zdt1(point);
    return Objectives{y[0], -1024 * y[1]};
  });
  for (std::size_t i = 0; i < as_it_is.size(); ++i) EXPECT_EQ(as_it_is[i][0], turned_over[i][0]) << "trial " << i;
}

TEST_P(SamplerOfSeveralObjectives, goes_on_where_trials_diverge) {
  const auto half_diverges = [](const Point& point) {
    return numbers_of(point)[2] > 0.5 ? Objectives{infinity, infinity} : zdt1(point);
  };
  const auto found = found_by(options_of({GetParam(), 150, 4}, 2), unit_box(3), half_diverges);
  const auto late = std::count_if(found.end() - 75, found.end(), [](const auto& y) { return std::isfinite(y[0]); });
  EXPECT_GT(late, 50) << "it does not learn where trials diverge";
  const auto all_diverge = [](const Point&) { return Objectives{infinity, infinity}; };
  EXPECT_EQ(found_by(options_of({GetParam(), 60, 4}, 2), unit_box(3), all_diverge).size(), 60u) << "it gives up";
}

TEST_P(SamplerOfSeveralObjectives, learns_from_an_earlier_sweep) {
  auto options = options_of({GetParam(), 20}, 2);
  const auto cold = hypervolume(found_by(options, unit_box(6), zdt1), {1.1, 6});
  Study earlier(options_of({"sobol", 300}, 2), unit_box(6), [](const Point&) { return 1.0; });
  const auto begun = earlier.begin();
  for (std::deque<Segment> queue(begun.begin(), begun.end()); !queue.empty(); queue.pop_front()) {
    const auto& point = earlier.trials()[static_cast<std::size_t>(queue.front().trial.value)].point;
    const auto y = zdt1(point);
    options.prior.push_back({point, {{1, y[0]}}, y});
    for (auto& segment : earlier.report({queue.front().trial, 0, 1, Ending::reached, 1, y[0], {y[1]}}))
      queue.push_back(std::move(segment));
  }
  EXPECT_GT(hypervolume(found_by(options, unit_box(6), zdt1), {1.1, 6}), cold + 0.5);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, SamplerOfSeveralObjectives, testing::Values("nsga2", "motpe", "auto"),
                         [](const auto& instance) { return instance.param; });

class AnySamplerOfSeveralObjectives : public testing::TestWithParam<std::string> {};

TEST_P(AnySamplerOfSeveralObjectives, decides_the_same_on_any_number_of_workers_in_any_order) {
  World world;
  world.num_further = 2;
  world.num_levels = 20;
  auto options = options_of({GetParam(), 80, 8}, 3);
  options.further_goals.back() = Goal::maximize;
  const auto make_study = [&options] { return Study(options, simulated_space(), simulated_cost); };
  auto first = make_study();
  run_on_workers(first, world, 1, 0);
  EXPECT_FALSE(first.front().empty());
  for (std::uint64_t order = 1; order < test::repetitions(6); ++order) {
    auto shuffled = make_study(), parallel = make_study();
    run_in_random_order(shuffled, world, order);
    run_on_workers(parallel, world, order % 2 == 0 ? 3 : 16, order);
    for (const auto* study : {&shuffled, &parallel}) {
      ASSERT_EQ(decisions_of(*study), decisions_of(first));
      ASSERT_EQ(points_of(*study), points_of(first));
      ASSERT_EQ(outcomes_of(*study), outcomes_of(first));
      ASSERT_EQ(study->front(), first.front());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, AnySamplerOfSeveralObjectives,
                         testing::Values("auto", "grid", "latin", "motpe", "nsga2", "random", "sobol"),
                         [](const auto& instance) { return instance.param; });

std::string complaint_about(const StudyOptions& options) {
  try {
    Study study(options, unit_box(2), [](const Point&) { return 1.0; });
  } catch (const ConfigError& error) {
    return error.key + "|" + error.what();
  }
  return "accepted";
}

TEST(SeveralObjectives, samplers_for_one_say_which_are_for_several) {
  std::set<std::string> refusing;
  for (const auto& sampler : names_of(sampler_catalogue())) {
    if (sampler == "grid") continue;  // of another space
    const auto complaint = complaint_about(options_of({sampler}, 3));
    if (complaint == "accepted") continue;
    refusing.insert(sampler);
    EXPECT_EQ(complaint, "search.sampler|search.sampler = " + sampler +
                             " has one objective, and sweep.metric names 3; write motpe or nsga2, or auto, which takes "
                             "motpe");
  }
  EXPECT_EQ(refusing, (std::set<std::string>{"cmaes", "gp", "tpe"}));
}

TEST(SeveralObjectives, nothing_that_compares_trials_by_one_goes_together_with_them) {
  const auto options = options_of({"random"}, 2);
  EXPECT_EQ(complaint_about(options), "accepted");
  for (const auto& scheduler : names_of(scheduler_catalogue())) {
    if (scheduler == "none") continue;
    auto pruned = options;
    pruned.scheduler.name = scheduler;
    EXPECT_THAT(complaint_about(pruned), testing::StartsWith("search.scheduler|search.scheduler = " + scheduler));
  }
  auto with_target = options, with_patience = options;
  with_target.ends.target = 1;
  with_patience.ends.patience = 5;
  EXPECT_THAT(complaint_about(with_target), testing::StartsWith("sweep.target|"));
  EXPECT_THAT(complaint_about(with_patience), testing::StartsWith("sweep.patience|"));
  EXPECT_THAT(complaint_about(options_of({"random"}, 5)), testing::HasSubstr("name at most 4"));
}

// Error to be minimized, speed maximized, size minimized.
TEST(SeveralObjectives, the_front_of_mixed_goals_is_the_one_found_by_hand) {
  auto options = options_of({"random", 6, 1}, 3);
  options.further_goals = {Goal::maximize, Goal::minimize};
  const std::vector<Objectives> values = {{1, 10, 5},   // on the front: least error with this size
                                          {2, 20, 5},   // faster
                                          {2, 15, 5},   // slower than the one before, nothing better
                                          {3, 1, 1},    // smallest
                                          {1, 10, 6},   // larger than the first, nothing better
                                          {1, 10, 5}};  // as the first
  Study study(options, unit_box(2), [](const Point&) { return 1.0; });
  auto open = study.begin();
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto trial = open[i].trial;
    const auto& y = values.at(static_cast<std::size_t>(trial.value));
    for (const auto& next : study.report({trial, 0, 1, Ending::reached, 1, y[0], {y[1], y[2]}})) open.push_back(next);
  }
  EXPECT_THAT(study.front(), testing::ElementsAre(TrialId(0), TrialId(1), TrialId(3), TrialId(5)));
}

TEST(SeveralObjectives, the_front_is_what_no_other_trial_dominates) {
  auto options = options_of({"random", 60, 4}, 2);
  options.goal = Goal::maximize;
  Study study(options, unit_box(2), [](const Point&) { return 1.0; });
  const auto begun = study.begin();
  for (std::deque<Segment> queue(begun.begin(), begun.end()); !queue.empty(); queue.pop_front()) {
    const auto trial = queue.front().trial;
    const auto x = numbers_of(study.trials()[static_cast<std::size_t>(trial.value)].point);
    const auto ending = trial.value % 7 == 0 ? Ending::failed : Ending::reached;
    const double further = trial.value % 11 == 0 ? std::nan("") : x[1];
    for (auto& segment : study.report({trial, 0, 1, ending, 1, x[0], {further}})) queue.push_back(std::move(segment));
  }
  std::vector<TrialId> expected;
  for (const auto& trial : study.trials()) {
    const bool has_ended_badly = trial.id.value % 7 == 0 || trial.id.value % 11 == 0;
    EXPECT_EQ(trial.state == TrialState::completed, !has_ended_badly);
    EXPECT_EQ(std::isfinite(trial.value()), !has_ended_badly);
    const bool is_dominated = std::any_of(study.trials().begin(), study.trials().end(), [&](const TrialRecord& other) {
      return dominates(other.objectives, trial.objectives);
    });
    if (!is_dominated) expected.push_back(trial.id);
  }
  EXPECT_EQ(study.front(), expected);
  EXPECT_GT(expected.size(), 2u);
  EXPECT_LT(expected.size(), 20u);
}

}  // namespace
}  // namespace seqsweep::search
