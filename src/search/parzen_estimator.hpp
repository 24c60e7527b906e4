// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <Eigen/Core>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/unit_cube.hpp"

namespace seqsweep::search {

/// Points on some axes of a cube, all of which exist in each of them.
struct WeightedPoints {
  Eigen::ArrayXXd x;        ///< [n × axes], coordinates
  Eigen::ArrayXd weights;   ///< [n]
  double prior_weight = 1;  ///< of the uniform density that is believed before any point is known, > 0
};

/// How far the kernel around a point reaches along each axis [axes], in quantiles. (Categorical axes need none.)
[[nodiscard]] Eigen::ArrayXd scott_bandwidths(const UnitCube& cube, const std::vector<std::size_t>& axes,
                                              const WeightedPoints& points);

/// A probability density on some axes of a cube: the mixture of a kernel around each point and the uniform prior.
class ParzenEstimator {
 public:
  /// `cube` has to outlive it.
  ParzenEstimator(const UnitCube& cube, const std::vector<std::size_t>& axes, const WeightedPoints& points,
                  const Eigen::ArrayXd& bandwidths);

  /// At x [axes], per unit of quantile: an ordinal value has the probability density · width of its cell, a name its
  /// density.
  [[nodiscard]] double log_density(const Eigen::ArrayXd& x) const;
  /// A point from it [axes]; ordinal coordinates are the middles of cells.
  [[nodiscard]] Eigen::ArrayXd draw(RandomStream& stream) const;

 private:
  struct Margin {
    std::size_t axis;
    Axis::Kind kind;
    std::uint32_t num_choices;  // of a categorical axis
    double bandwidth;           // σ_d, or λ of a categorical axis
  };
  [[nodiscard]] double draw_prior(const Margin& margin, RandomStream& stream) const;
  [[nodiscard]] double draw_kernel(const Margin& margin, double mu, RandomStream& stream) const;

  const UnitCube* cube_;
  std::vector<Margin> margins_;   // [axes]
  Eigen::ArrayXXd mu_;            // [n × axes], the points
  Eigen::ArrayXXd scaled_mu_;     // [n × axes], numeric ones in units of √2 σ
  Eigen::ArrayXd probabilities_;  // [n], p_i
  Eigen::ArrayXd log_heights_;    // [n], of p_i times the kernel's density in its middle
  double log_prior_ = 0;          // of p_0 times the prior's density
};

}  // namespace seqsweep::search
