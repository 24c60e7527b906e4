// SPDX-License-Identifier: Apache-2.0
//
// Ament, Daulton, Eriksson, Balandat, Bakshy 2023, "Unexpected improvements to expected improvement for Bayesian
// optimization", section 4.1, equations 7 to 9:
//   log EI = log h(u) + log σ,   h(u) = φ(u) + u Φ(u),   h'(u) = Φ(u)
// Differs from the paper: for u = -t far below 0 it uses Laplace's continued fraction of the Mills ratio
//   Φ(-t) / φ(t) = 1 / (t + q),   q = 1 / (t + 2 / (t + 3 / (t + …)))
// instead of erfcx. In h(-t) = φ(t) (1 - t / (t + q)) = φ(t) q / (t + q) nothing cancels, and h'/h = 1 / q.

#include "expected_improvement.hpp"

#include <cmath>
#include <numbers>

namespace seqsweep::search {
namespace {

constexpr double far_tail = -5;     // above, h(u) is summed as it stands: less than two digits are lost
constexpr int fraction_terms = 40;  // at t = 5 exact to the last digit
const double log_sqrt_2pi = 0.5 * std::log(2 * std::numbers::pi);

}  // namespace

LogImprovement log_improvement(double u) {
  if (u > far_tail) {
    const double Phi = 0.5 * std::erfc(-u / std::numbers::sqrt2);
    const double h = std::exp(-0.5 * u * u - log_sqrt_2pi) + u * Phi;
    return {std::log(h), Phi / h};
  }
  const double t = -u;
  double tail = t;
  for (int k = fraction_terms; k >= 2; --k) tail = t + k / tail;
  const double q = 1 / tail;
  return {-0.5 * t * t - log_sqrt_2pi + std::log(q / (t + q)), tail};
}

}  // namespace seqsweep::search
