// SPDX-License-Identifier: Apache-2.0
//
// 1. Candidates: half of them anywhere, half around good points, at distances from 0.3 down to 0.001.
// 2. From the best of them: L-BFGS over the continuous axes, then the best of single steps along the discrete ones,
//    and again while that helps.

#include "improvement_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "expected_improvement.hpp"
#include "lbfgs.hpp"

namespace seqsweep::search {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int num_candidates = 600;
constexpr std::size_t num_refined = 4;
constexpr int num_rounds = 3;
constexpr int most_evaluations = 30;   // of one climb
constexpr double least_gain = 1e-4;    // of log EI in a round
constexpr double rename_chance = 0.1;  // of each name, near a good point
constexpr int steps_aside = 4;         // along a discrete axis, on either side
constexpr int far_steps = 4;           // along a discrete axis, anywhere
constexpr double beyond = 1e-12;       // just in the next cell
constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> plain(const VectorXd& features) {
  return {features.begin(), features.end()};
}

// Into [0, 1], as a mirror at each bound would.
double mirrored(double u) {
  return std::clamp(u < 0 ? -u : u > 1 ? 2 - u : u, 0.0, 1.0);
}

}  // namespace

std::optional<std::vector<double>> ImprovementSearch::found(std::span<const std::vector<double>> centres,
                                                            RandomStream& stream) const {
  std::vector<std::vector<double>> us;
  for (int c = 0; c < num_candidates / 2; ++c) us.push_back(anywhere(stream));
  for (int c = 0; c < num_candidates / 2; ++c)
    us.push_back(near(centres[stream.below(static_cast<std::uint32_t>(centres.size()))], stream));
  auto candidates = judged(std::move(us));
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.log_ei > b.log_ei; });
  auto best = candidates.front();
  for (std::size_t c = 0; c < num_refined && candidates[c].log_ei > -infinity; ++c)
    if (auto end = refined(candidates[c], stream); end.log_ei > best.log_ei) best = std::move(end);
  if (best.log_ei == -infinity) return std::nullopt;
  return features_.coordinates(best.u);
}

double ImprovementSearch::fresh(std::size_t d, RandomStream& stream) const {
  const auto [kind, num_values] = cube_.axis(d);
  return kind == Axis::Kind::categorical ? stream.below(static_cast<std::uint32_t>(num_values)) : stream.uniform();
}

std::vector<double> ImprovementSearch::anywhere(RandomStream& stream) const {
  std::vector<double> u(cube_.size());
  for (std::size_t d = 0; d < u.size(); ++d) u[d] = fresh(d, stream);
  return u;
}

std::vector<double> ImprovementSearch::near(const std::vector<double>& centre, RandomStream& stream) const {
  const double distance = std::pow(10, -0.5 - 2.5 * stream.uniform());
  std::vector<double> u(cube_.size());
  for (std::size_t d = 0; d < u.size(); ++d) {
    const auto [kind, num_values] = cube_.axis(d);
    if (std::isnan(centre[d]))
      u[d] = fresh(d, stream);
    else if (kind == Axis::Kind::categorical)
      u[d] = stream.uniform() < rename_chance ? fresh(d, stream) : centre[d];
    else  // a discrete value is left with some probability, however small the distance
      u[d] = mirrored(centre[d] +
                      std::max(distance, num_values > 0 ? 0.5 / static_cast<double>(num_values) : 0) * stream.normal());
  }
  return u;
}

// Known points have -infinity.
std::vector<ImprovementSearch::Candidate> ImprovementSearch::judged(std::vector<std::vector<double>> us) const {
  MatrixXd X(static_cast<Index>(us.size()), features_.size());
  for (Index i = 0; i < X.rows(); ++i)
    X.row(i) = features_.of_coordinates(features_.coordinates(us[static_cast<std::size_t>(i)]));
  const auto [means, deviations] = process_.predict(X);
  std::vector<Candidate> candidates;
  for (Index i = 0; i < X.rows(); ++i) {
    const double log_ei = log_improvement((best_ - means[i]) / deviations[i]).value + std::log(deviations[i]);
    candidates.push_back(
        {std::move(us[static_cast<std::size_t>(i)]), known_.contains(plain(X.row(i))) ? -infinity : log_ei});
  }
  return candidates;
}

ImprovementSearch::Candidate ImprovementSearch::refined(Candidate candidate, RandomStream& stream) const {
  for (int round = 0; round < num_rounds; ++round) {
    const double before = candidate.log_ei;
    const auto top = climbed(candidate.u);
    auto ends = discrete_moves(top, stream);
    ends.push_back(top);
    for (auto& end : judged(std::move(ends)))
      if (end.log_ei > candidate.log_ei) candidate = std::move(end);
    if (candidate.u == top || candidate.log_ei < before + least_gain) break;
  }
  return candidate;
}

std::vector<double> ImprovementSearch::climbed(std::vector<double> u) const {
  const auto coordinates = features_.coordinates(u);
  std::vector<std::size_t> axes;
  for (std::size_t d = 0; d < u.size(); ++d)
    if (cube_.axis(d).kind == Axis::Kind::continuous && !std::isnan(coordinates[d])) axes.push_back(d);
  const auto n = static_cast<Index>(axes.size());
  const auto axis = [&](Index i) { return axes[static_cast<std::size_t>(i)]; };
  VectorXd features = features_.of_coordinates(coordinates), start(n);
  for (Index i = 0; i < n; ++i) start[i] = u[axis(i)];
  const auto loss = [&](const VectorXd& at, VectorXd& gradient) {
    for (Index i = 0; i < n; ++i) features[features_.of_axis(axis(i))] = at[i];
    const auto p = process_.predict_with_gradient(features);
    const double z = (best_ - p.mean) / p.deviation;
    const auto [value, slope] = log_improvement(z);
    for (Index i = 0; i < n; ++i) {  // ∂z = -(∂μ + z ∂σ) / σ,  ∂ log σ = ∂σ / σ
      const auto f = features_.of_axis(axis(i));
      gradient[i] =
          (slope * (p.mean_gradient[f] + z * p.deviation_gradient[f]) - p.deviation_gradient[f]) / p.deviation;
    }
    return -(value + std::log(p.deviation));
  };
  const auto end = minimised(loss, start, {VectorXd::Zero(n), VectorXd::Ones(n)}, most_evaluations);
  for (Index i = 0; i < n; ++i) u[axis(i)] = end[i];
  return u;
}

std::vector<std::vector<double>> ImprovementSearch::discrete_moves(const std::vector<double>& u,
                                                                   RandomStream& stream) const {
  std::vector<std::vector<double>> moves;
  const auto coordinates = features_.coordinates(u);
  for (std::size_t d = 0; d < u.size(); ++d) {
    const auto [kind, num_values] = cube_.axis(d);
    if (kind == Axis::Kind::continuous || std::isnan(coordinates[d])) continue;
    const auto move_to = [&](double value) {
      moves.push_back(u);
      moves.back()[d] = value;
    };
    if (kind == Axis::Kind::categorical) {
      for (std::int64_t k = 0; k < num_values; ++k) move_to(static_cast<double>(k));
      continue;
    }
    auto below = cube_.cell(d, u[d]), above = below;
    for (int step = 0; step < steps_aside; ++step) {
      if (below.low > 0) move_to((below = cube_.cell(d, below.low - beyond)).middle());
      if (above.high < 1) move_to((above = cube_.cell(d, above.high + beyond)).middle());
    }
    for (int step = 0; step < far_steps; ++step) move_to(stream.uniform());
  }
  return moves;
}

}  // namespace seqsweep::search
