// SPDX-License-Identifier: Apache-2.0
#include "search/parzen_estimator.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace seqsweep::search {
namespace {

using Eigen::ArrayXd;
using Eigen::ArrayXXd;

ArrayXd numbers(std::initializer_list<double> values) {
  ArrayXd array(static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), array.begin());
  return array;
}

ParzenEstimator estimator(const UnitCube& cube, const std::vector<std::size_t>& axes, const WeightedPoints& points) {
  return {cube, axes, points, scott_bandwidths(cube, axes, points)};
}

double integral_over_unit_interval(const ParzenEstimator& estimator) {
  constexpr int n = 20000;
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += std::exp(estimator.log_density(numbers({(i + 0.5) / n})));
  return sum / n;
}

// Each value of an axis that has finitely many: its coordinate and its share of the density's measure.
std::vector<std::pair<double, double>> values_of(const UnitCube& cube, std::size_t d) {
  std::vector<std::pair<double, double>> values;
  if (cube.axis(d).kind == Axis::Kind::categorical)
    for (std::int64_t i = 0; i < cube.axis(d).num_values; ++i) values.emplace_back(static_cast<double>(i), 1);
  else
    for (double u = 0; u < 1 - 1e-9; u = cube.cell(d, u + 1e-12).high) {
      const auto cell = cube.cell(d, u + 1e-12);
      values.emplace_back(cell.middle(), cell.high - cell.low);
    }
  return values;
}

// Wide kernels that lose much at the bounds; narrow ones; none.
const std::vector<WeightedPoints> point_sets = {
    {(ArrayXXd(3, 1) << 0.02, 0.5, 0.97).finished(), numbers({3, 1, 0.2}), 0.1},
    {ArrayXXd::Constant(25, 1, 0.7), ArrayXd::Ones(25), 0.01},
    {ArrayXXd(0, 1), ArrayXd(0), 1}};

TEST(ParzenEstimator, integrates_to_1_over_a_continuous_axis) {
  const UnitCube cube(SearchSpace({{"rate", LogUniform{1e-4, 1}, {}}}));
  for (const auto& points : point_sets) EXPECT_NEAR(integral_over_unit_interval(estimator(cube, {0}, points)), 1, 1e-6);
}

TEST(ParzenEstimator, sums_to_1_over_the_values_of_an_ordinal_axis) {
  for (const Distribution& distribution :
       {Distribution(Integer{1, 3}), Distribution(Integer{8, 64, 1, true}), Distribution(Uniform{0, 1, 0.02}),
        Distribution(Choice{{"16", "32", "100"}}), Distribution(Integer{5, 5})}) {
    const UnitCube cube(SearchSpace({{"size", distribution, {}}}));
    for (auto points : point_sets) {
      for (auto& x : points.x.reshaped()) x = cube.cell(0, x).middle();
      const auto p = estimator(cube, {0}, points);
      double sum = 0;
      for (const auto& [x, width] : values_of(cube, 0)) sum += width * std::exp(p.log_density(numbers({x})));
      EXPECT_NEAR(sum, 1, 1e-9) << text_of(distribution);
    }
  }
}

TEST(ParzenEstimator, sums_to_1_almost_over_very_many_values) {
  const UnitCube cube(SearchSpace({{"size", Integer{1, 1000}, {}}}));
  for (auto points : point_sets) {
    for (auto& x : points.x.reshaped()) x = cube.cell(0, x).middle();
    const auto p = estimator(cube, {0}, points);
    double sum = 0;
    for (const auto& [x, width] : values_of(cube, 0)) sum += width * std::exp(p.log_density(numbers({x})));
    EXPECT_NEAR(sum, 1, 1e-3);
  }
}

TEST(ParzenEstimator, sums_to_1_over_several_discrete_axes_together) {
  const UnitCube cube(SearchSpace({{"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                                   {"layers", Integer{1, 4}, {}},
                                   {"only", Choice{{"one"}}, {}},
                                   {"bias", Choice{{"yes", "no"}}, {}}}));
  ArrayXXd x(2, 4);
  x << 2, cube.cell(1, 0.1).middle(), 0.5, 1, 0, cube.cell(1, 0.6).middle(), 0.5, 1;
  for (auto& only : x.col(2)) only = cube.coordinates_of(cube.point_at(std::vector{0.0, 0.5, 0.0, 0.0}))[2];
  const auto p = estimator(cube, {0, 1, 2, 3}, {x, numbers({1, 2}), 0.5});
  double sum = 0;
  for (const auto& [cell, _] : values_of(cube, 0))
    for (const auto& [layers, width] : values_of(cube, 1))
      for (const auto& [bias, __] : values_of(cube, 3))
        sum += width * std::exp(p.log_density(numbers({cell, layers, x(0, 2), bias})));
  EXPECT_NEAR(sum, 1, 1e-12);
}

// Points drawn from the density, weighted by 1 / density, measure the volume: 1.
TEST(ParzenEstimator, draws_from_its_own_density) {
  const UnitCube cube(SearchSpace({{"rate", Uniform{0, 1}, {}}, {"cell", Choice{{"rnn", "lstm", "gru"}}, {}}}));
  ArrayXXd x(3, 2);
  x << 0.1, 0, 0.15, 0, 0.8, 2;
  const auto p = estimator(cube, {0, 1}, {x, ArrayXd::Ones(3), 0.5});
  auto stream = RandomKey(1).stream();
  constexpr int n = 20000;
  double volume_of_gru = 0, low = 0, density_low = 0;
  for (int i = 0; i < n; ++i) {
    const auto drawn = p.draw(stream);
    ASSERT_TRUE(drawn[0] >= 0 && drawn[0] <= 1);
    if (drawn[1] == 2) volume_of_gru += std::exp(-p.log_density(drawn)) / n;
    low += drawn[0] < 0.3 && drawn[1] == 0 ? 1.0 / n : 0;
  }
  constexpr int steps = 3000;
  for (int i = 0; i < steps; ++i)
    density_low += 0.3 * std::exp(p.log_density(numbers({0.3 * (i + 0.5) / steps, 0}))) / steps;
  EXPECT_NEAR(volume_of_gru, 1, 0.05);
  EXPECT_NEAR(low, density_low, 0.01);
}

TEST(ParzenEstimator, is_finite_where_kernels_alone_would_overflow) {
  std::vector<Dimension> dimensions;
  std::vector<std::size_t> axes;
  for (std::size_t d = 0; d < 2000; ++d) {
    dimensions.push_back({std::to_string(d), d % 2 == 0 ? Distribution(Uniform{0, 1}) : Choice{{"a", "b", "c"}}, {}});
    axes.push_back(d);
  }
  const UnitCube cube{SearchSpace(dimensions)};
  const WeightedPoints points{ArrayXXd::Zero(30, 2000), ArrayXd::Ones(30), 0.001};
  const auto p = estimator(cube, axes, points);
  EXPECT_TRUE(std::isfinite(p.log_density(ArrayXd::Zero(2000))));
  EXPECT_TRUE(std::isfinite(p.log_density(ArrayXd::Ones(2000))));
  EXPECT_GT(p.log_density(ArrayXd::Zero(2000)), p.log_density(ArrayXd::Ones(2000)));
}

TEST(ScottBandwidths, are_wide_for_points_apart_and_narrow_for_points_that_agree_but_never_0) {
  const UnitCube cube(SearchSpace({{"a", Uniform{0, 1}, {}}, {"b", Uniform{0, 1}, {}}, {"n", Integer{1, 4}, {}}}));
  ArrayXXd x(20, 3);
  x.col(0) = ArrayXd::LinSpaced(20, 0, 1);
  x.col(1).setConstant(0.3);
  x.col(2).setConstant(0.375);
  const auto sigma = scott_bandwidths(cube, {0, 1, 2}, {x, ArrayXd::Ones(20), 0.5});
  const double scott = std::pow(20, -1.0 / 7);
  EXPECT_NEAR(sigma[0], scott * std::sqrt((20 * (21.0 / 19) + 0.5) / 20.5 / 12), 1e-12);
  EXPECT_NEAR(sigma[1], scott * std::sqrt(0.5 / 20.5 * (1.0 / 12 + 0.2 * 0.2 * 20 / 20.5)), 1e-12);
  EXPECT_EQ(sigma[2], 0.5 / 4) << "half a cell";
}

}  // namespace
}  // namespace seqsweep::search
