// SPDX-License-Identifier: Apache-2.0
//
// Population-based training, and the points that it explores.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/explored_point.hpp"
#include "search/random_point.hpp"
#include "simulation.hpp"

namespace seqsweep::search {
namespace {

constexpr int interval = 2;

SearchSpace rates() {
  return SearchSpace({{"cell", Choice{{"rnn", "lstm"}}, {}}, {"rate", LogUniform{1e-4, 1e-1}, {}}});
}

StudyOptions population(int size, int concurrency, double quantile = 0.25) {
  StudyOptions options{.ends = {.trials = size}, .concurrency = concurrency, .sampler = "random", .scheduler = {}};
  options.scheduler.name = "pbt";
  options.scheduler.max_epochs = 8;
  options.scheduler.interval = interval;
  options.scheduler.quantile = quantile;
  options.explored = {"rate"};
  return options;
}

// A trial is as good as its number is low; nothing ends early, but for those of which `is_lost` says so.
void run_in_order_of_number(Study& study, const std::function<bool(const Segment&)>& is_lost = nullptr) {
  auto open = study.begin();
  while (!open.empty()) {
    const auto segment = open.front();
    open.erase(open.begin());
    const bool is_bad = is_lost && is_lost(segment);
    const SegmentResult result{segment.trial,    segment.from_epoch,
                               segment.to_epoch, is_bad ? Ending::diverged : Ending::reached,
                               segment.to_epoch, segment.trial.value + 1.0 / segment.to_epoch};
    for (auto& next : study.report(result)) open.push_back(std::move(next));
  }
}

Study make_study(const StudyOptions& options) {
  return Study(options, rates(), [](const Point&) { return 1.0; });
}

const TrialRecord& trial(const Study& study, int number) {
  return study.trials()[static_cast<std::size_t>(number)];
}

TEST(Pbt, replaces_the_worst_quarter_of_each_generation_by_copies_of_the_best) {
  auto study = make_study(population(8, 8));
  run_in_order_of_number(study);
  // Generations end at epochs 2, 4 and 6; in each the two worst go. The copies have the highest numbers, so they are
  // the next ones to go.
  ASSERT_EQ(study.trials().size(), 8u + 3 * 2);
  EXPECT_EQ(trial(study, 7).state, TrialState::stopped);
  EXPECT_EQ(trial(study, 7).reason, "epoch 2: 7.5 is 8th of 8 in its generation; trial 8 takes its place");
  EXPECT_EQ(trial(study, 6).reason, "epoch 2: 6.5 is 7th of 8 in its generation; trial 9 takes its place");
  EXPECT_EQ(trial(study, 8).parent, (Parent{TrialId(0), 2})) << "the worst takes after the best";
  EXPECT_EQ(trial(study, 9).parent, (Parent{TrialId(1), 2}));
  EXPECT_EQ(trial(study, 13).parent, (Parent{TrialId(1), 6}));
  for (int number = 0; number < 6; ++number) EXPECT_EQ(trial(study, number).epochs(), 8) << "and all others go on";
}

TEST(Pbt, a_copy_begins_where_its_parent_stood_and_keeps_what_may_not_change) {
  auto study = make_study(population(12, 12));
  run_in_order_of_number(study);
  std::map<TrialId, int> first_epoch;
  for (const auto& segment : study.decisions()) first_epoch.emplace(segment.trial, segment.from_epoch);
  for (const auto& copy : study.trials()) {
    if (!copy.is_offspring()) continue;
    const auto& parent = trial(study, copy.parent.trial.value);
    EXPECT_EQ(first_epoch.at(copy.id), copy.parent.epoch);
    EXPECT_EQ(copy.point.values[0], parent.point.values[0]);
    EXPECT_NE(copy.point.values[1], parent.point.values[1]);
  }
}

TEST(Pbt, a_lost_trial_is_replaced_too) {
  auto study = make_study(population(8, 8));
  run_in_order_of_number(study, [](const Segment& s) { return s.to_epoch == 2 && s.trial.value < 3; });
  EXPECT_EQ(trial(study, 0).state, TrialState::diverged);
  // Of five that are left one is the worst quarter; with the three that are lost, four are replaced.
  const auto born = std::count_if(study.trials().begin(), study.trials().end(),
                                  [](const TrialRecord& t) { return t.is_offspring() && t.parent.epoch == 2; });
  EXPECT_EQ(born, 4);
}

// Who was replaced by whom at the end of the first generation, in the order of birth.
using Copy = std::pair<int, int>;
std::vector<Copy> first_copies(const Study& study) {
  std::vector<Copy> copies;
  for (const auto& copy : study.trials())
    if (copy.is_offspring() && copy.parent.epoch == interval)
      copies.emplace_back(copy.parent.replaced.value, copy.parent.trial.value);
  return copies;
}

TEST(Pbt, replaces_as_many_as_the_quantile_rounded_down_but_one_at_least_and_half_at_most) {
  const std::vector<std::tuple<int, double, std::vector<Copy>>> cases = {{10, 0.25, {{9, 0}, {8, 1}}},
                                                                         {11, 0.25, {{10, 0}, {9, 1}}},
                                                                         {12, 0.25, {{11, 0}, {10, 1}, {9, 2}}},
                                                                         {3, 0.25, {{2, 0}}},
                                                                         {5, 0.5, {{4, 0}, {3, 1}}},
                                                                         {6, 0.5, {{5, 0}, {4, 1}, {3, 2}}},
                                                                         {2, 0.1, {{1, 0}}},
                                                                         {1, 0.5, {}}};
  for (const auto& [size, quantile, expected] : cases) {
    auto study = make_study(population(size, size, quantile));
    run_in_order_of_number(study);
    EXPECT_EQ(first_copies(study), expected) << size << " trials, quantile " << quantile;
  }
}

TEST(Pbt, copies_the_highest_where_the_goal_is_to_maximize) {
  auto options = population(8, 8);
  options.goal = Goal::maximize;
  auto study = make_study(options);
  run_in_order_of_number(study);
  EXPECT_EQ(first_copies(study), (std::vector<Copy>{{0, 7}, {1, 6}}));
}

TEST(Pbt, hands_places_of_lost_trials_to_the_next_best_in_turn) {
  auto study = make_study(population(8, 8));
  run_in_order_of_number(study, [](const Segment& s) { return s.to_epoch == 2 && s.trial.value < 3; });
  EXPECT_EQ(first_copies(study), (std::vector<Copy>{{7, 3}, {0, 4}, {1, 5}, {2, 6}}));
}

TEST(Pbt, ends_when_the_whole_population_is_lost) {
  auto study = make_study(population(4, 4));
  run_in_order_of_number(study, [](const Segment& s) { return s.to_epoch == 4; });
  EXPECT_TRUE(study.is_finished());
  EXPECT_EQ(study.trials().size(), 5u);
}

TEST(Pbt, is_the_same_with_fewer_logical_workers_than_the_population_has_trials) {
  auto all_at_once = make_study(population(9, 9, 0.4));
  auto in_turns = make_study(population(9, 2, 0.4));
  run_in_order_of_number(all_at_once);
  run_in_order_of_number(in_turns);
  EXPECT_EQ(points_of(in_turns), points_of(all_at_once));
  EXPECT_EQ(outcomes_of(in_turns), outcomes_of(all_at_once));
}

// ---- explored points

TEST(ExploredPoint, lies_in_the_space_and_changes_nothing_but_what_may_change) {
  const auto space = simulated_space();
  const std::vector<std::string> may_change = {"hidden", "dropout"};
  for (std::uint64_t i = 0; i < 500; ++i) {
    const auto key = RandomKey(i).fold(Purpose::test);
    const auto point = random_point(space, key.fold(1));
    const auto next = explored_point(space, point, {may_change, 0.25}, key.fold(2));
    EXPECT_TRUE(space.contains(next));
    EXPECT_EQ(next.values[0], point.values[0]);
    EXPECT_EQ(next.values[2], point.values[2]);
    EXPECT_EQ(explored_point(space, point, {may_change, 0.25}, key.fold(2)), next);
  }
}

TEST(ExploredPoint, multiplies_by_four_or_six_fifths_and_stays_in_range) {
  const SearchSpace space({{"rate", LogUniform{1e-3, 1e-1}, {}}, {"size", Integer{10, 1000, 10}, {}}});
  const std::vector<std::string> both = {"rate", "size"};
  const auto moves_from = [&](double rate, std::int64_t size) {
    std::set<std::pair<double, std::int64_t>> moves;
    for (std::uint64_t i = 0; i < 100; ++i) {
      const auto next = explored_point(space, {{rate, size}}, {both, 0}, RandomKey(i).fold(Purpose::test));
      moves.emplace(std::get<double>(*next.values[0]), std::get<std::int64_t>(*next.values[1]));
    }
    return moves;
  };
  EXPECT_THAT(moves_from(0.01, 500),
              testing::UnorderedElementsAre(std::pair(0.01 * 0.8, 400), std::pair(0.01 * 0.8, 600),
                                            std::pair(0.01 * 1.2, 400), std::pair(0.01 * 1.2, 600)));
  EXPECT_THAT(moves_from(1e-3, 10), testing::Contains(std::pair(1e-3, std::int64_t{10})));
  EXPECT_THAT(moves_from(1e-1, 1000), testing::Contains(std::pair(1e-1, std::int64_t{1000})));
}

TEST(ExploredPoint, keeps_to_the_bounds_that_there_are) {
  const SearchSpace space({{"uniform", Uniform{0.5, 1}, {}},
                           {"normal", Normal{0, 1}, {}},
                           {"step", Uniform{0, 2, 0.5}, {}},
                           {"choice", Choice{{"1", "2", "4"}}, {}}});
  const std::vector<std::string> all = {"uniform", "normal", "step", "choice"};
  std::vector<std::set<std::string>> moves(space.size());
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto next = explored_point(space, {{0.95, 3.0, 0.5, "2"}}, {all, 0}, RandomKey(i).fold(Purpose::test));
    for (std::size_t d = 0; d < space.size(); ++d) moves[d].insert(text_of(*next.values[d]));
  }
  EXPECT_THAT(moves[0], testing::ElementsAre(text_of(Value(0.95 * 0.8)), "1"));
  EXPECT_THAT(moves[1], testing::ElementsAre(text_of(Value(3 * 0.8)), text_of(Value(3 * 1.2))));
  EXPECT_THAT(moves[2], testing::ElementsAre("0", "1"));
  EXPECT_THAT(moves[3], testing::ElementsAre("1", "4"));
}

TEST(ExploredPoint, draws_anew_as_often_as_asked) {
  const SearchSpace space({{"rate", Uniform{0, 1}, {}}});
  const std::vector<std::string> names = {"rate"};
  int num_drawn = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto next = explored_point(space, {{0.5}}, {names, 0.3}, RandomKey(i).fold(Purpose::test));
    const double x = std::get<double>(*next.values[0]);
    num_drawn += x != 0.5 * 0.8 && x != 0.5 * 1.2;
  }
  EXPECT_NEAR(num_drawn, 300, 60);  // four standard deviations
}

}  // namespace
}  // namespace seqsweep::search
