// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

namespace seqsweep::search {

/// What is believed of a function before anything of it is known.
struct Hyperparameters {
  Eigen::VectorXd log_lengths;  // [F]: over what distance along each feature the function changes
  double log_scale = 0;         ///< log s², the function's variance
  double log_noise = 0;         ///< log σ², the variance of what is measured around it

  /// Before any measurement.
  [[nodiscard]] static Hyperparameters typical(Eigen::Index num_features);
};

/// A function of which some values were measured: at any point a normal distribution.
class GaussianProcess {
 public:
  struct Prediction {
    double mean, deviation;
    Eigen::VectorXd mean_gradient, deviation_gradient;  // [F], by the features of the point
  };
  struct Predictions {
    Eigen::VectorXd means, deviations;
  };

  /// `y` [n] was measured at the first n rows of `X` [n + p × F]; the other p points are being measured. They are
  /// believed to come out as predicted, without noise: that leaves all means as they are, and makes deviations smaller.
  GaussianProcess(const Eigen::MatrixXd& X, const Eigen::VectorXd& y, const Hyperparameters& theta);

  [[nodiscard]] Predictions predict(const Eigen::MatrixXd& points) const;  // [points × F]
  [[nodiscard]] Prediction predict_with_gradient(const Eigen::VectorXd& point) const;
  /// At the rows of X.
  [[nodiscard]] const Eigen::VectorXd& means() const { return means_; }

 private:
  [[nodiscard]] Eigen::MatrixXd scaled(const Eigen::MatrixXd& points) const;

  Eigen::VectorXd inverse_lengths_;  // [F]
  double scale_;
  Eigen::MatrixXd Z_;      // [n + p × F], scaled features
  Eigen::MatrixXd L_;      // [n + p × n + p], its lower triangle: L Lᵀ = K + σ² I
  Eigen::VectorXd alpha_;  // [n] (K + σ² I)⁻¹ y of the measured points
  Eigen::VectorXd means_;  // [n + p]
};

/// log p(y | X, θ) + log p(θ), up to a constant; with its gradient by (log_lengths, log_scale, log_noise).
[[nodiscard]] double log_posterior(const Eigen::MatrixXd& X, const Eigen::VectorXd& y, const Hyperparameters& theta,
                                   Eigen::VectorXd& gradient);

/// The hyperparameters of the largest posterior that L-BFGS finds from `start`. `y` has mean 0 and variance 1.
[[nodiscard]] Hyperparameters fitted(const Eigen::MatrixXd& X, const Eigen::VectorXd& y, const Hyperparameters& start,
                                     int max_evaluations);

}  // namespace seqsweep::search
