// SPDX-License-Identifier: Apache-2.0
//
// p(x) = p_0 Π_d u_d + Σ_i p_i Π_d k_d(x_d, μ_id),   p_0 = w_0 / (w_0 + Σ_j w_j),   p_i = w_i / (w_0 + Σ_j w_j)
//   continuous   u_d = 1     k_d(x, μ) = exp(-½ ((x - μ) / σ_d)²) / ∫_0^1 exp(-½ ((q - μ) / σ_d)²) dq
//   ordinal      u_d = 1     the same at the middles of cells, the integral being the sum over cells
//   categorical  u_d = 1/C   k_d(x, μ) = (1 if x = μ, else λ) / (1 + (C - 1) λ)
// Product kernels over the D axes: Falkner, Klein, Hutter 2018, "BOHB: Robust and efficient hyperparameter optimization
// at scale", section 3.2; between names: Aitchison, Aitken 1976, "Multivariate binary discrimination by the kernel
// method". For n points:
//   σ_d = s_d n^(-1 / (D + 4))   Scott 1992, "Multivariate density estimation", section 6.3
//   λ   = 1 / (n + 2)            as in Optuna 3.1
// Differs from the papers: s_d is the weighted standard deviation of points and prior together, so that it shrinks to
// nothing along no axis, however much the points agree; BOHB takes the points alone, and fits λ by cross-validation.
#include "parzen_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "distribution.hpp"

namespace seqsweep::search {
namespace {

using Eigen::ArrayXd;
using std::numbers::pi;
using std::numbers::sqrt2;

// A kernel of half a cell gives the neighbours 5 % each: of few values, none is forgotten for the others.
constexpr double least_cells = 0.5;
constexpr std::int64_t most_cells_summed = 64;  // more are so narrow that their sum is the integral

// s_d
double standard_deviation(const ArrayXd& x, const ArrayXd& weights, double prior_weight) {
  constexpr double prior_mean = 0.5, prior_variance = 1.0 / 12;
  const double total = prior_weight + weights.sum();
  const double mean = (prior_weight * prior_mean + (weights * x).sum()) / total;
  const double prior_square = prior_variance + (prior_mean - mean) * (prior_mean - mean);
  return std::sqrt((prior_weight * prior_square + (weights * (x - mean).square()).sum()) / total);
}

double normal_cdf(double z) {
  return std::erfc(-z / sqrt2) / 2;
}

// ∫_0^1 exp(-½ ((q - μ) / σ)²) dq
double integral(double mu, double sigma) {
  return std::sqrt(2 * pi) * sigma * (normal_cdf((1 - mu) / sigma) - normal_cdf(-mu / sigma));
}

// The same over cells, for each middle μ of a cell.
std::map<double, double> sums_over_cells(const Distribution& distribution, double sigma) {
  std::vector<Cell> cells;
  for (std::int64_t i = 0; i < num_values(distribution); ++i)
    cells.push_back(cell_of(distribution, nth_value(distribution, i)));
  std::map<double, double> sums;
  for (const auto& at : cells)
    for (const auto& cell : cells) {
      const double z = (cell.middle() - at.middle()) / sigma;
      sums[at.middle()] += (cell.high - cell.low) * std::exp(-z * z / 2);
    }
  return sums;
}

// The divisor of k_d around each of `mu` [n].
ArrayXd volumes(const UnitCube& cube, std::size_t d, const ArrayXd& mu, double bandwidth) {
  const auto [kind, num_values] = cube.axis(d);
  if (kind == Axis::Kind::categorical)
    return ArrayXd::Constant(mu.size(), 1 + static_cast<double>(num_values - 1) * bandwidth);
  if (kind == Axis::Kind::continuous || num_values > most_cells_summed)
    return mu.unaryExpr([&](double m) { return integral(m, bandwidth); });
  const auto sums = sums_over_cells(cube.space().dimensions()[d].distribution, bandwidth);
  return mu.unaryExpr([&](double m) { return sums.at(m); });
}

}  // namespace

Eigen::ArrayXd scott_bandwidths(const UnitCube& cube, const std::vector<std::size_t>& axes,
                                const WeightedPoints& points) {
  const auto n = static_cast<double>(points.x.rows());
  const auto D = static_cast<double>(axes.size());
  ArrayXd bandwidths(axes.size());
  for (Eigen::Index d = 0; d < bandwidths.size(); ++d) {
    const auto [kind, num_values] = cube.axis(axes[static_cast<std::size_t>(d)]);
    const double s_d = standard_deviation(points.x.col(d), points.weights, points.prior_weight);
    const double sigma_d = s_d * std::pow(std::max(n, 1.0), -1 / (D + 4));
    const double least = kind == Axis::Kind::ordinal ? least_cells / static_cast<double>(num_values) : 0;
    bandwidths[d] = std::max(sigma_d, least);
  }
  return bandwidths;
}

ParzenEstimator::ParzenEstimator(const UnitCube& cube, const std::vector<std::size_t>& axes,
                                 const WeightedPoints& points, const Eigen::ArrayXd& bandwidths)
    : cube_(&cube), mu_(points.x), scaled_mu_(points.x) {
  const double total_weight = points.prior_weight + points.weights.sum();
  probabilities_ = points.weights / total_weight;
  log_heights_ = probabilities_.log();
  log_prior_ = std::log(points.prior_weight / total_weight);
  for (Eigen::Index d = 0; d < mu_.cols(); ++d) {
    const auto axis = axes[static_cast<std::size_t>(d)];
    const auto [kind, num_values] = cube.axis(axis);
    const double lambda = 1 / static_cast<double>(mu_.rows() + 2);
    const double bandwidth = kind == Axis::Kind::categorical ? lambda : bandwidths[d];
    margins_.push_back({axis, kind, static_cast<std::uint32_t>(num_values), bandwidth});
    log_heights_ -= volumes(cube, axis, mu_.col(d), bandwidth).log();
    if (kind == Axis::Kind::categorical)
      log_prior_ -= std::log(static_cast<double>(num_values));
    else
      scaled_mu_.col(d) /= sqrt2 * bandwidth;
  }
}

// log Σ exp by way of the largest: with many axes, kernels alone would be too high or too low for a double.
double ParzenEstimator::log_density(const Eigen::ArrayXd& x) const {
  ArrayXd logs = log_heights_;  // [n]
  for (Eigen::Index d = 0; d < mu_.cols(); ++d) {
    const auto& margin = margins_[static_cast<std::size_t>(d)];
    if (margin.kind == Axis::Kind::categorical)
      logs += (scaled_mu_.col(d) == x[d]).select(0.0, ArrayXd::Constant(mu_.rows(), std::log(margin.bandwidth)));
    else
      logs -= (scaled_mu_.col(d) - x[d] / (sqrt2 * margin.bandwidth)).square();
  }
  const double largest = logs.size() > 0 ? std::max(log_prior_, logs.maxCoeff()) : log_prior_;
  return largest + std::log(std::exp(log_prior_ - largest) + (logs - largest).exp().sum());
}

Eigen::ArrayXd ParzenEstimator::draw(RandomStream& stream) const {
  double u = stream.uniform();
  Eigen::Index i = 0;  // the kernel; n: the prior
  while (i < mu_.rows() && u >= probabilities_[i]) u -= probabilities_[i++];
  ArrayXd x(mu_.cols());
  for (Eigen::Index d = 0; d < mu_.cols(); ++d) {
    const auto& margin = margins_[static_cast<std::size_t>(d)];
    x[d] = i == mu_.rows() ? draw_prior(margin, stream) : draw_kernel(margin, mu_(i, d), stream);
    if (margin.kind == Axis::Kind::ordinal) x[d] = cube_->cell(margin.axis, x[d]).middle();
  }
  return x;
}

double ParzenEstimator::draw_prior(const Margin& margin, RandomStream& stream) const {
  return margin.kind == Axis::Kind::categorical ? stream.below(margin.num_choices) : stream.uniform();
}

double ParzenEstimator::draw_kernel(const Margin& margin, double mu, RandomStream& stream) const {
  if (margin.kind == Axis::Kind::categorical) {
    const double others = (margin.num_choices - 1) * margin.bandwidth;
    if (stream.uniform() * (1 + others) < 1) return mu;
    const double other = stream.below(margin.num_choices - 1);
    return other < mu ? other : other + 1;
  }
  double x;
  do x = mu + margin.bandwidth * stream.normal();
  while (x < 0 || x > 1);  // σ < 1 and 0 <= μ <= 1: every third draw or more lies inside
  return x;
}

}  // namespace seqsweep::search
