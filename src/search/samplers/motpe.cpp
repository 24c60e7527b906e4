// SPDX-License-Identifier: Apache-2.0
//
// The tree-structured Parzen estimator (the formulas are in tpe.cpp) for several objectives. The m good trials of N:
//   whole fronts of trials that do not dominate one another, the best first, as long as they fit into
//   m = num_good(N);
//   of the front that does not fit, those that dominate the largest hypervolume together (pareto.cpp)
//   w_i ∝ what the hypervolume of the good loses without i, but at least `least_weight` of the largest
//   r_m = worst_m + margin (worst_m - best_m)   the reference point: of the front that is cut, and of the good
// Ozaki, Tanigaki, Watanabe, Nomura, Onishi 2022, "Multiobjective tree-structured Parzen estimator", Journal of
// Artificial Intelligence Research 73, sections 4 and 5; hypervolume subset selection: Bader, Zitzler 2011.
//
// Differs from the paper: the reference point depends on the extent, not on the sign and size of the values
// (times 1.1), so that no unit or offset matters. The estimators are those of tpe.cpp, with its groups for conditional
// spaces, its bandwidths, its startup points and its constant liar. With one objective it is tpe.

#include <algorithm>
#include <cmath>

#include "seqsweep/search/pareto.hpp"

#include "../parzen_search.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

constexpr double least_weight = 0.1;
constexpr double margin = 0.5;  // less leaves the ends of the front, more its middle

Objectives reference_of(std::span<const Objectives> points) {
  Objectives best = points.front(), worst = best;
  for (const auto& point : points)
    for (std::size_t m = 0; m < point.size(); ++m) {
      best[m] = std::min(best[m], point[m]);
      worst[m] = std::max(worst[m], point[m]);
    }
  for (std::size_t m = 0; m < worst.size(); ++m)
    worst[m] += worst[m] > best[m] ? margin * (worst[m] - best[m]) : std::max(1.0, std::abs(worst[m]));
  return worst;
}

std::vector<Objectives> objectives_of(const History& history, const ParzenSearch::Rows& rows) {
  std::vector<Objectives> objectives;
  for (const auto row : rows) objectives.push_back(history.objectives(row));
  return objectives;
}

// The best m of these rows.
ParzenSearch::Rows best_of(const History& history, const ParzenSearch::Rows& rows, std::size_t m) {
  const auto ranks = front_ranks(objectives_of(history, rows));
  ParzenSearch::Rows best;
  for (std::size_t rank = 0; best.size() < m; ++rank) {
    ParzenSearch::Rows front;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (ranks[i] == rank) front.push_back(rows[i]);
    if (front.empty()) break;
    if (best.size() + front.size() <= m) {
      best.insert(best.end(), front.begin(), front.end());
      continue;
    }
    const auto points = objectives_of(history, front);
    for (const auto i : hypervolume_subset(points, m - best.size(), reference_of(points))) best.push_back(front[i]);
  }
  return best;
}

Eigen::ArrayXd weights_of(const History& history, const ParzenSearch::Rows& good) {
  if (good.empty()) return {};
  const auto points = objectives_of(history, good);
  const auto contributions = hypervolume_contributions(points, reference_of(points));
  Eigen::ArrayXd weights =
      Eigen::Map<const Eigen::ArrayXd>(contributions.data(), static_cast<Eigen::Index>(good.size()));
  const double largest = weights.maxCoeff();
  weights = largest > 0 ? weights.max(least_weight * largest).eval() : Eigen::ArrayXd::Ones(weights.size()).eval();
  return weights * (static_cast<double>(good.size()) / weights.sum());
}

// Of the trials in which a group exists.
ParzenSearch::Split split(const History& history, const ParzenSearch::Group& group) {
  ParzenSearch::Rows others = ParzenSearch::rows_with(history, group), healthy;
  std::size_t N = 0;
  for (const auto row : others) {
    const auto& objectives = history.objectives(row);
    N += objectives.empty() ? 0 : 1;
    if (!objectives.empty() && std::isfinite(objectives.front())) healthy.push_back(row);
  }
  auto good = best_of(history, healthy, num_good(N));
  std::erase_if(others, [&](std::size_t row) { return std::find(good.begin(), good.end(), row) != good.end(); });
  auto weights = weights_of(history, good);
  return {std::move(good), std::move(weights), std::move(others)};
}

class MotpeSampler final : public Sampler {
 public:
  MotpeSampler(const SearchSpace& space, const SamplerOptions& options)
      : startup_(make_sobol(space, options)), search_(space) {}

  Point propose(const History& history, const Request& request) override {
    std::size_t num_measured = 0;
    for (std::size_t row = 0; row < history.num_rows(); ++row) num_measured += history.objectives(row).empty() ? 0 : 1;
    if (num_measured < parzen_startup) return startup_->propose(history, request);
    return search_.propose(history, request.key,
                           [&](const ParzenSearch::Group& group) { return split(history, group); });
  }

 private:
  const std::unique_ptr<Sampler> startup_;
  const ParzenSearch search_;
};

}  // namespace

std::unique_ptr<Sampler> make_motpe(const SearchSpace& space, const SamplerOptions& options) {
  if (options.num_objectives == 1) return make_tpe(space, options);
  return std::make_unique<MotpeSampler>(space, options);
}

}  // namespace seqsweep::search
