// SPDX-License-Identifier: Apache-2.0
#include "features.hpp"

#include <cmath>
#include <limits>

namespace seqsweep::search {

Features::Features(const UnitCube& cube) : cube_(cube) {
  for (std::size_t d = 0; d < cube.size(); ++d) {
    const auto [kind, num_values] = cube.axis(d);
    first_.push_back(size_);
    size_ += kind == Axis::Kind::categorical ? num_values : 1;
  }
}

std::vector<double> Features::coordinates(std::span<const double> u) const {
  std::vector<double> coordinates(u.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t d = 0; d < u.size(); ++d)
    if (cube_.is_active(d, coordinates))
      coordinates[d] = cube_.axis(d).kind == Axis::Kind::ordinal ? cube_.cell(d, u[d]).middle() : u[d];
  return coordinates;
}

Eigen::VectorXd Features::of_coordinates(std::span<const double> coordinates) const {
  Eigen::VectorXd features = Eigen::VectorXd::Zero(size_);
  for (std::size_t d = 0; d < coordinates.size(); ++d) {
    const bool exists = !std::isnan(coordinates[d]);
    if (cube_.axis(d).kind != Axis::Kind::categorical)
      features[first_[d]] = exists ? coordinates[d] : 0.5;
    else if (exists)
      features[first_[d] + static_cast<Eigen::Index>(coordinates[d])] = 1;
  }
  return features;
}

}  // namespace seqsweep::search
