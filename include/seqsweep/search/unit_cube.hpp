// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "seqsweep/search/space.hpp"

namespace seqsweep::search {

/// One dimension of a search space, as samplers compute with it.
struct Axis {
  enum class Kind {
    continuous,   ///< any number
    ordinal,      ///< finitely many values in order: integers, steps, choices between rising numbers
    categorical,  ///< names without an order
  } kind = Kind::continuous;
  std::int64_t num_values = 0;  ///< 0: continuous
};

/// The quantiles that stand for one value, [low, high): low == high where values are continuous.
struct Cell {
  double low = 0, high = 0;
  [[nodiscard]] double middle() const { return low + (high - low) / 2; }
};

/// Points of a search space in numbers: one coordinate per dimension.
///
/// A continuous or ordinal axis has the quantile of the value under its distribution, in [0, 1]; so every prior is
/// uniform there, whatever the user wrote (log, normal). A discrete value owns an interval of quantiles, its cell, and
/// has the middle of it. A categorical axis has the index of the choice. Where a dimension does not exist: NaN.
class UnitCube {
 public:
  explicit UnitCube(SearchSpace space);

  [[nodiscard]] const SearchSpace& space() const { return space_; }
  [[nodiscard]] std::size_t size() const { return axes_.size(); }
  [[nodiscard]] const Axis& axis(std::size_t d) const { return axes_[d]; }
  /// The axis on which the existence of axis d depends, or nothing.
  [[nodiscard]] std::optional<std::size_t> parent(std::size_t d) const;
  /// Whether axis d exists, given the coordinates before it.
  [[nodiscard]] bool is_active(std::size_t d, std::span<const double> coordinates) const;

  /// The cell around quantile u of an axis that is not categorical.
  [[nodiscard]] Cell cell(std::size_t d, double u) const;

  [[nodiscard]] std::vector<double> coordinates_of(const Point& point) const;
  /// The point whose cells hold these coordinates; those of dimensions that do not exist in it are not looked at, and
  /// NaN elsewhere is a ContractViolation. Quantiles outside [0, 1] are moved to the bound.
  [[nodiscard]] Point point_at(std::span<const double> coordinates) const;

 private:
  struct Condition {
    std::size_t parent;
    std::vector<Cell> cells;  // of the parent's coordinate; [index - 1/2, index + 1/2) of a categorical parent
  };

  SearchSpace space_;
  std::vector<Axis> axes_;
  std::vector<std::optional<Condition>> conditions_;
};

}  // namespace seqsweep::search
