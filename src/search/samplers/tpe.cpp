// SPDX-License-Identifier: Apache-2.0
//
// The next point is the one of `num_candidates` draws from l that has the largest l(x) / g(x), which is where the
// expected improvement is largest:
//   l, g   densities of the m best of N trials, and of all others
//   m      num_good(N): ⌈γ N⌉, and a bound
//   w_i    ∝ log(m + ½) - log i for the i-th best, Σ_i w_i = m; all others have the weight 1
// Bergstra, Bardenet, Bengio, Kégl 2011, "Algorithms for hyper-parameter optimization", section 4; the densities over
// several dimensions at once: Falkner, Klein, Hutter 2018, "BOHB", section 3.2 (parzen_estimator.cpp).
//
// Conditional spaces: dimensions with the same condition form a group; each has densities of its own, learns from the
// trials in which it exists, N counting those, and is placed after those that it depends on. (Optuna's groups; there
// all learn from the best of all trials, and one that these lack learns nothing.) Several levels of training: the m
// best are those of the highest level with enough of them; g has all other trials, however far they were trained.
// Trials in flight are among the others (a constant liar who says that they are bad), so the next point keeps off them.
//
// Differs from the papers: startup points are a Sobol sequence. The better of the good have more weight, as in the
// recombination of CMA-ES (Hansen 2016). g has the bandwidths of l: where both are as sharp, points that were tried
// nearby without success tell against a place that others tell for, and choices once made are left again. (Watanabe
// 2023, "Tree-structured Parzen estimator: understanding its algorithm components and their roles for better empirical
// performance", measures how much bandwidths matter.)

#include <algorithm>
#include <cmath>
#include <limits>

#include "../parzen_search.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

using Eigen::ArrayXd;

// w_1 … w_m
ArrayXd weights_by_rank(std::size_t m) {
  const ArrayXd i = ArrayXd::LinSpaced(static_cast<Eigen::Index>(m), 1, static_cast<double>(m));
  const ArrayXd weights = std::log(static_cast<double>(m) + 0.5) - i.log();
  return weights * (static_cast<double>(m) / weights.sum());
}

// Of the trials in which a group exists.
ParzenSearch::Split split(const History& history, const History::Level& level, const ParzenSearch::Group& group) {
  ParzenSearch::Rows good, others = ParzenSearch::rows_with(history, group);
  const auto N = std::count_if(others.begin(), others.end(), [&](std::size_t row) {
    const auto* trial = history.trial(row);
    return trial == nullptr || !trial->curve.empty();
  });
  const auto m = num_good(static_cast<std::size_t>(N));
  for (const auto& [value, row] : level.observations)
    if (good.size() < m && std::isfinite(value) && std::binary_search(others.begin(), others.end(), row))
      good.push_back(row);
  std::erase_if(others, [&](std::size_t row) { return std::find(good.begin(), good.end(), row) != good.end(); });
  auto weights = weights_by_rank(good.size());
  return {std::move(good), std::move(weights), std::move(others)};
}

class TpeSampler final : public Sampler {
 public:
  TpeSampler(const SearchSpace& space, const SamplerOptions& options)
      : startup_(make_sobol(space, options)), search_(space) {}

  Point propose(const History& history, const Request& request) override {
    const auto* level = history.level_with(parzen_startup);
    if (level == nullptr || level->observations.size() < parzen_startup) return startup_->propose(history, request);
    return search_.propose(history, request.key,
                           [&](const ParzenSearch::Group& group) { return split(history, *level, group); });
  }

 private:
  const std::unique_ptr<Sampler> startup_;
  const ParzenSearch search_;
};

}  // namespace

std::unique_ptr<Sampler> make_tpe(const SearchSpace& space, const SamplerOptions& options) {
  expect_one_objective("tpe", options);
  return std::make_unique<TpeSampler>(space, options);
}

}  // namespace seqsweep::search
