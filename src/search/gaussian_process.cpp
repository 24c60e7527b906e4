// SPDX-License-Identifier: Apache-2.0
//
// Rasmussen, Williams 2006, "Gaussian processes for machine learning", sections 2.2, 4.2 and 5.4:
//   z = x / ℓ,  r = ‖z - z'‖,  k(x, x') = s² (1 + √5 r + 5/3 r²) exp(-√5 r) + b²      (Matérn 5/2)
//   K + σ² I = L Lᵀ,  α = (K + σ² I)⁻¹ y
//   μ(x) = k(x)ᵀ α,  v(x) = k(x, x) - ‖L⁻¹ k(x)‖²
//   log p(y | θ) = -½ yᵀ α - Σ_i log L_ii - n/2 log 2π
//   ∂ log p / ∂θ = ½ tr((α αᵀ - (K + σ² I)⁻¹) ∂K/∂θ)
// b² stands for an unknown constant mean ~ N(0, 1). Prior of the lengths: Hvarfner, Hellsten, Nardi 2024, "Vanilla
// Bayesian optimization performs great in high dimensions", section 5: lognormal with mean √2 + ½ log F and deviation
// √3. Weak ones of our own on the other two: log s² ~ N(0, 1), log σ² ~ N(-6, 3²).
// Differs from the papers: Hvarfner et al. have s² = 1 and learn the mean.

#include "gaussian_process.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Cholesky>

#include "seqsweep/core/error.hpp"

#include "lbfgs.hpp"

namespace seqsweep::search {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const double sqrt5 = std::sqrt(5.0);
constexpr double mean_variance = 1;    // b²
constexpr double least_noise = 1e-6;   // keeps K + σ² I well conditioned
constexpr double least_share = 1e-12;  // of s², what rounding leaves of a variance

// Of (log ℓ, log s², log σ²).
Box bounds_of(Index F) {
  VectorXd low = VectorXd::Constant(F + 2, std::log(1e-2)), high = VectorXd::Constant(F + 2, std::log(1e3));
  high[F] = std::log(1e2);
  low[F + 1] = std::log(least_noise);
  high[F + 1] = std::log(10);
  return {low, high};
}

// Squared distances of all rows of Z from the point z.
VectorXd squared_distances(const Eigen::Ref<const MatrixXd>& Z, const Eigen::Ref<const VectorXd>& z) {
  VectorXd r2 = VectorXd::Zero(Z.rows());
  for (Index f = 0; f < Z.cols(); ++f) r2.array() += (Z.col(f).array() - z[f]).square();
  return r2;
}

// Matérn 5/2 of variance 1.
VectorXd matern(const VectorXd& r2) {
  const Eigen::ArrayXd a = sqrt5 * r2.array().sqrt();
  return (1 + a + a.square() / 3) * (-a).exp();
}

// (5/3) (1 + √5 r) exp(-√5 r): minus the derivative by r²/2.
VectorXd matern_slope(const VectorXd& r2) {
  const Eigen::ArrayXd a = sqrt5 * r2.array().sqrt();
  return 5.0 / 3 * (1 + a) * (-a).exp();
}

MatrixXd scaled_by(const MatrixXd& X, const VectorXd& log_lengths) {
  return X * (-log_lengths).array().exp().matrix().asDiagonal();
}

struct Prior {
  double mean, deviation;
  double log_density(double x) const { return -0.5 * (x - mean) * (x - mean) / (deviation * deviation); }
  double slope(double x) const { return -(x - mean) / (deviation * deviation); }
};
const Prior scale_prior{0, 1};
const Prior noise_prior{-6, 3};
// In log ℓ: the lognormal's density by ℓ has a factor 1/ℓ, which moves the mode.
Prior length_prior(Index F) {
  return {std::sqrt(2) + 0.5 * std::log(static_cast<double>(F)) - 3, std::sqrt(3)};
}

VectorXd packed(const Hyperparameters& theta) {
  VectorXd x(theta.log_lengths.size() + 2);
  x << theta.log_lengths, theta.log_scale, theta.log_noise;
  return x;
}

Hyperparameters unpacked(const VectorXd& x) {
  const auto F = x.size() - 2;
  return {x.head(F), x[F], x[F + 1]};
}

}  // namespace

Hyperparameters Hyperparameters::typical(Index num_features) {
  return {VectorXd::Constant(num_features, std::log(0.3 * std::sqrt(static_cast<double>(num_features)))), 0,
          std::log(1e-3)};
}

GaussianProcess::GaussianProcess(const MatrixXd& X, const VectorXd& y, const Hyperparameters& theta)
    : inverse_lengths_((-theta.log_lengths).array().exp()),
      scale_(std::exp(theta.log_scale)),
      Z_(scaled(X)),
      L_(X.rows(), X.rows()) {
  const Index n = y.size(), p = X.rows() - n;
  const double noise = std::exp(theta.log_noise);
  for (Index j = 0; j < X.rows(); ++j) {  // the lower triangle of K
    const Index below = X.rows() - j;
    L_.col(j).tail(below) =
        (scale_ * matern(squared_distances(Z_.bottomRows(below), Z_.row(j).transpose()))).array() + mean_variance;
  }
  const MatrixXd of_flying = L_.bottomLeftCorner(p, n);
  L_.diagonal().head(n).array() += noise;
  L_.diagonal().tail(p).array() += least_noise;
  const Eigen::LLT<Eigen::Ref<MatrixXd>> llt(L_);  // in place
  SEQSWEEP_ENSURE(llt.info() == Eigen::Success, "a kernel matrix is not positive definite");
  const auto L = L_.topLeftCorner(n, n).triangularView<Eigen::Lower>();
  alpha_ = L.adjoint().solve(L.solve(y));
  means_.resize(X.rows());
  means_ << y - noise * alpha_, of_flying * alpha_;
}

MatrixXd GaussianProcess::scaled(const MatrixXd& points) const {
  return points * inverse_lengths_.asDiagonal();
}

GaussianProcess::Predictions GaussianProcess::predict(const MatrixXd& points) const {
  const MatrixXd W = scaled(points);
  MatrixXd k(Z_.rows(), points.rows());
  for (Index j = 0; j < k.cols(); ++j)
    k.col(j) = (scale_ * matern(squared_distances(Z_, W.row(j).transpose()))).array() + mean_variance;
  const VectorXd means = k.topRows(alpha_.size()).transpose() * alpha_;
  L_.triangularView<Eigen::Lower>().solveInPlace(k);
  const VectorXd variances =
      (scale_ + mean_variance - k.colwise().squaredNorm().transpose().array()).max(least_share * scale_);
  return {means, variances.cwiseSqrt()};
}

GaussianProcess::Prediction GaussianProcess::predict_with_gradient(const VectorXd& point) const {
  const Index n = alpha_.size();
  const VectorXd z = point.cwiseProduct(inverse_lengths_);
  const VectorXd r2 = squared_distances(Z_, z);
  const VectorXd k = (scale_ * matern(r2)).array() + mean_variance;
  const VectorXd slope = scale_ * matern_slope(r2);
  VectorXd w = L_.triangularView<Eigen::Lower>().solve(k);
  const double variance = std::max(scale_ + mean_variance - w.squaredNorm(), least_share * scale_);
  L_.triangularView<Eigen::Lower>().adjoint().solveInPlace(w);  // (K + σ² I)⁻¹ k
  Prediction p{k.head(n).dot(alpha_), std::sqrt(variance), VectorXd(z.size()), VectorXd(z.size())};
  for (Index f = 0; f < z.size(); ++f) {
    const VectorXd dk = slope.array() * (Z_.col(f).array() - z[f]) * inverse_lengths_[f];
    p.mean_gradient[f] = dk.head(n).dot(alpha_);
    p.deviation_gradient[f] = -dk.dot(w) / p.deviation;
  }
  return p;
}

double log_posterior(const MatrixXd& X, const VectorXd& y, const Hyperparameters& theta, VectorXd& gradient) {
  const Index n = y.size(), F = X.cols();
  const double scale = std::exp(theta.log_scale), noise = std::exp(theta.log_noise);
  const MatrixXd Z = scaled_by(X, theta.log_lengths);
  MatrixXd r2(n, n);
  for (Index j = 0; j < n; ++j) r2.col(j) = squared_distances(Z, Z.row(j).transpose());
  const Eigen::ArrayXXd a = sqrt5 * r2.array().sqrt();
  const Eigen::ArrayXXd decay = scale * (-a).exp();
  const MatrixXd M = (1 + a + a.square() / 3) * decay;  // s² Matérn
  MatrixXd K = M.array() + mean_variance;
  K.diagonal().array() += noise;
  const Eigen::LLT<MatrixXd> llt(K);
  SEQSWEEP_ENSURE(llt.info() == Eigen::Success, "a kernel matrix is not positive definite");
  const VectorXd alpha = llt.solve(y);
  const MatrixXd W = alpha * alpha.transpose() - llt.solve(MatrixXd::Identity(n, n));

  const auto of_lengths = length_prior(F);
  double value = -0.5 * y.dot(alpha) - llt.matrixLLT().diagonal().array().log().sum() +
                 scale_prior.log_density(theta.log_scale) + noise_prior.log_density(theta.log_noise);
  gradient.resize(F + 2);
  // ∂K/∂log ℓ_f = G ∘ (z_f - z'_f)² with G = s² matern_slope; W ∘ G is symmetric.
  const MatrixXd WG = W.array() * (5.0 / 3 * (1 + a) * decay);
  const VectorXd sums = WG.rowwise().sum();
  const MatrixXd WGZ = WG * Z;
  for (Index f = 0; f < F; ++f) {
    value += of_lengths.log_density(theta.log_lengths[f]);
    gradient[f] = sums.dot(Z.col(f).cwiseAbs2()) - Z.col(f).dot(WGZ.col(f)) + of_lengths.slope(theta.log_lengths[f]);
  }
  gradient[F] = 0.5 * (W.array() * M.array()).sum() + scale_prior.slope(theta.log_scale);
  gradient[F + 1] = 0.5 * noise * W.trace() + noise_prior.slope(theta.log_noise);
  return value;
}

Hyperparameters fitted(const MatrixXd& X, const VectorXd& y, const Hyperparameters& start, int max_evaluations) {
  const auto loss = [&](const VectorXd& x, VectorXd& gradient) {
    const double value = log_posterior(X, y, unpacked(x), gradient);
    gradient = -gradient;
    return -value;
  };
  return unpacked(minimised(loss, packed(start), bounds_of(X.cols()), max_evaluations));
}

}  // namespace seqsweep::search
