// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include "seqsweep/search/unit_cube.hpp"

#include "extent.hpp"

namespace seqsweep::search {

/// Where a tree says the same value: a box of the cube. The k-th of C names owns [k / C, (k + 1) / C) of its axis.
struct Leaf {
  std::vector<Extent> box;  // [dimensions]
  double value = 0;
};
/// Its leaves tile the cube. An axis that does not exist in all of a leaf's box is whole there.
using RegressionTree = std::vector<Leaf>;

/// The place of a coordinate on its axis as trees see it: in [0, 1), names too; NaN where the axis does not exist.
[[nodiscard]] double quantile(const UnitCube& cube, std::size_t d, double coordinate);

/// From the points `rows`, repeated ones counting as often, of all that have quantiles `u` [points × dimensions] and
/// values `y` [points].
[[nodiscard]] RegressionTree grown_tree(const UnitCube& cube, const Eigen::ArrayXXd& u, const Eigen::VectorXd& y,
                                        const std::vector<Eigen::Index>& rows);

/// What a tree says of the point with quantiles `u`.
[[nodiscard]] double value_in(const RegressionTree& tree, std::span<const double> u);

}  // namespace seqsweep::search
