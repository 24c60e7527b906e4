// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/space.hpp"

namespace seqsweep::search {

/// A point from the distributions; each dimension has numbers of its own, whatever others there are. Values of `fixed`
/// (empty, or one per dimension) are kept where their dimension exists.
[[nodiscard]] Point random_point(const SearchSpace& space, RandomKey key, const Point& fixed = {});

}  // namespace seqsweep::search
