// SPDX-License-Identifier: Apache-2.0
//
// Each tree is grown from as many points as there are, drawn with replacement. The third that a tree did not see tells
// how well the forest predicts: 1 - Σ (y - mean of the trees that did not see it)² / Σ (y - mean of y)².
// Breiman 2001, "Random forests", sections 3.1 and 11.
//
// Differs from the paper: every axis is tried at every node, not a random third of them; trees differ by their points
// alone. A tree has at most `most_draws` points, so that work grows no faster than the number of trials.

#include "random_forest.hpp"

#include <algorithm>
#include <limits>

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {
namespace {

using Eigen::ArrayXd;
using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::VectorXd;

constexpr std::uint64_t num_trees = 64;
constexpr std::uint32_t most_draws = 1024;

// Sums of predictions for each point by trees that did not see it.
struct OutOfBag {
  VectorXd sums, counts;  // [points]

  [[nodiscard]] double predicted_share(const VectorXd& y) const {
    const ArrayXd was_left_out = (counts.array() > 0).cast<double>();
    const double mean = (was_left_out * y.array()).sum() / was_left_out.sum();
    const ArrayXd errors = (y.array() - sums.array() / counts.array().max(1)) * was_left_out;
    const double total = (was_left_out * (y.array() - mean)).square().sum();
    return total > 0 ? 1 - errors.square().sum() / total : std::numeric_limits<double>::quiet_NaN();
  }
};

}  // namespace

RandomForest::RandomForest(const UnitCube& cube, const Measured& measured, RandomKey key) : cube_(cube) {
  const auto n = static_cast<std::uint32_t>(measured.y.size());
  SEQSWEEP_EXPECT(n > 0 && measured.y.allFinite(), "a forest grows from finite values");
  ArrayXXd u = measured.x;
  for (Index d = 0; d < u.cols(); ++d)
    u.col(d) = u.col(d).unaryExpr([&](double x) { return quantile(cube, static_cast<std::size_t>(d), x); });
  OutOfBag out_of_bag{VectorXd::Zero(n), VectorXd::Zero(n)};
  for (std::uint64_t t = 0; t < num_trees; ++t) {
    auto stream = key.fold(t).stream();
    std::vector<Index> drawn(std::min(n, most_draws));
    for (auto& row : drawn) row = stream.below(n);
    trees_.push_back(grown_tree(cube, u, measured.y, drawn));
    std::sort(drawn.begin(), drawn.end());
    for (Index row = 0; row < n; ++row) {
      if (std::binary_search(drawn.begin(), drawn.end(), row)) continue;
      const Eigen::RowVectorXd point = u.row(row);
      out_of_bag.sums[row] += value_in(trees_.back(), {point.data(), cube.size()});
      out_of_bag.counts[row] += 1;
    }
  }
  predicted_share_ = out_of_bag.predicted_share(measured.y);
}

double RandomForest::predict(std::span<const double> coordinates) const {
  std::vector<double> u;
  for (std::size_t d = 0; d < coordinates.size(); ++d) u.push_back(quantile(cube_, d, coordinates[d]));
  double sum = 0;
  for (const auto& tree : trees_) sum += value_in(tree, u);
  return sum / static_cast<double>(trees_.size());
}

}  // namespace seqsweep::search
