// SPDX-License-Identifier: Apache-2.0
#include "parzen_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "dimension_keys.hpp"
#include "parzen_estimator.hpp"

namespace seqsweep::search {
namespace {

using Eigen::ArrayXd;
using Group = ParzenSearch::Group;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double absent = std::numeric_limits<double>::quiet_NaN();

// Tuned together with those of samplers/tpe.cpp, on the same functions.
constexpr int num_candidates = 16;  // more are greedier, and stay with the first choice between names that did well
constexpr double good_prior_weight = 0.5;  // 1 and more explore too long
constexpr double others_prior_weight = 1;

std::vector<Group> groups_of(const SearchSpace& space) {
  std::vector<Group> groups;
  std::map<std::pair<std::string, std::vector<std::string>>, std::size_t> group_of;  // by condition
  for (std::size_t d = 0; d < space.size(); ++d) {
    auto condition = space.dimensions()[d].condition.value_or(Condition{});
    std::sort(condition.values.begin(), condition.values.end());
    const auto [group, is_new] = group_of.try_emplace({condition.key, condition.values}, groups.size());
    if (is_new) groups.emplace_back();
    groups[group->second].push_back(d);
  }
  return groups;
}

Eigen::ArrayXXd coordinates(const History& history, const ParzenSearch::Rows& rows, const Group& group) {
  Eigen::ArrayXXd x(rows.size(), group.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t d = 0; d < group.size(); ++d)
      x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(d)) = history.coordinates(rows[i])[group[d]];
  return x;
}

struct Densities {
  ParzenEstimator l, g;
};

Densities densities(const History& history, const ParzenSearch::Split& split, const Group& group) {
  const WeightedPoints good_points{coordinates(history, split.good, group), split.weights, good_prior_weight};
  const WeightedPoints other_points{coordinates(history, split.others, group),
                                    ArrayXd::Ones(static_cast<Eigen::Index>(split.others.size())), others_prior_weight};
  const auto bandwidths = scott_bandwidths(history.cube(), group, good_points);
  return {{history.cube(), group, good_points, bandwidths}, {history.cube(), group, other_points, bandwidths}};
}

// The coordinates of a point, NaN where no dimension exists, or where none was placed so far.
using Coordinates = std::vector<double>;

Coordinates with(Coordinates point, const Group& group, const ArrayXd& x) {
  for (std::size_t d = 0; d < group.size(); ++d) point[group[d]] = x[static_cast<Eigen::Index>(d)];
  return point;
}

bool was_tried(const History& history, const Coordinates& point) {
  const auto is_same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  for (std::size_t row = 0; row < history.num_rows(); ++row)
    if (std::equal(point.begin(), point.end(), history.coordinates(row).begin(), is_same)) return true;
  return false;
}

// `point` with this group placed, too. Points that were tried already come last.
Coordinates best_candidate(const History& history, const Densities& of_group, const Group& group,
                           const Coordinates& point, RandomKey key) {
  const auto& [l, g] = of_group;
  auto stream = key.stream();
  Coordinates best;
  double best_ratio = -infinity;
  for (int i = 0; i < num_candidates; ++i) {
    const auto x = l.draw(stream);
    auto candidate = with(point, group, x);
    const double ratio = was_tried(history, candidate) ? -infinity : l.log_density(x) - g.log_density(x);
    if (best.empty() || ratio > best_ratio) {
      best = std::move(candidate);
      best_ratio = ratio;
    }
  }
  return best;
}

}  // namespace

std::size_t num_good(std::size_t num_measured) {
  constexpr double gamma = 0.15;
  constexpr std::size_t most = 25;
  return std::min(most, static_cast<std::size_t>(std::ceil(gamma * static_cast<double>(num_measured))));
}

ParzenSearch::ParzenSearch(const SearchSpace& space) : groups_(groups_of(space)) {
  for (const auto& group : groups_) keys_.push_back(dimension_key(space.dimensions()[group.front()].name));
}

Point ParzenSearch::propose(const History& history, RandomKey key,
                            const std::function<Split(const Group&)>& split) const {
  const auto& cube = history.cube();
  Coordinates point(cube.size(), absent);
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto& group = groups_[g];
    if (!cube.is_active(group.front(), point)) continue;
    point = best_candidate(history, densities(history, split(group), group), group, point, key.fold(keys_[g]));
  }
  return cube.point_at(point);
}

ParzenSearch::Rows ParzenSearch::rows_with(const History& history, const Group& group) {
  Rows rows;
  for (std::size_t row = 0; row < history.num_rows(); ++row)
    if (!std::isnan(history.coordinates(row)[group.front()])) rows.push_back(row);
  return rows;
}

}  // namespace seqsweep::search
