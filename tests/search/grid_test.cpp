// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/search/sampler.hpp"

namespace seqsweep::search {
namespace {

std::unique_ptr<Sampler> make_grid(const SearchSpace& space) {
  return find_in(sampler_catalogue(), "sampler", "grid").make(space, SamplerOptions{});
}

std::vector<Point> points_of(const SearchSpace& space) {
  std::vector<Point> points;
  const auto grid = make_grid(space);
  const History nothing_known(space);
  for (std::int64_t i = 0; i < grid->num_points().value(); ++i)
    points.push_back(grid->propose(nothing_known, {i, RandomKey(1)}));
  return points;
}

// The reference: nested loops, written plainly.
void loop_over(const SearchSpace& space, const std::vector<std::vector<Value>>& values, Point point,
               std::vector<Point>& points) {
  const auto d = point.values.size();
  if (d == space.size()) {
    points.push_back(point);
  } else if (space.is_active(d, point)) {
    for (const auto& value : values[d]) {
      auto next = point;
      next.values.emplace_back(value);
      loop_over(space, values, next, points);
    }
  } else {
    point.values.emplace_back();
    loop_over(space, values, point, points);
  }
}

TEST(Grid, has_the_points_of_nested_loops_in_which_conditional_dimensions_appear_only_where_they_exist) {
  const SearchSpace space({{"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                           {"hidden", Integer{16, 48, 16}, {}},
                           {"activation", Choice{{"tanh", "relu"}}, Condition{"cell", {"rnn", "gru"}}},
                           {"slope", Uniform{0, 0.2, 0.1}, Condition{"activation", {"relu"}}},
                           {"dropout", Uniform{0, 0.5, 0.25}, Condition{"hidden", {"32", "48"}}}});
  const std::vector<std::vector<Value>> values = {{"rnn", "lstm", "gru"},
                                                  {std::int64_t{16}, std::int64_t{32}, std::int64_t{48}},
                                                  {"tanh", "relu"},
                                                  {0.0, 0.1, 0.2},
                                                  {0.0, 0.25, 0.5}};
  std::vector<Point> expected;
  loop_over(space, values, {}, expected);
  const auto points = points_of(space);
  EXPECT_EQ(space.grid_size(), static_cast<std::int64_t>(expected.size()));
  EXPECT_THAT(points, testing::UnorderedElementsAreArray(expected));
  for (const auto& point : points) EXPECT_TRUE(space.contains(point));
}

TEST(Grid, goes_through_the_last_dimension_first) {
  const SearchSpace space({{"a", Choice{{"x", "y"}}, {}}, {"b", Integer{1, 2}, {}}});
  const auto one = std::int64_t{1}, two = std::int64_t{2};
  EXPECT_THAT(points_of(space),
              testing::ElementsAre(Point{{"x", one}}, Point{{"x", two}}, Point{{"y", one}}, Point{{"y", two}}));
}

TEST(Grid, of_no_dimension_is_one_point) {
  EXPECT_EQ(points_of(SearchSpace{}), std::vector<Point>(1));
}

TEST(Grid, is_counted_without_going_through_it) {
  constexpr auto billion = std::int64_t{1} << 30;
  EXPECT_EQ(SearchSpace({{"n", Integer{1, billion}, {}}, {"m", Integer{1, 2}, {}}}).grid_size(), 2 * billion);
  EXPECT_EQ(SearchSpace({{"n", Integer{1, billion}, {}}, {"m", Integer{1, 3}, {}}}).grid_size(), std::nullopt);
  const SearchSpace conditional({{"n", Integer{1, billion}, {}}, {"m", Integer{1, 100}, Condition{"n", {"7"}}}});
  EXPECT_EQ(conditional.grid_size(), billion + 99);
  const auto grid = make_grid(conditional);
  const History nothing_known(conditional);
  EXPECT_EQ(grid->propose(nothing_known, {5, RandomKey(0)}), (Point{{std::int64_t{6}, std::nullopt}}));
  EXPECT_EQ(grid->propose(nothing_known, {105, RandomKey(0)}), (Point{{std::int64_t{7}, std::int64_t{100}}}));
  EXPECT_EQ(grid->propose(nothing_known, {106, RandomKey(0)}), (Point{{std::int64_t{8}, std::nullopt}}));
}

TEST(Grid, refuses_continuous_dimensions_by_name) {
  for (const auto& d : {Distribution(Uniform{0, 1}), Distribution(LogUniform{1, 2}), Distribution(Normal{0, 1})}) {
    const SearchSpace space({{"model.hidden", Integer{1, 2}, {}}, {"train.rate", d, {}}});
    EXPECT_EQ(space.grid_size(), std::nullopt);
    try {
      (void)make_grid(space);
      ADD_FAILURE() << text_of(d) << " was accepted";
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.key, "train.rate");
      EXPECT_THAT(error.what(), testing::HasSubstr("cannot cover train.rate = " + text_of(d)));
    }
  }
}

TEST(Grid, refuses_more_points_than_there_are_trial_ids) {
  const SearchSpace space({{"n", Integer{1, 1 << 20}, {}}, {"m", Integer{1, 1 << 20}, {}}});
  EXPECT_THROW((void)make_grid(space), ConfigError);
}

}  // namespace
}  // namespace seqsweep::search
