// SPDX-License-Identifier: Apache-2.0
//
// Mixed radix over a forest: a dimension depends on at most one other. A dimension with the values v has
//   size(d) = Σ_v Π_{children c that exist with v} size(c)
// points, and the space has the product over the dimensions without a condition. Values that no condition names count 1
// each, so that the work depends on the number of conditions and not on the length of a range.

#include "grid.hpp"

#include <algorithm>
#include <map>

#include "seqsweep/core/error.hpp"

#include "distribution.hpp"

namespace seqsweep::search {
namespace {

std::int64_t at_most(std::int64_t value) {
  return std::min(value, Grid::max_size + 1);
}

}  // namespace

Grid::Grid(const SearchSpace& space) : dimensions_(space.dimensions()), nodes_(space.size()) {
  std::map<std::string, std::size_t> index;
  std::vector<std::map<std::int64_t, std::vector<std::size_t>>> children(space.size());
  for (std::size_t d = 0; d < space.size(); ++d) {
    const auto& [name, distribution, condition] = dimensions_[d];
    SEQSWEEP_EXPECT(num_values(distribution), "a grid over a continuous dimension");
    nodes_[d].num_values = *num_values(distribution);
    index[name] = d;
    if (!condition) {
      roots_.push_back(d);
      continue;
    }
    const auto parent = index.at(condition->key);
    for (const auto& value : condition->values) {
      auto& siblings = children[parent][index_of(dimensions_[parent].distribution, value).value()];
      if (siblings.empty() || siblings.back() != d) siblings.push_back(d);
    }
  }
  for (std::size_t d = space.size(); d-- > 0;) {  // children stand behind their parents
    auto& node = nodes_[d];
    node.size = at_most(node.num_values);
    for (auto& [value_index, siblings] : children[d]) {
      node.size = at_most(node.size - 1 + product(siblings));
      node.branches.push_back({value_index, std::move(siblings)});
    }
  }
}

std::int64_t Grid::product(const std::vector<std::size_t>& dimensions) const {
  std::int64_t points = 1;
  for (const auto d : dimensions) points = at_most(points * nodes_[d].size);
  return points;
}

Point Grid::point(std::int64_t index) const {
  SEQSWEEP_EXPECT(index >= 0 && index < size() && size() <= max_size, "a grid point was asked for that does not exist");
  Point point;
  point.values.resize(dimensions_.size());
  place(roots_, index, point);
  return point;
}

void Grid::place(const std::vector<std::size_t>& dimensions, std::int64_t index, Point& point) const {
  for (auto d = dimensions.rbegin(); d != dimensions.rend(); ++d) {
    place_one(*d, index % nodes_[*d].size, point);
    index /= nodes_[*d].size;
  }
}

void Grid::place_one(std::size_t d, std::int64_t index, Point& point) const {
  std::int64_t value_index = 0;
  for (const auto& branch : nodes_[d].branches) {
    const auto before = branch.value_index - value_index;  // values without children
    if (index < before) break;
    index -= before;
    const auto points = product(branch.children);
    if (index < points) {
      place(branch.children, index, point);
      value_index = branch.value_index;
      index = 0;
      break;
    }
    index -= points;
    value_index = branch.value_index + 1;
  }
  point.values[d] = nth_value(dimensions_[d].distribution, value_index + index);
}

}  // namespace seqsweep::search
