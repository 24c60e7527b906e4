// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/unit_cube.hpp"

#include "regression_tree.hpp"

namespace seqsweep::search {

/// What was measured at points of a cube.
struct Measured {
  Eigen::ArrayXXd x;  // [points × dimensions] coordinates as the cube has them
  Eigen::VectorXd y;  // [points]
};

/// Many regression trees, each grown from points drawn by chance: what they say on average predicts well without
/// anything to tune.
class RandomForest {
 public:
  /// At least one point, all values finite.
  RandomForest(const UnitCube& cube, const Measured& measured, RandomKey key);

  [[nodiscard]] const std::vector<RegressionTree>& trees() const { return trees_; }
  /// The mean over trees. `coordinates` as the cube has them.
  [[nodiscard]] double predict(std::span<const double> coordinates) const;
  /// The share of the values' variance that is predicted for points by the trees that were grown without them, at most
  /// 1; below 0: worse than the mean would. NaN where values do not differ.
  [[nodiscard]] double predicted_share() const { return predicted_share_; }

 private:
  const UnitCube& cube_;
  std::vector<RegressionTree> trees_;
  double predicted_share_ = 0;
};

}  // namespace seqsweep::search
