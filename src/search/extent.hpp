// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seqsweep/search/unit_cube.hpp"

namespace seqsweep::search {

/// A part of [0, 1), one axis of a cube: disjoint intervals, rising.
using Extent = std::vector<Cell>;

[[nodiscard]] double measure(const Extent& extent);
/// Of what both have.
[[nodiscard]] double overlap(const Extent& a, const Extent& b);
[[nodiscard]] Extent intersection(const Extent& a, const Extent& b);
[[nodiscard]] Extent complement(const Extent& extent);
[[nodiscard]] bool contains(const Extent& extent, double u);

}  // namespace seqsweep::search
