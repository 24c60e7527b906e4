// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/importance.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "search/random_forest.hpp"
#include "search/random_point.hpp"
#include "search/standardised.hpp"

namespace seqsweep::search {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using Function = std::function<double(const Point&)>;

double real(const Point& point, std::size_t d) {
  return std::get<double>(*point.values[d]);
}

const std::string& word(const Point& point, std::size_t d) {
  return std::get<std::string>(*point.values[d]);
}

// Random points of a space, each measured after one epoch.
History measured(const std::vector<Dimension>& dimensions, int num_trials, const Function& f) {
  const SearchSpace space(dimensions);
  History history(space);
  for (int i = 0; i < num_trials; ++i) {
    auto& trial = history.begin(random_point(space, RandomKey(7).fold(static_cast<std::uint64_t>(i))));
    trial.curve = {{1, f(trial.point)}};
    history.measured(trial.id, false);
  }
  return history;
}

Importance importance_of(const std::vector<Dimension>& dimensions, int num_trials, const Function& f) {
  return importance(measured(dimensions, num_trials, f), RandomKey(0));
}

double share_of_pair(const Importance& importance, std::size_t first, std::size_t second) {
  for (const auto& pair : importance.pairs)
    if (pair.first == first && pair.second == second) return pair.share.mean;
  ADD_FAILURE() << "no pair " << first << ", " << second;
  return 0;
}

// The forest that importance() grows: from points in order of their values.
RandomForest forest_of(const History& history) {
  const auto& observations = history.level_with(1)->observations;
  Measured measured{Eigen::ArrayXXd(observations.size(), history.cube().size()), {}};
  std::vector<double> values;
  for (const auto& [value, row] : observations) {
    for (std::size_t d = 0; d < history.cube().size(); ++d)
      measured.x(static_cast<Eigen::Index>(values.size()), static_cast<Eigen::Index>(d)) = history.coordinates(row)[d];
    values.push_back(value);
  }
  measured.y = standardised(values);
  return {history.cube(), measured, RandomKey(0)};
}

const std::vector<Dimension> abc = {{"a", Uniform{0, 1}, {}}, {"b", Uniform{0, 1}, {}}, {"c", Uniform{0, 1}, {}}};
const std::vector<Dimension> conditional = {{"cell", Choice{{"rnn", "lstm"}}, {}},
                                            {"slope", Uniform{0, 1}, Condition{"cell", {"rnn"}}}};

TEST(Importance, of_a_sum_is_as_the_variances_of_its_terms_and_0_for_what_is_not_in_it) {
  const auto found = importance_of(abc, 400, [](const Point& p) { return 3 * real(p, 0) + real(p, 1); });
  EXPECT_EQ(found.num_trials, 400U);
  EXPECT_EQ(found.epoch, 1);
  EXPECT_NEAR(found.dimensions[0].mean, 0.9, 0.03);
  EXPECT_NEAR(found.dimensions[1].mean, 0.1, 0.03);
  EXPECT_LT(found.dimensions[2].mean, 0.005);
  EXPECT_LT(found.pairs[0].share.mean, 0.02);
  EXPECT_GT(found.predicted_share, 0.95);
  EXPECT_GT(found.dimensions[0].sd, 0);
  EXPECT_LT(found.dimensions[0].sd, 0.1);
}

TEST(Importance, of_a_product_without_effects_of_its_factors_alone_is_the_pairs) {
  const auto found = importance_of(abc, 400, [](const Point& p) { return (real(p, 0) - 0.5) * (real(p, 1) - 0.5); });
  EXPECT_GT(share_of_pair(found, 0, 1), 0.75);
  EXPECT_EQ(found.pairs[0].first, 0U);
  EXPECT_EQ(found.pairs[0].second, 1U);
  for (const auto& dimension : found.dimensions) EXPECT_LT(dimension.mean, 0.1);
}

TEST(Importance, is_measured_on_the_scale_of_the_users_distribution) {
  const auto found = importance_of({{"rate", LogUniform{1e-4, 1}, {}}, {"b", Uniform{0, 1}, {}}}, 400,
                                   [](const Point& p) { return std::log10(real(p, 0)) / 4 + real(p, 1); });
  EXPECT_NEAR(found.dimensions[0].mean, 0.5, 0.05);
  EXPECT_NEAR(found.dimensions[1].mean, 0.5, 0.05);
}

TEST(Importance, of_names_does_not_depend_on_their_order) {
  const auto bad = [](const Point& p) { return word(p, 0) == "a" || word(p, 0) == "c" ? 1.0 : 0.0; };
  const auto found =
      importance_of({{"name", Choice{{"a", "b", "c", "d", "e"}}, {}}, {"x", Uniform{0, 1}, {}}}, 100, bad);
  EXPECT_NEAR(found.dimensions[0].mean, 1, 1e-9);
  EXPECT_NEAR(found.dimensions[1].mean, 0, 1e-9);
}

// Where the slope exists f is the slope, elsewhere its mean: V = 1/24, of the slope alone (f = u/2 + 1/4) 1/48.
TEST(Importance, of_a_conditional_dimension_is_shared_with_the_one_that_decides_whether_it_exists) {
  const auto found = importance_of(conditional, 300, [](const Point& p) { return p.values[1] ? real(p, 1) : 0.5; });
  EXPECT_LT(found.dimensions[0].mean, 0.02);
  EXPECT_NEAR(found.dimensions[1].mean, 0.5, 0.05);
  EXPECT_NEAR(share_of_pair(found, 0, 1), 0.5, 0.05);
}

TEST(Importance, counts_trials_that_diverged_as_the_worst) {
  const auto f = [](const Point& p) { return real(p, 0) > 0.7 ? infinity : real(p, 1); };
  const auto found = importance_of(abc, 200, f);
  const auto expected = importance_of(abc, 200, [&](const Point& p) { return std::min(f(p), 1.0); });
  EXPECT_GT(found.dimensions[0].mean, 0.3);
  for (std::size_t d = 0; d < 3; ++d) EXPECT_NEAR(found.dimensions[d].mean, expected.dimensions[d].mean, 0.02);
}

TEST(Importance, is_the_same_every_time) {
  const auto history = measured(conditional, 50, [](const Point& p) { return p.values[1] ? real(p, 1) : 0.2; });
  const auto first = importance(history, RandomKey(1)), second = importance(history, RandomKey(1));
  const auto other = importance(history, RandomKey(2));
  EXPECT_EQ(first.dimensions[0].mean, second.dimensions[0].mean);
  EXPECT_EQ(first.pairs[0].share.sd, second.pairs[0].share.sd);
  EXPECT_NE(first.dimensions[0].mean, other.dimensions[0].mean);
}

TEST(Importance, is_of_the_highest_level_with_enough_trials) {
  auto history = measured(abc, 80, [](const Point& p) { return real(p, 0); });
  for (int i = 0; i < 40; ++i) {
    auto& trial = history.record(TrialId(2 * i));
    trial.curve.push_back({4, real(trial.point, 1)});
    history.measured(trial.id, false);
    if (i >= 10) continue;
    trial.curve.push_back({16, real(trial.point, 2)});
    history.measured(trial.id, false);
  }
  const auto found = importance(history, RandomKey(0));
  EXPECT_EQ(found.epoch, 4);
  EXPECT_EQ(found.num_trials, 40U);
  EXPECT_GT(found.dimensions[1].mean, 0.8);
}

TEST(Importance, is_0_where_nothing_differs) {
  for (const int num_trials : {0, 1, 2, 20}) {
    for (const double value : {0.1, infinity}) {
      const auto found = importance_of(abc, num_trials, [&](const Point&) { return value; });
      EXPECT_TRUE(std::isnan(found.predicted_share));
      for (const auto& [mean, sd] : found.dimensions) EXPECT_EQ(mean, 0) << num_trials;
    }
  }
}

TEST(Importance, of_the_only_dimension_is_everything) {
  for (const int num_trials : {5, 50}) {
    const auto found = importance_of({{"x", Uniform{0, 1}, {}}}, num_trials, [](const Point& p) { return real(p, 0); });
    EXPECT_NEAR(found.dimensions.at(0).mean, 1, 1e-9);
    EXPECT_TRUE(found.pairs.empty());
  }
}

// ∫ f_U² - f_0² of a tree over a cube of three axes with few values each, from f in all its cells; U is what is kept.
using Cells = std::array<std::vector<Cell>, 3>;
double variance_of_mean(const RegressionTree& tree, const Cells& cells, const std::array<bool, 3>& is_kept) {
  std::map<std::array<std::size_t, 3>, std::pair<double, double>> marginal;  // Σ weight f, Σ weight
  double mean = 0;
  for (std::size_t i = 0; i < cells[0].size(); ++i)
    for (std::size_t j = 0; j < cells[1].size(); ++j)
      for (std::size_t k = 0; k < cells[2].size(); ++k) {
        const std::array at = {cells[0][i], cells[1][j], cells[2][k]};
        const auto leaf = std::find_if(tree.begin(), tree.end(), [&](const Leaf& l) {
          return contains(l.box[0], at[0].middle()) && contains(l.box[1], at[1].middle()) &&
                 contains(l.box[2], at[2].middle());
        });
        double weight = 1;
        for (const auto& cell : at) weight *= cell.high - cell.low;
        auto& [sum, weights] = marginal[{is_kept[0] ? i : 0, is_kept[1] ? j : 0, is_kept[2] ? k : 0}];
        sum += weight * leaf->value;
        weights += weight;
        mean += weight * leaf->value;
      }
  double variance = 0;
  for (const auto& [at, sums] : marginal) variance += sums.second * std::pow(sums.first / sums.second - mean, 2);
  return variance;
}

TEST(Importance, is_exactly_the_analysis_of_variance_of_the_trees) {
  const auto history =
      measured({{"n", Integer{1, 4, 1, true}, {}},
                {"name", Choice{{"a", "b", "c"}}, {}},
                {"odd", Choice{{"x", "y"}}, Condition{"n", {"1", "3"}}}},
               60, [](const Point& p) {
                 const auto n = static_cast<double>(std::get<std::int64_t>(*p.values[0]));
                 return n * (word(p, 1) == "b" ? -1 : 0.5) + (p.values[2] && word(p, 2) == "x" ? 2 : 0);
               });
  Cells cells = {{{}, {{0, 1.0 / 3}, {1.0 / 3, 2.0 / 3}, {2.0 / 3, 1}}, {{0, 0.5}, {0.5, 1}}}};
  for (double u = 0; u < 1 - 1e-9; u = cells[0].back().high) cells[0].push_back(history.cube().cell(0, u + 1e-12));
  ASSERT_EQ(cells[0].size(), 4U);
  double share_n = 0, share_pair = 0;
  const auto forest = forest_of(history);
  for (const auto& tree : forest.trees()) {
    const double V = variance_of_mean(tree, cells, {true, true, true});
    const double V_n = variance_of_mean(tree, cells, {true, false, false});
    const double V_odd = variance_of_mean(tree, cells, {false, false, true});
    share_n += V_n / V / static_cast<double>(forest.trees().size());
    share_pair += (variance_of_mean(tree, cells, {true, false, true}) - V_n - V_odd) / V /
                  static_cast<double>(forest.trees().size());
  }
  const auto found = importance(history, RandomKey(0));
  EXPECT_NEAR(found.dimensions[0].mean, share_n, 1e-9);
  EXPECT_NEAR(share_of_pair(found, 0, 2), share_pair, 1e-9);
  EXPECT_GT(share_n, 0.01);
  EXPECT_GT(share_pair, 0.001);
}

TEST(RandomForest, fits_a_step_function_exactly) {
  const auto history = measured({{"n", Integer{1, 8}, {}}, {"x", Uniform{0, 1}, {}}}, 200,
                                [](const Point& p) { return std::get<std::int64_t>(*p.values[0]) <= 3 ? 1.0 : 5.0; });
  const auto forest = forest_of(history);
  for (const auto& tree : forest.trees()) EXPECT_EQ(tree.size(), 2U);
  const double low = forest.predict(history.cube().coordinates_of({{std::int64_t{1}, 0.5}}));
  const double high = forest.predict(history.cube().coordinates_of({{std::int64_t{8}, 0.5}}));
  for (std::int64_t n = 1; n <= 8; ++n)
    EXPECT_NEAR(forest.predict(history.cube().coordinates_of({{n, 0.5}})), n <= 3 ? low : high, 1e-12) << n;
  EXPECT_NEAR(forest.predicted_share(), 1, 1e-12);
}

TEST(RandomForest, predicts_no_better_than_the_mean_where_there_is_only_chance) {
  auto stream = RandomKey(5).stream();
  const auto forest = forest_of(measured(abc, 100, [&](const Point&) { return stream.normal(); }));
  EXPECT_LT(forest.predicted_share(), 0.1);
  EXPECT_GT(forest.predicted_share(), -1);
}

// A chain of conditions, the first on numbers with a gap.
TEST(RandomForest, has_leaves_that_tile_the_cube_and_never_splits_where_a_dimension_may_not_exist) {
  const auto history =
      measured({{"layers", Choice{{"1", "2", "3"}}, {}},
                {"link", Choice{{"none", "skip", "dense"}}, Condition{"layers", {"1", "3"}}},
                {"scale", Uniform{0, 1}, Condition{"link", {"skip", "dense"}}},
                {"x", Uniform{0, 1}, {}}},
               150, [](const Point& p) { return (p.values[2] ? real(p, 2) : 0.5) + 0.1 * real(p, 3); });
  const auto forest = forest_of(history);
  bool has_split_scale = false;
  for (const auto& tree : forest.trees()) {
    double total = 0;
    for (const auto& [box, value] : tree) {
      double size = 1;
      for (const auto& extent : box) size *= measure(extent);
      total += size;
      EXPECT_TRUE(std::isfinite(value));
      const bool has_link = overlap(box[0], {{1.0 / 3, 2.0 / 3}}) < 1e-12;
      const bool has_scale = has_link && overlap(box[1], {{0, 1.0 / 3}}) < 1e-12;
      EXPECT_TRUE(has_link || measure(box[1]) == 1);
      EXPECT_TRUE(has_scale || measure(box[2]) == 1);
      has_split_scale |= measure(box[2]) < 1;
    }
    EXPECT_NEAR(total, 1, 1e-9);
  }
  EXPECT_TRUE(has_split_scale);
  EXPECT_GT(forest.predicted_share(), 0.8);
}

}  // namespace
}  // namespace seqsweep::search
