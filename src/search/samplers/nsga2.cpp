// SPDX-License-Identifier: Apache-2.0
//
// A genetic algorithm for several objectives, over the quantiles of all axes. With λ = `population`:
//   parents     the best λ of parents and generation before, by front first (0 is the best), then by crowding distance
//   generation  λ trials; two parents for each, each the better of two drawn at random
//   crossover   SBX, with probability `crossover_rate`:  x = ½ ((1 + β) a + (1 - β) b),
//                 β = (2 u)^(1 / (η + 1)) for u ≤ ½, else (2 (1 - u))^(-1 / (η + 1)),  a and b in either order
//   mutation    of each axis with probability 1 / D, polynomial:  x + δ,
//                 δ = (2 u)^(1 / (η + 1)) - 1 for u < ½, else 1 - (2 (1 - u))^(1 / (η + 1))
// Deb, Pratap, Agarwal, Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", sections III
// and V; Deb, Agrawal 1995, "Simulated binary crossover for continuous search space"; the mutation: Deb, Goyal 1996.
//   Mixed spaces: a name comes from either parent, and mutates to any. A value of a discrete axis mutates to any, too.
//   Conditional spaces: an axis that exists in one parent only is inherited from that one; in none, drawn at random.
//   Asynchronous: whoever is asked gets a child of the present parents. A generation is the first λ trials that are
//   measured and were in none before, whoever proposed them (a sweep's start points, an earlier sweep).
//
// Differs from the papers: the first generation is a Sobol sequence; diverged and failed trials belong to their
// generation, but become no parents. A trial counts with its first measurement.

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "seqsweep/search/pareto.hpp"

#include "samplers.hpp"

namespace seqsweep::search {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

constexpr std::size_t population = 16;  // λ
constexpr double crossover_rate = 0.9;
constexpr double crossover_eta = 2;
constexpr double mutation_eta = 5;

using Coordinates = std::vector<double>;

double sbx(double a, double b, RandomStream& stream) {
  const double u = stream.uniform();
  const double power = 1 / (crossover_eta + 1);
  const double beta = u <= 0.5 ? std::pow(2 * u, power) : std::pow(2 * (1 - u), -power);
  return std::clamp(((1 + beta) * a + (1 - beta) * b) / 2, 0.0, 1.0);
}

double polynomial_mutation(double x, RandomStream& stream) {
  const double u = stream.uniform();
  const double power = 1 / (mutation_eta + 1);
  const double delta = u < 0.5 ? std::pow(2 * u, power) - 1 : 1 - std::pow(2 * (1 - u), power);
  return std::clamp(x + delta, 0.0, 1.0);
}

double anything(const Axis& axis, RandomStream& stream) {
  return axis.kind == Axis::Kind::categorical ? stream.below(static_cast<std::uint32_t>(axis.num_values))
                                              : stream.uniform();
}

class Nsga2Sampler final : public Sampler {
 public:
  Nsga2Sampler(const SearchSpace& space, const SamplerOptions& options)
      : cube_(space), startup_(make_sobol(space, options)) {}

  Point propose(const History& history, const Request& request) override {
    while (take_generation(history)) continue;
    if (parents_.empty()) return startup_->propose(history, request);
    auto stream = request.key.stream();
    return cube_.point_at(child(history, stream));
  }

 private:
  struct Individual {
    std::size_t row;  // of the history
    Objectives objectives;
    std::size_t rank = 0;  // of its front
    double crowding = 0;
  };

  // Says whether there was one.
  bool take_generation(const History& history) {
    for (; num_rows_seen_ < history.num_rows(); ++num_rows_seen_) waiting_.push_back(num_rows_seen_);
    std::vector<std::size_t> generation;
    for (const auto row : waiting_)
      if (generation.size() < population && !history.objectives(row).empty()) generation.push_back(row);
    if (generation.size() < population) return false;
    std::erase_if(waiting_, [&](auto row) { return std::binary_search(generation.begin(), generation.end(), row); });
    for (const auto row : generation)
      if (std::isfinite(history.objectives(row).front())) parents_.push_back({row, history.objectives(row)});
    select_parents();
    return true;
  }

  void select_parents() {
    std::vector<Objectives> objectives;
    for (const auto& individual : parents_) objectives.push_back(individual.objectives);
    const auto ranks = front_ranks(objectives);
    for (std::size_t i = 0; i < parents_.size(); ++i) parents_[i].rank = ranks[i];
    std::stable_sort(parents_.begin(), parents_.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
    for (auto begin = parents_.begin(); begin != parents_.end();) {
      const auto end = std::find_if(begin, parents_.end(), [&](const auto& p) { return p.rank != begin->rank; });
      crowd({begin, end});
      begin = end;
    }
    if (parents_.size() > population) parents_.resize(population);
  }

  // A front, in the order of its crowding distances then.
  static void crowd(std::span<Individual> front) {
    std::vector<Objectives> objectives;
    for (const auto& individual : front) objectives.push_back(individual.objectives);
    const auto distances = crowding_distances(objectives);
    for (std::size_t i = 0; i < front.size(); ++i) front[i].crowding = distances[i];
    std::stable_sort(front.begin(), front.end(), [](const auto& a, const auto& b) { return a.crowding > b.crowding; });
  }

  // Parents stand in order, the best first.
  [[nodiscard]] std::span<const double> parent(const History& history, RandomStream& stream) const {
    const auto num_parents = static_cast<std::uint32_t>(parents_.size());
    const auto one = stream.below(num_parents), other = stream.below(num_parents);
    return history.coordinates(parents_[std::min(one, other)].row);
  }

  [[nodiscard]] Coordinates child(const History& history, RandomStream& stream) const {
    const auto mother = parent(history, stream), father = parent(history, stream);
    const bool has_two_parents = stream.uniform() < crossover_rate;
    const double mutation_rate = 1 / static_cast<double>(cube_.size());
    Coordinates x(cube_.size(), absent);
    for (std::size_t d = 0; d < x.size(); ++d) {
      if (!cube_.is_active(d, x)) continue;
      x[d] = inherited(cube_.axis(d), mother[d], has_two_parents ? father[d] : mother[d], stream);
      if (stream.uniform() < mutation_rate) x[d] = mutated(cube_.axis(d), x[d], stream);
      if (cube_.axis(d).kind == Axis::Kind::ordinal) x[d] = cube_.cell(d, x[d]).middle();
    }
    return x;
  }

  static double inherited(const Axis& axis, double a, double b, RandomStream& stream) {
    if (std::isnan(a) && std::isnan(b)) return anything(axis, stream);
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) ? b : a;
    if (stream.uniform() < 0.5) std::swap(a, b);
    return axis.kind == Axis::Kind::categorical || a == b ? a : sbx(a, b, stream);
  }

  static double mutated(const Axis& axis, double x, RandomStream& stream) {
    return axis.kind == Axis::Kind::continuous ? polynomial_mutation(x, stream) : anything(axis, stream);
  }

  const UnitCube cube_;
  const std::unique_ptr<Sampler> startup_;
  std::vector<Individual> parents_;   // the best first
  std::vector<std::size_t> waiting_;  // rows in no generation yet
  std::size_t num_rows_seen_ = 0;
};

}  // namespace

std::unique_ptr<Sampler> make_nsga2(const SearchSpace& space, const SamplerOptions& options) {
  return std::make_unique<Nsga2Sampler>(space, options);
}

}  // namespace seqsweep::search
