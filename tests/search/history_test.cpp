// SPDX-License-Identifier: Apache-2.0
//
// Points in numbers, and what samplers see of a sweep.
#include "seqsweep/search/history.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/study.hpp"

#include "../../src/search/random_point.hpp"

namespace seqsweep::search {
namespace {

using testing::ElementsAre;

constexpr double infinity = std::numeric_limits<double>::infinity();

SearchSpace every_kind_of_dimension() {
  return SearchSpace({{"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                      {"batch", Choice{{"8", "16", "64"}}, {}},
                      {"hidden", Integer{16, 256, 1, true}, {}},
                      {"layers", Integer{1, 4}, {}},
                      {"rate", LogUniform{1e-5, 1}, {}},
                      {"slope", Uniform{0, 0.3, 0.1}, Condition{"cell", {"rnn", "gru"}}},
                      {"noise", Normal{2, 3}, Condition{"layers", {"2", "3"}}},
                      {"scale", LogNormal{0, 1}, {}}});
}

TEST(UnitCube, gives_every_point_back_from_its_coordinates) {
  const auto space = every_kind_of_dimension();
  const UnitCube cube(space);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto point = random_point(space, RandomKey(seed));
    const auto coordinates = cube.coordinates_of(point);
    const auto back = cube.point_at(coordinates);
    for (std::size_t d = 0; d < space.size(); ++d) {
      ASSERT_EQ(std::isnan(coordinates[d]), !point.values[d]) << d;
      ASSERT_EQ(cube.is_active(d, coordinates), point.values[d].has_value()) << d;
      if (cube.axis(d).kind == Axis::Kind::continuous && point.values[d])
        ASSERT_NEAR(std::get<double>(*back.values[d]), std::get<double>(*point.values[d]),
                    1e-9 * std::abs(std::get<double>(*point.values[d])) + 1e-9);
      else
        ASSERT_EQ(back.values[d], point.values[d]) << d;
    }
  }
}

TEST(UnitCube, takes_choices_between_rising_numbers_in_their_order) {
  const UnitCube cube(every_kind_of_dimension());
  EXPECT_EQ(cube.axis(0).kind, Axis::Kind::categorical);
  EXPECT_EQ(cube.axis(1).kind, Axis::Kind::ordinal);
  EXPECT_NEAR(cube.cell(1, 0.5).low, 1.0 / 3, 1e-15);
  EXPECT_NEAR(cube.cell(1, 0.5).high, 2.0 / 3, 1e-15);
}

TEST(UnitCube, cells_of_an_axis_lie_side_by_side) {
  const UnitCube cube(every_kind_of_dimension());
  for (const std::size_t d : {1u, 2u, 3u, 5u}) {
    double end = 0;
    for (std::int64_t k = 0; k < cube.axis(d).num_values; ++k) {
      const auto cell = cube.cell(d, end + 1e-9);
      ASSERT_NEAR(cell.low, end, 1e-12) << d;
      ASSERT_GT(cell.high, cell.low);
      end = cell.high;
    }
    EXPECT_NEAR(end, 1, 1e-12) << d;
  }
}

// ---- levels of training

History history_of(int num_trials) {
  History history(SearchSpace({{"x", Uniform{0, 1}, {}}}));
  for (int i = 0; i < num_trials; ++i) history.begin(Point{{0.5}});
  return history;
}

void measure(History& history, int trial, int epoch, double value, bool is_exhausted = false) {
  history.record(TrialId(trial)).curve.push_back({epoch, value});
  history.measured(TrialId(trial), is_exhausted);
}

std::vector<std::size_t> rows_of(const History::Level* level) {
  std::vector<std::size_t> rows;
  for (const auto& observation : level->observations) rows.push_back(observation.row);
  return rows;
}

TEST(History, gives_the_highest_level_with_enough_the_best_first) {
  auto history = history_of(4);
  EXPECT_EQ(history.level_with(1), nullptr);
  for (int i = 0; i < 4; ++i) measure(history, i, 1, 4 - i);
  measure(history, 3, 4, 0.5);
  measure(history, 1, 4, 0.25);
  EXPECT_THAT(rows_of(history.level_with(2)), ElementsAre(1, 3));
  EXPECT_THAT(rows_of(history.level_with(3)), ElementsAre(3, 2, 1, 0));
  EXPECT_EQ(history.level_with(9)->epoch, 1) << "the fullest where none has enough";
}

TEST(History, those_that_ended_count_on_all_higher_levels) {
  auto history = history_of(4);
  measure(history, 0, 1, 3);
  measure(history, 1, 1, 2, /*is_exhausted=*/true);
  measure(history, 2, 1, infinity);
  measure(history, 0, 4, 1);
  EXPECT_THAT(rows_of(history.level_with(3)), ElementsAre(0, 1, 2)) << "after 4 epochs";
  measure(history, 3, 1, 5);
  measure(history, 3, 4, infinity);
  const auto* level = history.level_with(4);
  EXPECT_EQ(level->epoch, 4);
  EXPECT_EQ(level->observations.back().value, infinity);
  EXPECT_THAT(rows_of(history.level_with(4)), ElementsAre(0, 1, 2, 3));
}

TEST(History, begins_with_what_an_earlier_sweep_knew) {
  const std::vector<PriorTrial> prior = {{Point{{0.25}}, {{1, 7}, {4, 3}}}, {Point{{0.75}}, {}}};
  History history(SearchSpace({{"x", Uniform{0, 1}, {}}}), prior);
  history.begin(Point{{0.5}});
  EXPECT_EQ(history.num_rows(), 3u);
  EXPECT_EQ(history.row_of(TrialId(0)), 2u);
  EXPECT_EQ(history.trial(1), nullptr);
  EXPECT_EQ(history.coordinates(0)[0], 0.25);
  EXPECT_THAT(rows_of(history.level_with(2)), ElementsAre(0, 1)) << "the second diverged";
  EXPECT_THAT(history.unmeasured(), ElementsAre(2));
}

// ---- where points come from, and when a sweep ends

Study study_of(StudyOptions options, SearchSpace space, Objection objection = {}) {
  options.concurrency = 2;
  options.scheduler.name = "none";
  options.scheduler.max_epochs = 3;
  return Study(
      options, space, [](const Point&) { return 10.0; }, std::move(objection));
}

// Values are the first coordinate.
void run(Study& study) {
  auto open = study.begin();
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto& trial = study.trials()[static_cast<std::size_t>(open[i].trial.value)];
    const double value = study.space().size() == 0 ? 0 : UnitCube(study.space()).coordinates_of(trial.point)[0];
    for (const auto& next : study.report({open[i].trial, 0, 3, Ending::reached, 3, value})) open.push_back(next);
  }
}

SearchSpace six_points() {
  return SearchSpace({{"n", Integer{1, 3}, {}}, {"name", Choice{{"a", "b"}}, {}}});
}

TEST(Points, none_is_tried_twice_and_all_are_found) {
  for (const auto* sampler : {"random", "sobol", "tpe", "grid"}) {
    auto study = study_of({.ends = {.trials = 100}, .sampler = sampler}, six_points());
    run(study);
    EXPECT_EQ(study.trials().size(), 6u) << sampler;
    EXPECT_TRUE(study.is_finished());
    EXPECT_EQ(study.end_reason(), "all points of the search that may be trained were tried");
  }
}

TEST(Points, those_to_which_there_is_an_objection_are_not_tried) {
  const Objection objection = [](const Point& point) {
    return std::get<std::int64_t>(*point.values[0]) == 2 ? std::optional<std::string>("two") : std::nullopt;
  };
  auto study = study_of({.ends = {.trials = 100}, .sampler = "grid"}, six_points(), objection);
  run(study);
  EXPECT_EQ(study.trials().size(), 4u);
  EXPECT_EQ(study.num_turned_down(), 2);
}

TEST(Points, given_ones_come_first_and_what_they_leave_out_is_drawn) {
  auto study = study_of({.ends = {.trials = 3}, .sampler = "random", .first_points = {Point{{std::int64_t{3}, {}}}}},
                        six_points());
  run(study);
  EXPECT_EQ(study.trials()[0].point.values[0], Value(std::int64_t{3}));
  EXPECT_TRUE(study.trials()[0].point.values[1].has_value());
  EXPECT_EQ(study.decisions()[0].reason, "new trial (given by the config)");
}

SearchSpace line() {
  return SearchSpace({{"x", Uniform{0, 1}, {}}});
}

TEST(Ends, of_total_epochs_and_multiply_adds_are_not_exceeded) {
  auto epochs = study_of({.ends = {.trials = 100, .epochs = 10}, .sampler = "random"}, line());
  run(epochs);
  EXPECT_EQ(epochs.trials().size(), 3u) << "of 3 epochs each";
  EXPECT_THAT(epochs.end_reason(), testing::HasSubstr("max_total_epochs = 10"));
  auto cost = study_of({.ends = {.trials = 100, .multiply_adds = 60}, .sampler = "random"}, line());
  run(cost);
  EXPECT_EQ(cost.trials().size(), 2u) << "of 30 multiply-adds each";
}

TEST(Ends, at_a_target_and_after_too_long_without_a_better_value) {
  auto target = study_of({.ends = {.trials = 1000, .target = 0.1}, .sampler = "random"}, line());
  run(target);
  EXPECT_LE(target.best()->value(), 0.1);
  EXPECT_LT(target.trials().size(), 1000u);
  auto patience = study_of({.ends = {.trials = 1000, .patience = 20}, .sampler = "random"}, line());
  run(patience);
  EXPECT_LT(patience.trials().size(), 1000u);
  EXPECT_LE(patience.trials().size(), static_cast<std::size_t>(patience.best()->id.value) + 24u);
  EXPECT_THAT(patience.end_reason(), testing::HasSubstr("sweep.patience"));
}

}  // namespace
}  // namespace seqsweep::search
