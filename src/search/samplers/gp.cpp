// SPDX-License-Identifier: Apache-2.0
//
// Bayesian optimisation: Jones, Schonlau, Welch 1998, "Efficient global optimization of expensive black-box functions".
// A Gaussian process (gaussian_process.cpp) learns from what was measured; the next point is where it expects the
// largest improvement (expected_improvement.cpp) on its least mean, as far as improvement_search.cpp finds it.
//   Points in flight are believed to come out as predicted, so that the next ones go elsewhere: Ginsbourger, Le Riche,
//   Carraro 2010, "Kriging is well-suited to parallelize optimization" (Kriging believer).
//   The first 2 (D + 1) points are a scrambled Sobol sequence, and so are more until (D + 1) / 2 were measured.
//   It learns from the highest level of training with D + 1 trials. Of more than 1,000 it takes the best 500, the
//   latest 250 of the others, and of the rest 250 evenly by rank. Hyperparameters are learnt anew, from where they
//   were, when there are a tenth more trials; from at most 200 of them, evenly by rank.
//
// Differs from the papers: proposals take turns between two views of what was measured, standardised and warped. Warped
// values lead along narrow valleys, standardised ones away from optima that are only local. A point that was turned
// down counts as the worst.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <set>

#include "../features.hpp"
#include "../fixed_blocks.hpp"
#include "../gaussian_process.hpp"
#include "../improvement_search.hpp"
#include "../standardised.hpp"
#include "samplers.hpp"

namespace seqsweep::search {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Coordinates = std::vector<double>;

constexpr std::size_t most_observations = 1000, most_for_fit = 200;
constexpr std::size_t most_refused = 100;
constexpr std::size_t num_centres = 5;
constexpr double growth_until_fit = 1.1;
constexpr int first_evaluations = 60, more_evaluations = 30;  // of the hyperparameters' posterior

// What the process is made from.
struct Evidence {
  std::vector<Coordinates> points;  // measured, refused, in flight
  std::vector<double> values;       // of all but the last
};

// A way to look at what was measured, with what was learnt that way.
struct View {
  VectorXd (*values)(std::span<const double>);
  std::optional<Hyperparameters> theta = {};
  std::size_t num_fitted = 0;
};

// `most` of 0 … count - 1, evenly.
std::vector<Index> evenly(std::size_t count, std::size_t most) {
  std::vector<Index> chosen;
  for (std::size_t k = 0; k < std::min(count, most); ++k)
    chosen.push_back(static_cast<Index>(count <= most ? k : k * count / most));
  return chosen;
}

// Of observations, the best first: the best half of `most`, the latest quarter, and a quarter evenly from the rest.
std::vector<History::Observation> chosen(std::vector<History::Observation> observations, std::size_t most) {
  if (observations.size() <= most) return observations;
  const auto others = observations.begin() + static_cast<std::ptrdiff_t>(most / 2);
  const auto rest = others + static_cast<std::ptrdiff_t>(most / 4);
  std::nth_element(others, rest, observations.end(), [](const auto& a, const auto& b) { return a.row > b.row; });
  std::sort(rest, observations.end());
  std::vector<History::Observation> few(observations.begin(), rest);
  for (const auto k : evenly(static_cast<std::size_t>(observations.end() - rest), most - few.size()))
    few.push_back(rest[k]);
  std::sort(few.begin(), few.end());
  return few;
}

void learn(View& view, const MatrixXd& X, const VectorXd& y) {
  const auto n = static_cast<std::size_t>(y.size());
  const double enough = growth_until_fit * static_cast<double>(view.num_fitted);
  if (view.theta && n >= view.num_fitted && static_cast<double>(n) < enough) return;
  const auto rows = evenly(n, most_for_fit);
  const auto start = view.theta.value_or(Hyperparameters::typical(X.cols()));
  view.theta = fitted(X(rows, Eigen::all), y(rows), start, view.theta ? more_evaluations : first_evaluations);
  view.num_fitted = n;
}

// The points of the least means.
std::vector<Coordinates> best_of(const std::vector<Coordinates>& points, const VectorXd& means) {
  std::vector<Index> order(points.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return means[a] < means[b]; });
  std::vector<Coordinates> best;
  for (std::size_t k = 0; k < std::min(num_centres, points.size()); ++k)
    best.push_back(points[static_cast<std::size_t>(order[k])]);
  return best;
}

class GpSampler final : public Sampler {
 public:
  GpSampler(const SearchSpace& space, const SamplerOptions& options)
      : cube_(space), features_(cube_), startup_(make_sobol(space, options)) {}

  Point propose(const History& history, const Request& request) override {
    const FixedBlocks same_bits_everywhere;
    follow(history);
    auto point = proposed_by_model(history, request);
    last_proposal_ = point ? std::move(*point) : startup_->propose(history, request);
    num_rows_ = history.num_rows();
    return *last_proposal_;
  }

 private:
  // What became of the last proposal, and which points are known by now.
  void follow(const History& history) {
    const bool was_refused =
        last_proposal_ && (history.num_rows() == num_rows_ || history.trial(num_rows_)->point != *last_proposal_);
    if (was_refused) refused_.push_back(cube_.coordinates_of(*last_proposal_));
    if (refused_.size() > most_refused) refused_.erase(refused_.begin());
    for (; num_known_ < history.num_rows(); ++num_known_) {
      const auto features = features_.of_coordinates(history.coordinates(num_known_));
      known_.emplace(features.begin(), features.end());
    }
  }

  std::optional<Point> proposed_by_model(const History& history, const Request& request) {
    const auto D = cube_.size();
    const auto* level = history.level_with(D + 1);
    if (D == 0 || level == nullptr || history.num_rows() < 2 * (D + 1) || 2 * level->observations.size() < D + 1)
      return std::nullopt;
    const auto [points, values] = evidence(history, level->observations);
    MatrixXd X(static_cast<Index>(points.size()), features_.size());
    for (Index i = 0; i < X.rows(); ++i) X.row(i) = features_.of_coordinates(points[static_cast<std::size_t>(i)]);

    auto& view = views_[static_cast<std::size_t>(request.index) % views_.size()];
    const VectorXd y = view.values(values);
    learn(view, X.topRows(y.size()), y);
    const GaussianProcess process(X, y, *view.theta);
    const ImprovementSearch search(features_, process, process.means().minCoeff(), known_);
    auto stream = request.key.stream();
    const auto coordinates = search.found(best_of(points, process.means()), stream);
    return coordinates ? std::optional(cube_.point_at(*coordinates)) : std::nullopt;
  }

  Evidence evidence(const History& history, const std::vector<History::Observation>& observations) const {
    Evidence evidence;
    const auto add_point = [&](std::size_t row) {
      const auto x = history.coordinates(row);
      evidence.points.emplace_back(x.begin(), x.end());
    };
    for (const auto& [value, row] : chosen(observations, most_observations)) {
      add_point(row);
      evidence.values.push_back(value);
    }
    for (const auto& x : refused_) {
      evidence.points.push_back(x);
      evidence.values.push_back(std::numeric_limits<double>::infinity());
    }
    for (const auto row : history.unmeasured()) add_point(row);
    return evidence;
  }

  const UnitCube cube_;
  const Features features_;
  const std::unique_ptr<Sampler> startup_;
  std::array<View, 2> views_{View{standardised}, View{warped}};
  std::optional<Point> last_proposal_;
  std::size_t num_rows_ = 0;             // of the history when it was made
  std::vector<Coordinates> refused_;     // the latest
  std::set<std::vector<double>> known_;  // features
  std::size_t num_known_ = 0;            // rows
};

}  // namespace

std::unique_ptr<Sampler> make_gp(const SearchSpace& space, const SamplerOptions& options) {
  expect_one_objective("gp", options);
  return std::make_unique<GpSampler>(space, options);
}

}  // namespace seqsweep::search
