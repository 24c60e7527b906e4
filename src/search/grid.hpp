// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "seqsweep/search/space.hpp"

namespace seqsweep::search {

/// All points of a space without continuous dimensions, numbered in the order of nested loops (the last dimension is
/// the innermost). A conditional dimension is a loop only where its condition holds.
class Grid {
 public:
  static constexpr std::int64_t max_size = std::int64_t{1} << 31;

  /// `space` must have no continuous dimension.
  explicit Grid(const SearchSpace& space);

  /// The number of points; max_size + 1 stands for all numbers beyond max_size.
  [[nodiscard]] std::int64_t size() const { return product(roots_); }
  /// `index` in 0 … size - 1.
  [[nodiscard]] Point point(std::int64_t index) const;

 private:
  // A value of a dimension on which others depend, and the dimensions that exist with it.
  struct Branch {
    std::int64_t value_index;
    std::vector<std::size_t> children;
  };
  struct Node {
    std::int64_t num_values = 0;
    std::vector<Branch> branches;  // by value_index; all other values have no children
    std::int64_t size = 0;         // points of this dimension with those that depend on it
  };

  [[nodiscard]] std::int64_t product(const std::vector<std::size_t>& dimensions) const;
  void place(const std::vector<std::size_t>& dimensions, std::int64_t index, Point& point) const;
  void place_one(std::size_t d, std::int64_t index, Point& point) const;

  const std::vector<Dimension> dimensions_;
  std::vector<std::size_t> roots_;  // dimensions without a condition
  std::vector<Node> nodes_;         // one per dimension
};

}  // namespace seqsweep::search
