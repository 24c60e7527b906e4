// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include "seqsweep/search/unit_cube.hpp"

namespace seqsweep::search {

/// The points of a cube as a Gaussian process sees them: F numbers in [0, 1] between which distances make sense.
///
/// An axis with an order is one feature, its coordinate; a categorical axis is one for each name, 1 for the one that
/// the point has and 0 for the others. An axis that does not exist in a point lies in its middle (names: all 0): that
/// it does not exist can be seen from the axis it depends on.
class Features {
 public:
  /// `cube` must outlive the object.
  explicit Features(const UnitCube& cube);

  [[nodiscard]] const UnitCube& cube() const { return cube_; }
  [[nodiscard]] Eigen::Index size() const { return size_; }
  /// The only feature of an axis with an order.
  [[nodiscard]] Eigen::Index of_axis(std::size_t d) const { return first_[d]; }

  /// Coordinates from one number for each axis, whether it exists or not: values in the middle of their cells, NaN
  /// where an axis does not exist.
  [[nodiscard]] std::vector<double> coordinates(std::span<const double> u) const;
  [[nodiscard]] Eigen::VectorXd of_coordinates(std::span<const double> coordinates) const;

 private:
  const UnitCube& cube_;
  std::vector<Eigen::Index> first_;  // [dimensions]
  Eigen::Index size_ = 0;
};

}  // namespace seqsweep::search
