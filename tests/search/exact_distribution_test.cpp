// SPDX-License-Identifier: Apache-2.0
//
// Distributions at their ends and at the borders between values, where a step or an index too far would show.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "seqsweep/search/unit_cube.hpp"

#include "search/distribution.hpp"

namespace seqsweep::search {
namespace {

const double last_quantile = std::nextafter(1.0, 0.0);

double just_below(double u) {
  return std::nextafter(u, 0.0);
}
double real_at(const Distribution& d, double u) {
  return std::get<double>(value_at(d, u));
}

// Each value of a discrete distribution begins at its border and ends right below the next.
void expect_borders(const Distribution& d, const std::vector<std::pair<double, std::string>>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [begin, text] = values[i];
    const double end = i + 1 < values.size() ? just_below(values[i + 1].first) : last_quantile;
    EXPECT_EQ(text_of(value_at(d, begin)), text) << text_of(d);
    EXPECT_EQ(text_of(value_at(d, end)), text) << text_of(d);
  }
  EXPECT_EQ(num_values(d), static_cast<std::int64_t>(values.size()));
}

TEST(ExactDistribution, values_of_steps_integers_and_choices_are_equally_wide) {
  expect_borders(Uniform{0, 1, 0.25}, {{0, "0"}, {0.2, "0.25"}, {0.4, "0.5"}, {0.6, "0.75"}, {0.8, "1"}});
  expect_borders(Uniform{-1, 0.5, 0.5}, {{0, "-1"}, {0.25, "-0.5"}, {0.5, "0"}, {0.75, "0.5"}});
  expect_borders(Uniform{0, 1, 0.4}, {{0, "0"}, {1.0 / 3, "0.4"}, {2.0 / 3, "0.8"}});  // the last step falls short of 1
  expect_borders(Integer{1, 4}, {{0, "1"}, {0.25, "2"}, {0.5, "3"}, {0.75, "4"}});
  expect_borders(Integer{-3, 12, 5}, {{0, "-3"}, {0.25, "2"}, {0.5, "7"}, {0.75, "12"}});
  expect_borders(Integer{2, 10, 5}, {{0, "2"}, {0.5, "7"}});
  expect_borders(Choice{{"b", "a"}}, {{0, "b"}, {0.5, "a"}});
  expect_borders(Choice{{"w", "x", "y", "z"}}, {{0, "w"}, {0.25, "x"}, {0.5, "y"}, {0.75, "z"}});
}

TEST(ExactDistribution, logarithmic_integers_change_half_way_between_them) {
  const Distribution d = Integer{2, 6, 1, true};
  const auto border = [](double n) { return (std::log(n - 0.5) - std::log(1.5)) / (std::log(6.5) - std::log(1.5)); };
  for (const std::int64_t n : {3, 4, 5, 6}) {
    EXPECT_EQ(value_at(d, border(static_cast<double>(n)) + 1e-12), Value(n));
    EXPECT_EQ(value_at(d, border(static_cast<double>(n)) - 1e-12), Value(n - 1));
  }
  const auto cell = cell_of(d, Value(std::int64_t{4}));
  EXPECT_NEAR(cell.low, border(4), 1e-15);
  EXPECT_NEAR(cell.high, border(5), 1e-15);
  EXPECT_EQ(value_at(d, 0), Value(std::int64_t{2}));
  EXPECT_EQ(value_at(d, last_quantile), Value(std::int64_t{6}));
}

TEST(ExactDistribution, continuous_ones_have_their_quartiles) {
  EXPECT_EQ(real_at(Uniform{-2, 6}, 0), -2);
  EXPECT_EQ(real_at(Uniform{-2, 6}, 0.25), 0);
  EXPECT_EQ(real_at(Uniform{-2, 6}, 0.75), 4);
  EXPECT_NEAR(real_at(Uniform{-2, 6}, last_quantile), 6, 1e-14);
  EXPECT_NEAR(real_at(LogUniform{0.01, 100}, 0.25), 0.1, 1e-15);
  EXPECT_NEAR(real_at(LogUniform{0.01, 100}, 0.5), 1, 1e-14);
  constexpr double upper_quartile = 0.6744897501960817;
  EXPECT_NEAR(real_at(Normal{3, 2}, 0.75), 3 + 2 * upper_quartile, 1e-14);
  EXPECT_NEAR(real_at(Normal{3, 2}, 0.25), 3 - 2 * upper_quartile, 1e-14);
  EXPECT_NEAR(real_at(LogNormal{-1, 0.5}, 0.5), std::exp(-1), 1e-15);
  EXPECT_NEAR(real_at(LogNormal{-1, 0.5}, 0.75), std::exp(-1 + 0.5 * upper_quartile), 1e-14);
}

// The farthest values that can be drawn: quantiles of 2^-54 and 1 - 2^-53.
TEST(ExactDistribution, normal_ones_end_at_the_quantiles_that_occur) {
  EXPECT_NEAR(real_at(Normal{0, 1}, 0), -8.2923610758136, 1e-9);
  EXPECT_NEAR(real_at(Normal{0, 1}, last_quantile), 8.2095361516014, 1e-9);
}

TEST(ExactDistribution, a_coordinate_is_the_quantile_of_a_value_or_the_middle_of_its_cell) {
  const UnitCube cube(SearchSpace({{"uniform", Uniform{-2, 6}, {}},
                                   {"log", LogUniform{0.01, 100}, {}},
                                   {"normal", Normal{3, 2}, {}},
                                   {"lognormal", LogNormal{-1, 0.5}, {}},
                                   {"step", Uniform{0, 1, 0.25}, {}},
                                   {"integer", Integer{-3, 12, 5}, {}},
                                   {"rising", Choice{{"1", "2", "8", "16"}}, {}},
                                   {"names", Choice{{"rnn", "lstm", "gru"}}, {}},
                                   {"one", Uniform{2, 2}, {}}}));
  const Point point{{0.0, 0.1, 3.0, std::exp(-1), 0.75, std::int64_t{7}, "8", "gru", 2.0}};
  const std::vector<double> expected = {0.25, 0.25, 0.5, 0.5, 0.7, 0.625, 0.625, 2, 0.5};
  const auto coordinates = cube.coordinates_of(point);
  for (std::size_t d = 0; d < expected.size(); ++d)
    EXPECT_NEAR(coordinates[d], expected[d], 1e-14) << cube.space().dimensions()[d].name;
  EXPECT_NEAR(cube.cell(5, 0.5).low, 0.5, 1e-15);
  EXPECT_NEAR(cube.cell(5, 0.5).high, 0.75, 1e-15);
  for (std::size_t d = 4; d < expected.size(); ++d)
    EXPECT_EQ(cube.point_at(coordinates).values[d], point.values[d]) << cube.space().dimensions()[d].name;
}

TEST(ExactDistribution, its_bounds_lie_in_it_and_what_is_beyond_does_not) {
  const auto contains = [](const Distribution& d, const Value& value) {
    return SearchSpace({{"d", d, {}}}).contains({{value}});
  };
  for (const Distribution& d : {Distribution(Uniform{0.5, 2}), Distribution(LogUniform{0.5, 2})}) {
    EXPECT_TRUE(contains(d, 0.5));
    EXPECT_TRUE(contains(d, 2.0));
    EXPECT_FALSE(contains(d, just_below(0.5)));
    EXPECT_FALSE(contains(d, std::nextafter(2.0, 3.0)));
  }
  EXPECT_TRUE(contains(Integer{1, 9, 4}, std::int64_t{9}));
  EXPECT_FALSE(contains(Integer{1, 9, 4}, std::int64_t{8}));
  EXPECT_FALSE(contains(Integer{1, 8}, std::int64_t{9}));
  EXPECT_FALSE(contains(LogNormal{0, 1}, 0.0));
}

}  // namespace
}  // namespace seqsweep::search
