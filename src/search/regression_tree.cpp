// SPDX-License-Identifier: Apache-2.0
//
// A node with points R is split in L and R \ L where
//   S(L)² / |L| + S(R \ L)² / |R \ L|,   S(A) = Σ_{i in A} y_i
// is largest, which is where the squares within both parts sum to the least; and so on down to `least_points`.
// Breiman, Friedman, Olshen, Stone 1984, "Classification and regression trees", chapter 8. Names in order of their mean
// y are split like numbers: no other subset of them is better (Fisher 1958, "On grouping for maximum homogeneity").
// Names without a point go with the larger part.
//
// Conditional axes: a node is split along an axis only where that exists in the node's whole box, so every leaf is a
// box. Elsewhere the axis counts with three parts, S(M)² / |M| being added for the points M that lack it; where this is
// best, the node is first split by the condition, and what fulfils it can then be split along the axis. A part without
// points has the mean of the node above.

#include "regression_tree.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "seqsweep/core/error.hpp"

#include "distribution.hpp"

namespace seqsweep::search {
namespace {

using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::VectorXd;
using Rows = std::vector<Index>;  // of the measured points
using Box = std::vector<Extent>;  // [dimensions]

constexpr std::size_t least_points = 2;  // in a leaf
constexpr double least_gain = 1e-12;     // of the squares of a node: less is rounding

Cell cell_of_name(const UnitCube& cube, std::size_t d, double index) {
  const auto C = static_cast<double>(cube.axis(d).num_values);
  return {index / C, (index + 1) / C};
}

// Of the parent's axis: where axis d exists. Empty for an axis without a parent.
Extent condition_of(const UnitCube& cube, std::size_t d) {
  Extent extent;
  if (const auto parent = cube.parent(d)) {
    const auto& distribution = cube.space().dimensions()[*parent].distribution;
    for (const auto& text : cube.space().dimensions()[d].condition->values) {
      const auto index = index_of(distribution, text).value();
      extent.push_back(cube.axis(*parent).kind == Axis::Kind::categorical
                           ? cell_of_name(cube, *parent, static_cast<double>(index))
                           : cell_of(distribution, nth_value(distribution, index)));
    }
  }
  std::sort(extent.begin(), extent.end(), [](const Cell& a, const Cell& b) { return a.low < b.low; });
  return extent;
}

// NaN lies anywhere: an axis that a point lacks is whole in the leaf that has it.
bool holds(const Box& box, std::span<const double> u) {
  for (std::size_t d = 0; d < box.size(); ++d)
    if (!std::isnan(u[d]) && !contains(box[d], u[d])) return false;
  return true;
}

// Points of a node.
struct Part {
  double n = 0;
  double S = 0;  // Σ y
  void add(const Part& other) {
    n += other.n;
    S += other.S;
  }
  [[nodiscard]] double score() const { return n > 0 ? S * S / n : 0; }
};

// Those at the same place of an axis.
struct Step : Part {
  double u = 0;
};

struct Split {
  double score = 0;
  std::size_t axis = 0;
  Extent left;
};

class TreeGrower {
 public:
  TreeGrower(const UnitCube& cube, const ArrayXXd& u, const VectorXd& y) : cube_(cube), u_(u), y_(y) {
    for (std::size_t d = 0; d < cube.size(); ++d) conditions_.push_back(condition_of(cube, d));
  }

  [[nodiscard]] RegressionTree grown_from(const Rows& rows) const {
    RegressionTree tree;
    grow(tree, rows, Box(cube_.size(), Extent{{0, 1}}), 0);
    return tree;
  }

 private:
  void grow(RegressionTree& tree, const Rows& rows, Box box, double mean_above) const {
    const Part all = part_of(rows);
    const double mean = all.n > 0 ? all.S / all.n : mean_above;
    const auto split = best_split(rows, all, box);
    if (!split) {
      tree.push_back({std::move(box), mean});
      return;
    }
    const auto d = split->axis;
    Rows left, right;
    for (const auto row : rows) (contains(split->left, u_(row, column(d))) ? left : right).push_back(row);
    Box right_box = box;
    right_box[d] = intersection(box[d], complement(split->left));
    box[d] = intersection(box[d], split->left);
    grow(tree, left, std::move(box), mean);
    grow(tree, right, std::move(right_box), mean);
  }

  [[nodiscard]] std::optional<Split> best_split(const Rows& rows, const Part& all, const Box& box) const {
    double squares = 0;
    for (const auto row : rows) squares += y_[row] * y_[row];
    Split best{all.score() + least_gain * squares, 0, {}};
    for (std::size_t d = 0; d < cube_.size(); ++d) try_axis(d, rows, box, best);
    return best.left.empty() ? std::nullopt : std::optional(std::move(best));
  }

  void try_axis(std::size_t d, const Rows& rows, const Box& box, Split& best) const {
    Rows present, lacking;
    for (const auto row : rows) (std::isnan(u_(row, column(d))) ? lacking : present).push_back(row);
    if (!lacking.empty() && lacking.size() < least_points) return;
    const auto steps = steps_of(d, present);
    const Part all = part_of(present);
    const double score_lacking = part_of(lacking).score();
    Part left;
    for (std::size_t k = 0; k + 1 < steps.size(); ++k) {
      left.add(steps[k]);
      const Part right{all.n - left.n, all.S - left.S};
      if (std::min(left.n, right.n) < least_points) continue;
      const double score = left.score() + right.score() + score_lacking;
      if (!(score > best.score)) continue;
      best.score = score;
      if (const auto undecided = first_undecided(d, box)) {
        best.axis = *cube_.parent(*undecided);
        best.left = conditions_[*undecided];
      } else {
        best.axis = d;
        best.left = left_of(d, steps, k + 1, left.n > right.n);
      }
    }
  }

  // Rising along the axis; names by their mean y.
  [[nodiscard]] std::vector<Step> steps_of(std::size_t d, Rows rows) const {
    const auto u = [&](Index row) { return u_(row, column(d)); };
    std::stable_sort(rows.begin(), rows.end(), [&](Index a, Index b) { return u(a) < u(b); });
    std::vector<Step> steps;
    for (const auto row : rows) {
      if (steps.empty() || steps.back().u < u(row)) steps.push_back({{}, u(row)});
      steps.back().add({1, y_[row]});
    }
    if (cube_.axis(d).kind == Axis::Kind::categorical)
      std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.S / a.n < b.S / b.n; });
    return steps;
  }

  // Of the axis: the part of the first `num_left` steps.
  [[nodiscard]] Extent left_of(std::size_t d, const std::vector<Step>& steps, std::size_t num_left,
                               bool is_larger) const {
    if (cube_.axis(d).kind != Axis::Kind::categorical)
      return {{0, boundary(d, steps[num_left - 1].u, steps[num_left].u)}};
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(num_left);
    const auto names = [&](auto begin, auto end) {
      const auto C = static_cast<double>(cube_.axis(d).num_values);
      Extent extent;
      for (auto step = begin; step != end; ++step) extent.push_back(cell_of_name(cube_, d, std::floor(step->u * C)));
      std::sort(extent.begin(), extent.end(), [](const Cell& a, const Cell& b) { return a.low < b.low; });
      return extent;
    };
    return is_larger ? complement(names(middle, steps.end())) : names(steps.begin(), middle);
  }

  // Between two quantiles: half way, at the nearest bound of a cell where values are discrete.
  [[nodiscard]] double boundary(std::size_t d, double low, double high) const {
    const double middle = low + (high - low) / 2;
    if (cube_.axis(d).kind == Axis::Kind::continuous) return middle > low ? middle : high;
    const auto cell = cube_.cell(d, middle);
    return cell.low > low ? cell.low : cell.high;
  }

  // Nothing where axis d exists in the whole box, else the first of the axes it depends on, or itself, that may not.
  [[nodiscard]] std::optional<std::size_t> first_undecided(std::size_t d, const Box& box) const {
    std::optional<std::size_t> undecided;
    for (auto parent = cube_.parent(d); parent; d = *parent, parent = cube_.parent(d))
      if (overlap(box[*parent], complement(conditions_[d])) > 0) undecided = d;
    return undecided;
  }

  [[nodiscard]] Part part_of(const Rows& rows) const {
    Part part;
    for (const auto row : rows) part.add({1, y_[row]});
    return part;
  }

  static Index column(std::size_t d) { return static_cast<Index>(d); }

  const UnitCube& cube_;
  const ArrayXXd& u_;  // [points × dimensions] quantiles
  const VectorXd& y_;  // [points]
  std::vector<Extent> conditions_;
};

}  // namespace

double quantile(const UnitCube& cube, std::size_t d, double coordinate) {
  if (std::isnan(coordinate)) return coordinate;
  if (cube.axis(d).kind == Axis::Kind::categorical) return cell_of_name(cube, d, coordinate).middle();
  return std::clamp(coordinate, 0.0, std::nextafter(1.0, 0.0));
}

double value_in(const RegressionTree& tree, std::span<const double> u) {
  const auto leaf = std::find_if(tree.begin(), tree.end(), [&](const Leaf& l) { return holds(l.box, u); });
  SEQSWEEP_ENSURE(leaf != tree.end(), "the leaves of a tree leave a gap");
  return leaf->value;
}

RegressionTree grown_tree(const UnitCube& cube, const Eigen::ArrayXXd& u, const Eigen::VectorXd& y,
                          const std::vector<Eigen::Index>& rows) {
  return TreeGrower(cube, u, y).grown_from(rows);
}

}  // namespace seqsweep::search
