// SPDX-License-Identifier: Apache-2.0
#include "extent.hpp"

#include <algorithm>

namespace seqsweep::search {
namespace {

template <class Visit>
void visit_common(const Extent& a, const Extent& b, const Visit& visit) {
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end(); i->high < j->high ? ++i : ++j) {
    const Cell common{std::max(i->low, j->low), std::min(i->high, j->high)};
    if (common.low < common.high) visit(common);
  }
}

}  // namespace

double measure(const Extent& extent) {
  double sum = 0;
  for (const auto& cell : extent) sum += cell.high - cell.low;
  return sum;
}

double overlap(const Extent& a, const Extent& b) {
  double sum = 0;
  visit_common(a, b, [&](const Cell& common) { sum += common.high - common.low; });
  return sum;
}

Extent intersection(const Extent& a, const Extent& b) {
  Extent both;
  visit_common(a, b, [&](const Cell& common) { both.push_back(common); });
  return both;
}

Extent complement(const Extent& extent) {
  Extent rest;
  double low = 0;
  for (const auto& cell : extent) {
    if (low < cell.low) rest.push_back({low, cell.low});
    low = cell.high;
  }
  if (low < 1) rest.push_back({low, 1});
  return rest;
}

bool contains(const Extent& extent, double u) {
  return std::any_of(extent.begin(), extent.end(), [u](const Cell& cell) { return cell.low <= u && u < cell.high; });
}

}  // namespace seqsweep::search
