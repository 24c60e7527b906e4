// SPDX-License-Identifier: Apache-2.0
//
// Points a, b, … of M objectives to be minimised; a dominates b where a_m ≤ b_m for all m and a_m < b_m for one.
//
// Fronts: in lexicographic order whatever dominates a point comes before it, and what a front has dominates nothing of
// a front before. So each point goes, in that order, to the first front of which nothing dominates it, and that is
// found by bisection. Zhang, Tian, Cheng, Jin 2015, "An efficient approach to nondominated sorting for evolutionary
// multiobjective optimization", section III (ENS-BS).
//
// Crowding distance: Deb, Pratap, Agarwal, Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm:
// NSGA-II", section III-B:  d_i = Σ_m (f_m(next of i) - f_m(previous of i)) / (f_m(last) - f_m(first)).
//
// Hypervolume below the reference point r, with [a, r] = Π_m (r_m - a_m):
//   hv({p_1 … p_n}) = Σ_i gain(p_i | p_{i+1} … p_n)
//   gain(p | S)     = [p, r] - hv({max(p, s) : s in S})          the maximum of each objective
// While, Bradstreet, Barone 2012, "A fast way of calculating exact hypervolumes" (WFG), section III. Two objectives:
// the sum of the steps of a stair, as in Fonseca, Paquete, López-Ibáñez 2006.
//
// Subset: each time the point with the largest gain. The gain of a point only falls as others are chosen, so old gains
// are bounds and few are computed anew. Nemhauser, Wolsey, Fisher 1978 (1 - 1/e); Guerreiro, Fonseca, Paquete 2016.
#include "seqsweep/search/pareto.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {
namespace {

using Points = std::vector<Objectives>;
constexpr double infinity = std::numeric_limits<double>::infinity();

// Those that no other dominates, each once, in lexicographic order.
Points first_front(Points points) {
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  Points front;
  for (auto& point : points)
    if (std::none_of(front.begin(), front.end(), [&](const Objectives& a) { return dominates(a, point); }))
      front.push_back(std::move(point));
  return front;
}

// [p, r]
double box(const Objectives& p, const Objectives& r) {
  double volume = 1;
  for (std::size_t m = 0; m < p.size(); ++m) volume *= r[m] - p[m];
  return volume;
}

double stair(std::span<const Objectives> front, const Objectives& r) {
  double area = 0, height = r[1];
  for (const auto& p : front) {
    area += (r[0] - p[0]) * (height - p[1]);
    height = p[1];
  }
  return area;
}

double volume(std::span<const Objectives> front, const Objectives& r);

double gain(const Objectives& p, std::span<const Objectives> others, const Objectives& r) {
  Points limited(others.begin(), others.end());
  for (auto& s : limited)
    for (std::size_t m = 0; m < p.size(); ++m) s[m] = std::max(s[m], p[m]);
  return std::max(0.0, box(p, r) - volume(first_front(std::move(limited)), r));
}

// Of a first front below r.
double volume(std::span<const Objectives> front, const Objectives& r) {
  if (r.size() == 2) return stair(front, r);
  double sum = 0;
  for (std::size_t i = 0; i < front.size(); ++i) sum += gain(front[i], front.subspan(i + 1), r);
  return sum;
}

bool is_below(const Objectives& p, const Objectives& r) {
  SEQSWEEP_EXPECT(p.size() == r.size() && !r.empty(), "a point and the reference point differ in their objectives");
  for (std::size_t m = 0; m < p.size(); ++m)
    if (!(p[m] < r[m])) return false;
  return true;
}

Points below(std::span<const Objectives> points, const Objectives& r) {
  Points inside;
  std::copy_if(points.begin(), points.end(), std::back_inserter(inside), [&](const auto& p) { return is_below(p, r); });
  return inside;
}

}  // namespace

bool dominates(const Objectives& a, const Objectives& b) {
  bool is_better = false;
  for (std::size_t m = 0; m < a.size(); ++m) {
    if (a[m] > b[m]) return false;
    is_better = is_better || a[m] < b[m];
  }
  return is_better;
}

std::vector<std::size_t> front_ranks(std::span<const Objectives> points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return points[a] < points[b]; });
  std::vector<std::vector<std::size_t>> fronts;
  std::vector<std::size_t> ranks(points.size());
  for (const auto i : order) {
    const auto front = std::partition_point(fronts.begin(), fronts.end(), [&](const auto& members) {
      return std::any_of(members.rbegin(), members.rend(), [&](auto j) { return dominates(points[j], points[i]); });
    });
    ranks[i] = static_cast<std::size_t>(front - fronts.begin());
    if (front == fronts.end())
      fronts.push_back({i});
    else
      front->push_back(i);
  }
  return ranks;
}

std::vector<double> crowding_distances(std::span<const Objectives> front) {
  std::vector<double> distances(front.size(), 0.0);
  if (front.empty()) return distances;
  std::vector<std::size_t> order(front.size());
  for (std::size_t m = 0; m < front[0].size(); ++m) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return front[a][m] < front[b][m]; });
    distances[order.front()] = distances[order.back()] = infinity;
    const double extent = front[order.back()][m] - front[order.front()][m];
    if (!(extent > 0)) continue;
    for (std::size_t k = 1; k + 1 < order.size(); ++k)
      distances[order[k]] += (front[order[k + 1]][m] - front[order[k - 1]][m]) / extent;
  }
  return distances;
}

double hypervolume(std::span<const Objectives> points, const Objectives& reference) {
  return volume(first_front(below(points, reference)), reference);
}

double hypervolume_gain(std::span<const Objectives> points, const Objectives& another, const Objectives& reference) {
  return is_below(another, reference) ? gain(another, below(points, reference), reference) : 0;
}

std::vector<double> hypervolume_contributions(std::span<const Objectives> points, const Objectives& reference) {
  std::vector<double> contributions;
  Points others(points.begin(), points.end());
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::swap(others[i], others.back());
    contributions.push_back(
        hypervolume_gain(std::span<const Objectives>(others).first(others.size() - 1), points[i], reference));
    std::swap(others[i], others.back());
  }
  return contributions;
}

std::vector<std::size_t> hypervolume_subset(std::span<const Objectives> points, std::size_t count,
                                            const Objectives& reference) {
  struct Candidate {
    double gain;                    // at most
    std::size_t index, num_chosen;  // when it was computed
    bool operator<(const Candidate& other) const {
      return gain != other.gain ? gain < other.gain : index > other.index;
    }
  };
  std::priority_queue<Candidate> candidates;
  for (std::size_t i = 0; i < points.size(); ++i) candidates.push({hypervolume_gain({}, points[i], reference), i, 0});
  std::vector<std::size_t> subset;
  Points chosen;
  while (subset.size() < count && !candidates.empty()) {
    const auto best = candidates.top();
    candidates.pop();
    if (best.num_chosen == chosen.size()) {
      subset.push_back(best.index);
      chosen.push_back(points[best.index]);
    } else {
      candidates.push({hypervolume_gain(chosen, points[best.index], reference), best.index, chosen.size()});
    }
  }
  return subset;
}

}  // namespace seqsweep::search
