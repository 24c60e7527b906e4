// SPDX-License-Identifier: Apache-2.0
#include "search/gaussian_process.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include <Eigen/LU>
#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "search/expected_improvement.hpp"
#include "search/lbfgs.hpp"

namespace seqsweep::search {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Real = long double;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

// ---- log h

// h(u) = ∫_0^∞ t φ(t - u) dt, in 80 bits by Simpson's rule, with exp(-u²/2) taken out for u < 0:
// φ(t - u) = φ(u) exp(t u - t²/2).
double log_improvement_by_quadrature(double u) {
  const Real reach = u < 0 ? 60 / std::sqrt(1 + Real(u) * u) + 12 / (1 - Real(u)) : 12 + Real(u);
  constexpr int num_steps = 200'000;
  const Real step = reach / num_steps;
  Real sum = 0;
  for (int i = 0; i <= num_steps; ++i) {
    const Real t = i * step;
    const Real f = t * std::exp(u < 0 ? t * u - t * t / 2 : -(t - u) * (t - u) / 2);
    sum += (i == 0 || i == num_steps ? 1 : i % 2 == 1 ? 4 : 2) * f;
  }
  const Real log_integral = std::log(sum * step / 3) - std::log(2 * std::numbers::pi_v<Real>) / 2;
  return static_cast<double>(u < 0 ? log_integral - Real(u) * u / 2 : log_integral);
}

TEST(ExpectedImprovement, log_h_is_the_integral_that_defines_it) {
  for (const double u : {-200.0, -40.0, -12.0, -6.0, -5.001, -4.999, -2.0, -1.0, -0.1, 0.0, 0.5, 3.0, 10.0}) {
    const double expected = log_improvement_by_quadrature(u);
    EXPECT_NEAR(log_improvement(u).value, expected, 1e-12 * (1 + std::abs(expected))) << "u = " << u;
  }
}

TEST(ExpectedImprovement, is_finite_and_rising_where_h_itself_is_0) {
  double last = -std::numeric_limits<double>::infinity();
  for (double u = -1e6; u < 1e6; u += 997) {
    const auto [value, slope] = log_improvement(u);
    ASSERT_TRUE(std::isfinite(value) && slope > 0) << "u = " << u;
    ASSERT_GT(value, last);
    last = value;
  }
  EXPECT_NEAR(log_improvement(-1e6).value / -5e11, 1, 1e-9);
}

TEST(ExpectedImprovement, slope_is_the_derivative) {
  for (const double u : {-100.0, -7.0, -5.01, -4.9, -1.0, 0.0, 2.0}) {
    const double step = 1e-5;
    const double difference = (log_improvement(u + step).value - log_improvement(u - step).value) / (2 * step);
    EXPECT_NEAR(log_improvement(u).slope, difference, 1e-7 * (1 + std::abs(u))) << "u = " << u;
  }
}

// ---- L-BFGS

TEST(Lbfgs, finds_the_minimum_in_a_box_and_at_its_bounds) {
  const SmoothFunction bowl = [](const VectorXd& x, VectorXd& gradient) {
    const VectorXd difference = x - (VectorXd(3) << 0.3, -2, 5).finished();
    gradient = 2 * difference;
    return difference.squaredNorm();
  };
  const Box box{VectorXd::Zero(3), VectorXd::Ones(3)};
  const auto x = minimised(bowl, VectorXd::Constant(3, 0.5), box, 50);
  EXPECT_NEAR((x - (VectorXd(3) << 0.3, 0, 1).finished()).norm(), 0, 1e-6);
}

TEST(Lbfgs, ends_after_its_evaluations_and_is_never_worse_than_the_start) {
  int count = 0;
  const SmoothFunction wrong_gradient = [&](const VectorXd& x, VectorXd& gradient) {
    ++count;
    gradient = -2 * x;
    return x.squaredNorm();
  };
  const Box box{VectorXd::Constant(2, -1), VectorXd::Ones(2)};
  const VectorXd start = VectorXd::Constant(2, 0.1);
  EXPECT_LE(minimised(wrong_gradient, start, box, 7).squaredNorm(), start.squaredNorm());
  EXPECT_LE(count, 7 + 20);
}

// ---- Gaussian process

struct Measured {
  MatrixXd X;
  VectorXd y;
};

Measured measured_points(Index n, Index F, std::uint64_t seed) {
  auto stream = RandomKey(seed).fold(Purpose::test).stream();
  Measured m{MatrixXd(n, F), VectorXd(n)};
  for (Index i = 0; i < n; ++i) {
    for (Index f = 0; f < F; ++f) m.X(i, f) = stream.uniform();
    m.y[i] = std::sin(5 * m.X(i, 0)) + m.X.row(i).sum() - 1 + 0.1 * stream.normal();
  }
  return m;
}

Hyperparameters some_hyperparameters(Index F) {
  Hyperparameters theta{VectorXd(F), 0.4, -5};
  for (Index f = 0; f < F; ++f) theta.log_lengths[f] = -0.8 + 0.5 * static_cast<double>(f);
  return theta;
}

// As in the textbook, in 80 bits, without a Cholesky factor: k(x, x').
Real kernel(const VectorXd& a, const VectorXd& b, const Hyperparameters& theta) {
  Real r2 = 0;
  for (Index f = 0; f < a.size(); ++f) r2 += std::pow((Real(a[f]) - b[f]) / std::exp(Real(theta.log_lengths[f])), 2);
  const Real r = std::sqrt(r2), s = std::sqrt(Real(5));
  return std::exp(Real(theta.log_scale)) * (1 + s * r + 5 * r2 / 3) * std::exp(-s * r) + 1;
}

// The last points, in flight, have almost no noise.
RealMatrix kernel_matrix(const MatrixXd& X, const Hyperparameters& theta, Index num_in_flight = 0) {
  RealMatrix K(X.rows(), X.rows());
  for (Index i = 0; i < X.rows(); ++i)
    for (Index j = 0; j < X.rows(); ++j) K(i, j) = kernel(X.row(i), X.row(j), theta);
  for (Index i = 0; i < X.rows(); ++i)
    K(i, i) += i < X.rows() - num_in_flight ? std::exp(Real(theta.log_noise)) : Real(1e-6);
  return K;
}

struct Normal {
  double mean, deviation;
};

Normal plain_prediction(const MatrixXd& X, const VectorXd& y, const Hyperparameters& theta, const VectorXd& x,
                        Index num_in_flight = 0) {
  const RealMatrix inverse = kernel_matrix(X, theta, num_in_flight).inverse();
  RealVector k(X.rows());
  for (Index i = 0; i < X.rows(); ++i) k[i] = kernel(X.row(i), x, theta);
  return {static_cast<double>(k.dot(inverse * y.cast<Real>())),
          std::sqrt(static_cast<double>(kernel(x, x, theta) - k.dot(inverse * k)))};
}

TEST(GaussianProcess, predicts_as_the_plain_formula) {
  const auto [X, y] = measured_points(25, 3, 1);
  const auto theta = some_hyperparameters(3);
  const GaussianProcess process(X, y, theta);
  const auto points = measured_points(10, 3, 2).X;
  const auto predictions = process.predict(points);
  for (Index i = 0; i < points.rows(); ++i) {
    const auto [mean, deviation] = plain_prediction(X, y, theta, points.row(i));
    EXPECT_NEAR(predictions.means[i], mean, 1e-10);
    EXPECT_NEAR(predictions.deviations[i], deviation, 1e-10);
  }
  for (Index i = 0; i < X.rows(); ++i)
    EXPECT_NEAR(process.means()[i], plain_prediction(X, y, theta, X.row(i)).mean, 1e-10);
}

TEST(GaussianProcess, points_in_flight_leave_means_and_shrink_deviations_as_if_measured_without_noise_at_their_mean) {
  const auto [X, y] = measured_points(20, 2, 3);
  const auto theta = some_hyperparameters(2);
  MatrixXd all(23, 2);
  all << X, measured_points(3, 2, 4).X;
  const GaussianProcess believing(all, y, theta), without(X, y, theta);
  VectorXd y_believed(23);
  y_believed << y, without.predict(all.bottomRows(3)).means;
  const auto points = measured_points(8, 2, 5).X;
  const auto predictions = believing.predict(points);
  for (Index i = 0; i < points.rows(); ++i) {
    const auto [mean, deviation] = plain_prediction(all, y_believed, theta, points.row(i), 3);
    EXPECT_NEAR(predictions.means[i], mean, 1e-9);
    EXPECT_NEAR(predictions.deviations[i], deviation, 1e-9);
    EXPECT_NEAR(predictions.means[i], without.predict(points).means[i], 1e-12);
  }
}

TEST(GaussianProcess, gradients_of_a_prediction_are_its_derivatives) {
  const auto [X, y] = measured_points(20, 3, 6);
  const GaussianProcess process(X, y, some_hyperparameters(3));
  const VectorXd point = measured_points(1, 3, 7).X.row(0);
  const auto prediction = process.predict_with_gradient(point);
  const double step = 1e-6;
  for (Index f = 0; f < 3; ++f) {
    const auto up = process.predict((point + step * VectorXd::Unit(3, f)).transpose());
    const auto down = process.predict((point - step * VectorXd::Unit(3, f)).transpose());
    EXPECT_NEAR(prediction.mean_gradient[f], (up.means[0] - down.means[0]) / (2 * step), 1e-6);
    EXPECT_NEAR(prediction.deviation_gradient[f], (up.deviations[0] - down.deviations[0]) / (2 * step), 1e-6);
  }
  EXPECT_NEAR(prediction.mean, process.predict(point.transpose()).means[0], 1e-12);
  EXPECT_NEAR(prediction.deviation, process.predict(point.transpose()).deviations[0], 1e-12);
}

TEST(GaussianProcess, interpolates_what_has_no_noise) {
  const auto [X, y] = measured_points(30, 2, 8);
  auto theta = some_hyperparameters(2);
  theta.log_noise = std::log(1e-6);
  const GaussianProcess process(X, y, theta);
  EXPECT_LT((process.means() - y).cwiseAbs().maxCoeff(), 1e-2);
  EXPECT_LT(process.predict(X).deviations.maxCoeff(), 2e-3);
}

// log N(y | 0, K + σ² I) with a determinant by LU, and the priors as the formula of the file says.
double plain_log_posterior(const Measured& m, const Hyperparameters& theta) {
  const RealMatrix K = kernel_matrix(m.X, theta);
  const RealVector y = m.y.cast<Real>();
  const auto F = static_cast<double>(m.X.cols());
  double sum = static_cast<double>(-y.dot(K.inverse() * y) / 2 - std::log(K.determinant()) / 2);
  for (const double l : theta.log_lengths)  // lognormal(√2 + ½ log F, √3)
    sum += -l - std::pow(l - std::sqrt(2.0) - std::log(F) / 2, 2) / 6;
  return sum - theta.log_scale * theta.log_scale / 2 - std::pow(theta.log_noise + 6, 2) / 18;
}

TEST(GaussianProcess, posterior_of_the_hyperparameters_is_the_plain_formula_up_to_a_constant) {
  const auto m = measured_points(15, 3, 9);
  const auto a = some_hyperparameters(3);
  auto b = a;
  b.log_lengths[1] += 0.7;
  b.log_scale -= 1;
  b.log_noise += 2;
  VectorXd gradient;
  const double difference = log_posterior(m.X, m.y, a, gradient) - log_posterior(m.X, m.y, b, gradient);
  EXPECT_NEAR(difference, plain_log_posterior(m, a) - plain_log_posterior(m, b), 1e-9);
}

TEST(GaussianProcess, gradient_of_the_posterior_is_its_derivative) {
  const auto m = measured_points(20, 3, 10);
  const auto theta = some_hyperparameters(3);
  VectorXd gradient, unused;
  (void)log_posterior(m.X, m.y, theta, gradient);
  const double step = 1e-5;
  const auto moved = [&](Index parameter, double by) {
    auto t = theta;
    (parameter < 3 ? t.log_lengths[parameter] : parameter == 3 ? t.log_scale : t.log_noise) += by;
    return log_posterior(m.X, m.y, t, unused);
  };
  for (Index parameter = 0; parameter < 5; ++parameter)
    EXPECT_NEAR(gradient[parameter], (moved(parameter, step) - moved(parameter, -step)) / (2 * step), 1e-5);
}

TEST(GaussianProcess, fit_finds_which_feature_matters_and_how_noisy_values_are) {
  auto stream = RandomKey(11).fold(Purpose::test).stream();
  auto [X, y] = measured_points(120, 3, 11);
  for (Index i = 0; i < y.size(); ++i) y[i] = std::sqrt(2.0) * std::sin(6 * X(i, 1)) + 0.2 * stream.normal();
  const auto theta = fitted(X, y, Hyperparameters::typical(3), 100);
  EXPECT_GT(theta.log_lengths[0] - theta.log_lengths[1], 1.5);
  EXPECT_GT(theta.log_lengths[2] - theta.log_lengths[1], 1.5);
  EXPECT_NEAR(std::exp(theta.log_noise / 2), 0.2, 0.05);
}

}  // namespace
}  // namespace seqsweep::search
