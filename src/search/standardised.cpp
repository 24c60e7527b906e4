// SPDX-License-Identifier: Apache-2.0
//
// Moving in: values above median + reach (median - least) become that bound.
// Yeo, Johnson 2000, "A new family of power transformations to improve normality or symmetry": of standardised values,
//   ψ(y) = ((y + 1)^λ - 1) / λ,  y ≥ 0;   ψ(y) = -((1 - y)^(2 - λ) - 1) / (2 - λ),  y < 0
// with λ from -2, -1.9 … 1 of the largest likelihood of a normal distribution,
//   -n/2 log var(ψ) + (λ - 1) Σ sign(y) log(1 + |y|).
// That values are warped before a Gaussian process learns from them: Cowen-Rivers et al. 2022, "HEBO: pushing the
// limits of sample-efficient hyperparameter optimisation", section 4.2.

#include "standardised.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace seqsweep::search {
namespace {

using Eigen::VectorXd;

constexpr double plain_reach = 3;    // what is worse than that is only "bad"
constexpr double warped_reach = 50;  // the power deals with the rest
constexpr double no_power = 1e-8;

double yeo_johnson(double y, double lambda) {
  if (y >= 0) return std::abs(lambda) < no_power ? std::log1p(y) : std::expm1(lambda * std::log1p(y)) / lambda;
  const double mu = 2 - lambda;  // at least 1
  return -std::expm1(mu * std::log1p(-y)) / mu;
}

// In [0, 1], so that no square of them is infinite.
VectorXd moved_in(std::span<const double> values, double reach) {
  std::vector<double> finite;
  for (const double value : values)
    if (std::isfinite(value)) finite.push_back(value / 4);  // so that no difference of them is infinite
  VectorXd y = VectorXd::Zero(static_cast<Eigen::Index>(values.size()));
  if (finite.empty()) return y;
  std::sort(finite.begin(), finite.end());
  const double least = finite.front(), median = finite[finite.size() / 2];
  const double bound = median > least ? std::min(finite.back(), median + reach * (median - least)) : finite.back();
  if (!(bound > least)) return y;
  for (Eigen::Index i = 0; i < y.size(); ++i) {
    const double value = values[static_cast<std::size_t>(i)] / 4;
    y[i] = std::isfinite(value) ? (std::min(value, bound) - least) / (bound - least) : 1;
  }
  return y;
}

VectorXd of_unit_variance(VectorXd y) {
  if (y.size() == 0) return y;
  y.array() -= y.mean();
  const double deviation = std::sqrt(y.squaredNorm() / static_cast<double>(y.size()));
  return deviation > 0 ? VectorXd(y / deviation) : y;
}

}  // namespace

VectorXd standardised(std::span<const double> values) {
  return of_unit_variance(moved_in(values, plain_reach));
}

VectorXd warped(std::span<const double> values) {
  const VectorXd y = of_unit_variance(moved_in(values, warped_reach));
  const double sum_of_logs = y.unaryExpr([](double v) { return std::copysign(std::log1p(std::abs(v)), v); }).sum();
  double largest = -std::numeric_limits<double>::infinity();
  VectorXd best = y;
  for (int tenths = -20; tenths <= 10; ++tenths) {
    const double lambda = tenths / 10.0;
    const VectorXd psi = y.unaryExpr([&](double v) { return yeo_johnson(v, lambda); });
    const double variance = (psi.array() - psi.mean()).square().mean();
    const double likelihood = -0.5 * static_cast<double>(y.size()) * std::log(variance) + (lambda - 1) * sum_of_logs;
    if (!(likelihood > largest)) continue;
    largest = likelihood;
    best = psi;
  }
  return of_unit_variance(best);
}

}  // namespace seqsweep::search
