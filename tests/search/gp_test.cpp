// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "sampler_run.hpp"
#include "search/features.hpp"
#include "search/fixed_blocks.hpp"
#include "search/standardised.hpp"

namespace seqsweep::search {
namespace {

using Eigen::VectorXd;

constexpr double infinity = std::numeric_limits<double>::infinity();

// ---- what the process is told of values

void expect_standard(const VectorXd& y) {
  EXPECT_NEAR(y.mean(), 0, 1e-12);
  EXPECT_NEAR(y.squaredNorm() / static_cast<double>(y.size()), 1, 1e-12);
}

TEST(Standardised, keeps_the_order_in_both_views_and_good_values_in_proportion) {
  const std::vector<double> values{5, 1, 2, 4, 3, 60, 1e9, 2.5};
  for (const auto& y : {standardised(values), warped(values)}) {
    expect_standard(y);
    for (std::size_t i = 0; i < values.size(); ++i)
      for (std::size_t j = 0; j < values.size(); ++j)
        if (values[i] < values[j]) {
          EXPECT_LE(y[static_cast<Eigen::Index>(i)], y[static_cast<Eigen::Index>(j)]);
        }
  }
  const auto y = standardised(values);
  EXPECT_NEAR((y[3] - y[1]) / (y[4] - y[1]), 1.5, 1e-9);
  EXPECT_GT(y[4] - y[1], 0.2) << "good values vanish beside a huge one";
}

TEST(Standardised, infinities_count_as_the_worst_finite_value) {
  for (const auto view : {standardised, warped}) {
    const auto y = view(std::vector{1.0, infinity, 2.0, 3.0, std::nan(""), 2.2});
    expect_standard(y);
    EXPECT_EQ(y[1], y[3]);
    EXPECT_EQ(y[4], y[3]);
  }
}

TEST(Standardised, takes_whatever_there_is) {
  for (const auto view : {standardised, warped}) {
    for (const auto& values : {std::vector{1.0}, std::vector{2.0, 2.0, 2.0}, std::vector{infinity, infinity}})
      EXPECT_EQ(view(values).norm(), 0);
    EXPECT_TRUE(view(std::vector{-1.7e308, 1.0, 1.7e308}).allFinite());
    EXPECT_TRUE(view(std::vector{0.0, 5e-324, 1e-323}).allFinite());
  }
}

TEST(Standardised, warped_values_are_nearly_normal) {
  std::vector<double> values;
  for (int i = 1; i < 200; ++i) values.push_back(std::exp(3.0 * i / 200));
  const auto skewness = [](const VectorXd& y) { return y.array().cube().mean(); };
  EXPECT_GT(skewness(standardised(values)), 0.7);
  EXPECT_LT(std::abs(skewness(warped(values))), 0.3);
}

// ---- features

SearchSpace network_space() {
  return SearchSpace({{"rate", LogUniform{1e-4, 1e-1}, {}},
                      {"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                      {"layers", Integer{1, 3}, {}},
                      {"dropout", Uniform{0, 0.5}, Condition{"cell", {"lstm", "gru"}}}});
}

TEST(Features, show_order_names_and_what_does_not_exist) {
  const UnitCube cube(network_space());
  const Features features(cube);
  ASSERT_EQ(features.size(), 6);
  const auto of = [&](const std::vector<double>& u) { return features.of_coordinates(features.coordinates(u)); };
  EXPECT_EQ(of({0.2, 1, 0.4, 0.9}), (VectorXd(6) << 0.2, 0, 1, 0, 0.5, 0.9).finished());
  EXPECT_EQ(of({0.2, 0, 0.1, 0.9}), (VectorXd(6) << 0.2, 1, 0, 0, 1 / 6.0, 0.5).finished());
}

// ---- the sampler

double branin(const Point& point) {
  using std::numbers::pi;
  const auto x = numbers_of(point);
  const double a = 15 * x[0] - 5, b = 15 * x[1];
  return std::pow(b - 5.1 / (4 * pi * pi) * a * a + 5 / pi * a - 6, 2) + 10 * (1 - 1 / (8 * pi)) * std::cos(a) + 10 -
         0.39788735772973816;
}

TEST(GpSampler, finds_the_minimum_of_a_smooth_function_in_few_trials) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    EXPECT_LT(best_of(tried_by({"gp", 45, 1, seed}, unit_box(2), branin)), 0.01);
    EXPECT_LT(best_of(tried_by({"gp", 80, 8, seed}, unit_box(2), branin)), 0.01);
  }
}

double network_loss(const Point& p) {
  const double rate = std::log10(std::get<double>(*p.values[0]));
  const auto layers = static_cast<double>(std::get<std::int64_t>(*p.values[2]));
  const auto& cell = std::get<std::string>(*p.values[1]);
  const double of_cell = cell == "gru" ? std::pow(std::get<double>(*p.values[3]) - 0.3, 2) : cell == "rnn" ? 0.3 : 0.2;
  return of_cell + std::pow(rate + 2.4, 2) + 0.1 * std::abs(layers - 2);
}

TEST(GpSampler, finds_integers_names_and_conditional_values) {
  for (std::uint64_t seed = 0; seed < 4; ++seed)
    EXPECT_LT(best_of(tried_by({"gp", 60, 2, seed}, network_space(), network_loss)), 0.01);
}

TEST(GpSampler, points_in_flight_lie_apart) {
  const auto tried = tried_by({"gp", 60, 12, 1}, unit_box(2), branin);
  double closest = 1;
  for (std::size_t i = 20; i < 32; ++i)
    for (std::size_t j = i + 1; j < 32; ++j) {
      const auto a = numbers_of(tried[i].point), b = numbers_of(tried[j].point);
      closest = std::min(closest, std::hypot(a[0] - b[0], a[1] - b[1]));
    }
  EXPECT_GT(closest, 1e-3);
}

TEST(GpSampler, keeps_away_from_where_trials_diverge) {
  const auto tried = tried_by({"gp", 60, 1, 1}, unit_box(2), [](const Point& p) {
    return numbers_of(p)[0] > 0.5 ? infinity
                                  : std::pow(numbers_of(p)[0] - 0.2, 2) + std::pow(numbers_of(p)[1] - 0.6, 2);
  });
  EXPECT_LT(best_of(tried), 1e-4);
  int num_diverged = 0;
  for (std::size_t i = 30; i < 60; ++i) num_diverged += !std::isfinite(tried[i].value);
  EXPECT_LT(num_diverged, 10);
}

TEST(GpSampler, nothing_but_divergence_or_equal_values_is_harmless) {
  for (const double value : {infinity, std::nan(""), 3.0})
    EXPECT_EQ(tried_by({"gp", 30, 4, 1}, network_space(), [value](const Point&) { return value; }).size(), 30u);
}

TEST(GpSampler, tries_no_point_twice_where_there_are_few) {
  const SearchSpace space({{"a", Integer{1, 6}, {}}, {"b", Choice{{"x", "y", "z"}}, {}}});
  const History history(space);
  const auto tried = tried_by({"gp", 18, 1, 1}, space,
                              [](const Point& p) { return static_cast<double>(std::get<std::int64_t>(*p.values[0])); });
  EXPECT_EQ(tried.size(), 18u);
  EXPECT_EQ(std::get<std::int64_t>(*tried[17].point.values[0]) > 1, true);
}

TEST(GpSampler, what_was_turned_down_is_not_proposed_again) {
  StudyOptions options;
  options.ends.trials = 40;
  options.sampler = "gp";
  options.concurrency = 1;
  options.scheduler = {.name = "none", .max_epochs = 1};
  const auto too_large = [](const Point& p) {
    return numbers_of(p)[0] > 0.5 ? std::optional<std::string>("too large") : std::nullopt;
  };
  Study study(
      options, unit_box(2), [](const Point&) { return 1.0; }, too_large);
  auto segments = study.begin();
  std::int64_t turned_down_before = 0;
  while (!segments.empty()) {
    const auto trial = segments[0].trial;
    if (trial.value == 20) turned_down_before = study.num_turned_down();
    const double x = numbers_of(study.trials()[static_cast<std::size_t>(trial.value)].point)[0];
    segments = study.report({trial, 0, 1, Ending::reached, 1, (x - 0.7) * (x - 0.7)});  // the best is forbidden
  }
  EXPECT_LT(study.num_turned_down() - turned_down_before, 60);
}

TEST(GpSampler, does_not_depend_on_the_processors_caches) {
  const auto points = [] {
    std::vector<Point> all;
    for (const auto& tried : tried_by({"gp", 150, 16, 1}, unit_box(3), [](const Point& p) { return numbers_of(p)[0]; }))
      all.push_back(tried.point);
    return all;
  };
  const auto here = points();
  const auto l1 = Eigen::l1CacheSize(), l2 = Eigen::l2CacheSize(), l3 = Eigen::l3CacheSize();
  Eigen::setCpuCacheSizes(8 << 10, 64 << 10, 64 << 10);
  EXPECT_EQ(points(), here);
  EXPECT_EQ(Eigen::l1CacheSize(), 8 << 10) << "left as it was found";
  Eigen::setCpuCacheSizes(l1, l2, l3);
}

// Of 1,300 trials of an earlier sweep all must be looked at in time, and the best be known.
TEST(GpSampler, learns_from_more_trials_than_it_can_take) {
  const auto space = unit_box(2);
  auto stream = RandomKey(1).fold(Purpose::test).stream();
  std::vector<PriorTrial> prior;
  for (int i = 0; i < 1300; ++i) {
    const Point point{{stream.uniform(), stream.uniform()}};
    prior.push_back({point, {{1, std::hypot(numbers_of(point)[0] - 0.3, numbers_of(point)[1] - 0.8)}}});
  }
  const History history(space, prior);
  const auto sampler = find_in(sampler_catalogue(), "sampler", "gp").make(space, {});
  const auto x = numbers_of(sampler->propose(history, {0, RandomKey(7)}));
  EXPECT_LT(std::hypot(x[0] - 0.3, x[1] - 0.8), 0.05);
}

}  // namespace
}  // namespace seqsweep::search
