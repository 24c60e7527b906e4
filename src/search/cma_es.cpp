// SPDX-License-Identifier: Apache-2.0
//
// Hansen 2016, "The CMA evolution strategy: a tutorial" (arXiv:1604.00772), appendix A, with its default parameters. A
// generation is λ points x_1 … x_λ, the best first, y_i = (x_i - m) / σ:
//   m   ← m + σ y_w                                                y_w = Σ_{i ≤ μ} w_i y_i
//   p_σ ← (1 - c_σ) p_σ + √(c_σ (2 - c_σ) μ_eff) C^(-1/2) y_w
//   σ   ← σ exp(c_σ / d_σ (‖p_σ‖ / E‖N(0, I)‖ - 1))
//   p_c ← (1 - c_c) p_c + h_σ √(c_c (2 - c_c) μ_eff) y_w
//   C   ← (1 + c_1 δ(h_σ) - c_1 - c_μ Σ_i w_i) C + c_1 p_c p_cᵀ + c_μ Σ_i w°_i y_i y_iᵀ
//   C   = B D² Bᵀ
// Margin: Hamano, Saito, Nomura, Shirakawa 2022, "CMA-ES with margin: lower-bounding marginal probability for
// mixed-integer black-box optimization", section 4. Points that were drawn from an earlier distribution: Hansen 2011,
// "Injecting external solutions into CMA-ES" (arXiv:1110.4181).
//
// Differs from the papers: every y_i (not only those injected) has its length ‖C^(-1/2) y_i‖ clipped to √n + 2n/(n +
// 2), which hardly ever touches points of the present distribution; the margin's thresholds are those of any cells, not
// only of cells of width 1.

#include "cma_es.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Eigenvalues>

#include "seqsweep/core/error.hpp"

#include "normal_quantile.hpp"

namespace seqsweep::search {
namespace {

constexpr double largest_condition = 1e14;  // of C
constexpr double smallest_eigenvalue = 1e-30;

double share_below(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

}  // namespace

int CmaEs::default_population(Eigen::Index n) {
  return 4 + static_cast<int>(3 * std::log(static_cast<double>(std::max<Eigen::Index>(n, 1))));
}

CmaEs::CmaEs(const Eigen::VectorXd& mean, double sigma, int population)
    : m_(mean),
      p_sigma_(Eigen::VectorXd::Zero(mean.size())),
      p_c_(p_sigma_),
      A_(Eigen::VectorXd::Ones(mean.size())),
      weights_(population),
      C_(Eigen::MatrixXd::Identity(mean.size(), mean.size())),
      sigma_(sigma) {
  SEQSWEEP_EXPECT(mean.size() > 0 && population >= 4 && sigma > 0, "nothing to search");
  const auto n = static_cast<double>(mean.size());
  const Eigen::Index lambda = population, mu = lambda / 2;
  for (Eigen::Index i = 0; i < lambda; ++i)
    weights_[i] = std::log((static_cast<double>(lambda) + 1) / 2) - std::log(static_cast<double>(i) + 1);
  const auto effective = [](const auto& w) { return w.sum() * w.sum() / w.squaredNorm(); };
  mu_eff_ = effective(weights_.head(mu));
  const double mu_eff_minus = effective(weights_.tail(lambda - mu));

  c_sigma_ = (mu_eff_ + 2) / (n + mu_eff_ + 5);
  d_sigma_ = 1 + 2 * std::max(0.0, std::sqrt((mu_eff_ - 1) / (n + 1)) - 1) + c_sigma_;
  c_c_ = (4 + mu_eff_ / n) / (n + 4 + 2 * mu_eff_ / n);
  c_1_ = 2 / ((n + 1.3) * (n + 1.3) + mu_eff_);
  c_mu_ = std::min(1 - c_1_, 2 * (0.25 + mu_eff_ + 1 / mu_eff_ - 2) / ((n + 2) * (n + 2) + mu_eff_));
  expected_norm_ = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));

  const double of_negative =
      std::min({1 + c_1_ / c_mu_, 1 + 2 * mu_eff_minus / (mu_eff_ + 2), (1 - c_1_ - c_mu_) / (n * c_mu_)});
  const double positive_sum = weights_.cwiseMax(0).sum(), negative_sum = -weights_.cwiseMin(0).sum();
  for (double& w : weights_) w *= w > 0 ? 1 / positive_sum : of_negative / negative_sum;
  decompose();
}

void CmaEs::decompose() {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(C_);
  B_ = solver.eigenvectors();
  D_ = solver.eigenvalues().cwiseMax(smallest_eigenvalue).cwiseSqrt();
}

double CmaEs::standard_deviation(Eigen::Index d) const {
  return sigma_ * A_[d] * std::sqrt(C_(d, d));
}

bool CmaEs::is_degenerate() const {
  const double condition = D_.maxCoeff() / D_.minCoeff();
  return !(condition * condition < largest_condition);
}

Eigen::VectorXd CmaEs::sample(RandomStream& stream) const {
  Eigen::VectorXd z(m_.size());
  for (double& z_d : z) z_d = stream.normal();
  return m_ + sigma_ * A_.cwiseProduct(B_ * D_.cwiseProduct(z));
}

void CmaEs::update(const Eigen::MatrixXd& ranked) {
  SEQSWEEP_EXPECT(ranked.cols() == weights_.size() && ranked.rows() == m_.size(), "not a generation");
  const auto n = static_cast<double>(m_.size());
  const Eigen::Index mu = weights_.size() / 2;
  Eigen::MatrixXd y = (ranked.colwise() - m_).array().colwise() / (sigma_ * A_).array();   // [n × λ]
  const Eigen::MatrixXd whitened = D_.cwiseInverse().asDiagonal() * (B_.transpose() * y);  // D⁻¹ Bᵀ y
  const Eigen::VectorXd length = whitened.colwise().norm();                                // ‖C^(-1/2) y_i‖
  const double longest = std::sqrt(n) + 2 * n / (n + 2);
  const Eigen::VectorXd clipped = length.cwiseMin(longest);
  for (Eigen::Index i = 0; i < y.cols(); ++i)
    if (length[i] > longest) y.col(i) *= longest / length[i];

  const Eigen::VectorXd y_w = y.leftCols(mu) * weights_.head(mu);
  m_ += sigma_ * A_.cwiseProduct(y_w);

  p_sigma_ = (1 - c_sigma_) * p_sigma_ + std::sqrt(c_sigma_ * (2 - c_sigma_) * mu_eff_) *
                                             (B_ * D_.cwiseInverse().cwiseProduct(B_.transpose() * y_w));
  ++num_generations_;
  const double start = std::sqrt(1 - std::pow(1 - c_sigma_, 2 * (num_generations_ + 1)));  // p_σ began at 0
  const bool h_sigma = p_sigma_.norm() / start < (1.4 + 2 / (n + 1)) * expected_norm_;
  p_c_ = (1 - c_c_) * p_c_ + (h_sigma ? std::sqrt(c_c_ * (2 - c_c_) * mu_eff_) : 0) * y_w;

  Eigen::VectorXd w = weights_;  // w°: what a long y_i would take from C is limited
  for (Eigen::Index i = 0; i < w.size(); ++i)
    if (w[i] < 0) w[i] *= n / std::max(clipped[i] * clipped[i], 1e-16);
  const double delta = h_sigma ? 0 : c_c_ * (2 - c_c_);
  C_ = (1 + c_1_ * delta - c_1_ - c_mu_ * weights_.sum()) * C_ + c_1_ * p_c_ * p_c_.transpose() +
       c_mu_ * y * w.asDiagonal() * y.transpose();
  C_ = (0.5 * (C_ + C_.transpose())).eval();
  sigma_ *= std::exp(std::min(1.0, c_sigma_ / d_sigma_ * (p_sigma_.norm() / expected_norm_ - 1)));
  decompose();
}

// With p the probabilities to be below the cell, in it and above it: p' = max(p, α/2) outside, and what that adds to
// the sum is taken from all in proportion to what they have beyond α/2. Then m and A are what gives those
// probabilities.
void CmaEs::keep_margin(Eigen::Index d, const Cell& cell, double alpha) {
  const double sd = standard_deviation(d);
  const bool has_lower = cell.low > 0, has_upper = cell.high < 1;
  if (!has_lower && !has_upper) return;
  if (!has_lower || !has_upper) {
    const double threshold = has_lower ? cell.low : cell.high;
    const double farthest = sd * normal_quantile(1 - alpha);
    m_[d] = threshold + std::clamp(m_[d] - threshold, -farthest, farthest);
    return;
  }
  const double least = alpha / 2;
  const double below = share_below((cell.low - m_[d]) / sd), above = share_below((m_[d] - cell.high) / sd);
  if (below >= least && above >= least) return;
  double p_low = std::max(below, least), p_up = std::max(above, least);
  const double sum = p_low + p_up + (1 - below - above);
  const double surplus = (1 - sum) / (sum - 3 * least);
  p_low += surplus * (p_low - least);
  p_up += surplus * (p_up - least);
  const double q_low = -normal_quantile(p_low), q_up = -normal_quantile(p_up);
  m_[d] = (cell.low * q_up + cell.high * q_low) / (q_low + q_up);
  A_[d] *= (cell.high - cell.low) / (sd * (q_low + q_up));
}

}  // namespace seqsweep::search
