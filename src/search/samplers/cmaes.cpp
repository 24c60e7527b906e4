// SPDX-License-Identifier: Apache-2.0
//
// CMA-ES (the formulas are in cma_es.cpp) over the quantiles of all numeric axes, λ = 4 + ⌊3 ln n⌋ points a generation,
// from the middle of the cube with σ = 1/6. Discrete axes keep a margin of α = 1 / (n λ).
//   Asynchronous: whoever is asked draws from the present distribution. A generation is the first λ points of this run
//   that are measured and were in none before, whichever distribution they came from.
//   Restarts: Auger, Hansen 2005, "A restart CMA evolution strategy with increasing population size" (IPOP): λ doubles.
//   Names: a categorical axis has probabilities q, which move with each generation,
//     q ← (1 - η) q + η Σ_{i ≤ μ} w_i 1[x_i = ·],   each q_k ≥ q_min = (1 - 0.73^(1 / number of such axes)) / (K - 1),
//   after Hamano, Saito, Nomura, Uchida, Shirakawa 2024, "CatCMA: stochastic optimization for mixed-category problems".
//   Axes that do not exist in a point are drawn all the same: they change nothing, so selection along them is by
//   chance.
//
// Differs from the papers: a point outside of the cube is drawn anew, up to 10 n times, and then moved to the bound
// (discrete axes have none); η is fixed; a run also ends where its deviations are below what a hyperparameter can mean.
// A trial's value is that of its first measurement; diverged and failed trials come last. Where something is known at
// the start (an earlier sweep), the best of it is where the search begins.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "../cma_es.hpp"
#include "../dimension_keys.hpp"
#include "../random_point.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

using Eigen::Index;

constexpr double first_sigma = 1.0 / 6;   // [quantiles] both bounds are 3 σ away
constexpr double eta = 0.3;               // half of the probabilities in two generations
constexpr double least_deviation = 1e-9;  // [quantiles]
constexpr double least_range = 1e-12;     // of the values of the last generations, relative

// The probabilities of the names of one axis.
class NameDistribution {
 public:
  NameDistribution(std::size_t axis, std::int64_t num_names)
      : axis_(axis), q_(Eigen::VectorXd::Constant(num_names, 1.0 / static_cast<double>(num_names))) {}

  [[nodiscard]] std::size_t axis() const { return axis_; }
  [[nodiscard]] Index num_names() const { return q_.size(); }
  void restart() { q_.setConstant(1.0 / static_cast<double>(q_.size())); }

  [[nodiscard]] Index draw(RandomStream& stream) const {
    double u = stream.uniform();
    Index k = 0;
    while (k + 1 < q_.size() && u >= q_[k]) u -= q_[k++];
    return k;
  }
  // `shares`: the weights of the points that have each name, in all 1.
  void learn(const Eigen::VectorXd& shares, std::size_t num_axes) {
    const auto K = static_cast<double>(q_.size());
    const double q_min = (1 - std::pow(0.73, 1.0 / static_cast<double>(num_axes))) / (K - 1);
    q_ = ((1 - eta) * q_ + eta * shares).cwiseMax(q_min);
    const double surplus = (1 - q_.sum()) / (q_.sum() - K * q_min);
    q_ += surplus * (q_.array() - q_min).matrix();
  }

 private:
  std::size_t axis_;
  Eigen::VectorXd q_;
};

struct Asked {
  std::size_t row;
  std::vector<double> x;  // a number for every axis, also where the axis does not exist in the trial
};

struct Ranked {
  double value;
  std::size_t index;  // in what was asked
  auto operator<=>(const Ranked&) const = default;
};

class CmaEsSampler final : public Sampler {
 public:
  CmaEsSampler(const SearchSpace& space, const SamplerOptions& options)
      : cube_(space), restart_key_(options.seed_key.fold(dimension_key("cmaes restarts"))) {
    for (std::size_t d = 0; d < cube_.size(); ++d) {
      const auto [kind, num_values] = cube_.axis(d);
      if (num_values == 1) continue;
      if (kind == Axis::Kind::categorical)
        names_.emplace_back(d, num_values);
      else
        numbers_.push_back(d);
    }
  }

  Point propose(const History& history, const Request& request) override {
    if (numbers_.empty()) return random_point(cube_.space(), request.key);
    if (!strategy_) begin_run(first_mean(history), CmaEs::default_population(n()));
    if (!asked_.empty() && !was_taken(history)) asked_.pop_back();
    while (auto ranked = generation(history)) learn(*ranked);
    auto stream = request.key.stream();
    auto x = draw(stream);
    last_point_ = cube_.point_at(x);
    asked_.push_back({history.num_rows(), std::move(x)});
    return last_point_;
  }

 private:
  [[nodiscard]] Index n() const { return static_cast<Index>(numbers_.size()); }
  [[nodiscard]] std::size_t axis(Index i) const { return numbers_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] bool is_continuous(Index i) const { return cube_.axis(axis(i)).kind == Axis::Kind::continuous; }

  // The last proposal may have been turned down and asked for again, or replaced.
  [[nodiscard]] bool was_taken(const History& history) const {
    const auto row = asked_.back().row;
    return row < history.num_rows() && history.trial(row)->point == last_point_;
  }

  [[nodiscard]] Eigen::VectorXd first_mean(const History& history) const {
    Eigen::VectorXd mean = Eigen::VectorXd::Constant(n(), 0.5);
    const auto* level = history.level_with(1);
    if (level == nullptr) return mean;
    const auto best = history.coordinates(level->observations.front().row);
    for (Index i = 0; i < n(); ++i)
      if (!std::isnan(best[axis(i)])) mean[i] = best[axis(i)];
    return mean;
  }

  void begin_run(const Eigen::VectorXd& mean, int population) {
    strategy_.emplace(mean, first_sigma, population);
    for (auto& names : names_) names.restart();
    asked_.clear();
    values_.clear();
    keep_margins();
  }

  // λ measured points, the best first; nothing while there are fewer.
  [[nodiscard]] std::optional<std::vector<Ranked>> generation(const History& history) const {
    const auto lambda = static_cast<std::size_t>(strategy_->population());
    std::vector<Ranked> ranked;
    for (std::size_t i = 0; i < asked_.size() && ranked.size() < lambda; ++i)
      if (const auto& curve = history.trial(asked_[i].row)->curve; !curve.empty())
        ranked.push_back({curve.front().value, i});
    if (ranked.size() < lambda) return std::nullopt;
    std::sort(ranked.begin(), ranked.end());
    return ranked;
  }

  void learn(const std::vector<Ranked>& ranked) {
    Eigen::MatrixXd x(n(), static_cast<Index>(ranked.size()));  // [n × λ]
    for (Index k = 0; k < x.cols(); ++k)
      for (Index i = 0; i < n(); ++i) x(i, k) = point(ranked, k)[axis(i)];
    strategy_->update(x);
    keep_margins();
    for (auto& names : names_) {
      Eigen::VectorXd shares = Eigen::VectorXd::Zero(names.num_names());
      for (Index k = 0; k < x.cols() / 2; ++k)
        shares[static_cast<Index>(point(ranked, k)[names.axis()])] += strategy_->weights()[k];
      names.learn(shares, names_.size());
    }
    values_.push_back({ranked.front().value, ranked.back().value});
    forget(ranked);
    if (has_ended()) {
      auto stream = restart_key_.fold(num_restarts_++).stream();
      Eigen::VectorXd mean(n());
      for (double& m : mean) m = stream.uniform();
      begin_run(mean, 2 * strategy_->population());
    }
  }

  [[nodiscard]] const std::vector<double>& point(const std::vector<Ranked>& ranked, Index k) const {
    return asked_[ranked[static_cast<std::size_t>(k)].index].x;
  }

  void forget(const std::vector<Ranked>& ranked) {
    for (const auto& [value, index] : ranked) asked_[index].x.clear();
    std::erase_if(asked_, [](const Asked& asked) { return asked.x.empty(); });
  }

  // The points are where they were, or nothing differs between them any more, or the ellipsoid is a line.
  [[nodiscard]] bool has_ended() const {
    if (strategy_->largest_deviation() < least_deviation || strategy_->is_degenerate()) return true;
    const auto most = 10 + 30 * numbers_.size() / static_cast<std::size_t>(strategy_->population());
    if (values_.size() < most) return false;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (auto values = values_.end() - static_cast<std::ptrdiff_t>(most); values != values_.end(); ++values) {
      low = std::min(low, values->best);
      high = std::max(high, values->worst);
    }
    return !(high - low > least_range * std::abs(low));
  }

  void keep_margins() {
    const double alpha = 1.0 / static_cast<double>(n() * strategy_->population());
    for (Index i = 0; i < n(); ++i)
      if (!is_continuous(i)) strategy_->keep_margin(i, cube_.cell(axis(i), strategy_->mean()[i]), alpha);
  }

  [[nodiscard]] std::vector<double> draw(RandomStream& stream) const {
    std::vector<double> x(cube_.size(), 0.0);
    for (const auto& names : names_) x[names.axis()] = static_cast<double>(names.draw(stream));
    auto v = strategy_->sample(stream);
    for (Index attempt = 0; attempt < 10 * n() && !is_inside(v); ++attempt) v = strategy_->sample(stream);
    for (Index i = 0; i < n(); ++i) x[axis(i)] = is_continuous(i) ? std::clamp(v[i], 0.0, 1.0) : v[i];
    return x;
  }

  [[nodiscard]] bool is_inside(const Eigen::VectorXd& v) const {
    for (Index i = 0; i < n(); ++i)
      if (is_continuous(i) && !(v[i] >= 0 && v[i] <= 1)) return false;
    return true;
  }

  struct Values {
    double best, worst;
  };

  const UnitCube cube_;
  const RandomKey restart_key_;
  std::vector<std::size_t> numbers_;     // axes of the normal distribution
  std::vector<NameDistribution> names_;  // the others
  std::optional<CmaEs> strategy_;
  std::vector<Asked> asked_;    // in this run and in no generation yet
  std::vector<Values> values_;  // of this run's generations
  Point last_point_;
  std::uint64_t num_restarts_ = 0;
};

}  // namespace

std::unique_ptr<Sampler> make_cmaes(const SearchSpace& space, const SamplerOptions& options) {
  expect_one_objective("cmaes", options);
  return std::make_unique<CmaEsSampler>(space, options);
}

}  // namespace seqsweep::search
