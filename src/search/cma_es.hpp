// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/unit_cube.hpp"

namespace seqsweep::search {

/// The normal distribution of CMA-ES over n numbers: where it looks next, and how it learns from a generation.
///
/// Points are drawn as x = m + σ A y with y ~ N(0, C). The diagonal A is 1 but where a margin widens an axis.
class CmaEs {
 public:
  /// λ by default: 4 + ⌊3 ln n⌋.
  [[nodiscard]] static int default_population(Eigen::Index n);

  /// `population` is λ, the size of a generation, at least 4.
  CmaEs(const Eigen::VectorXd& mean, double sigma, int population);

  [[nodiscard]] int population() const { return static_cast<int>(weights_.size()); }
  [[nodiscard]] const Eigen::VectorXd& mean() const { return m_; }
  [[nodiscard]] double sigma() const { return sigma_; }
  [[nodiscard]] const Eigen::MatrixXd& covariance() const { return C_; }
  /// The weights w_1 … w_λ of the best to the worst point; from λ/2 + 1 on negative.
  [[nodiscard]] const Eigen::VectorXd& weights() const { return weights_; }
  /// Of points along axis d.
  [[nodiscard]] double standard_deviation(Eigen::Index d) const;
  /// Along the axis of the ellipsoid where it is longest.
  [[nodiscard]] double largest_deviation() const { return sigma_ * D_.maxCoeff(); }
  [[nodiscard]] bool is_degenerate() const;

  [[nodiscard]] Eigen::VectorXd sample(RandomStream& stream) const;
  /// One generation: λ points, the best first. Points drawn from an earlier distribution may be among them.
  void update(const Eigen::MatrixXd& ranked);  // [n × λ]
  /// Sees to it that a point leaves the mean's cell of axis d, on each side where there are more values, with a
  /// probability of at least alpha / 2 (alpha where values are on one side only). `cell` is the mean's.
  void keep_margin(Eigen::Index d, const Cell& cell, double alpha);

 private:
  void decompose();

  // n numbers each, or [n × n]. As in the tutorial.
  Eigen::VectorXd m_, p_sigma_, p_c_, A_, D_, weights_;
  Eigen::MatrixXd C_, B_;
  double sigma_, mu_eff_, c_sigma_, d_sigma_, c_c_, c_1_, c_mu_, expected_norm_;
  int num_generations_ = 0;
};

}  // namespace seqsweep::search
