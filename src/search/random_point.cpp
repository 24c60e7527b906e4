// SPDX-License-Identifier: Apache-2.0
#include "random_point.hpp"

#include "dimension_keys.hpp"

namespace seqsweep::search {

Point random_point(const SearchSpace& space, RandomKey key, const Point& fixed) {
  Point point;
  point.values.resize(space.size());
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (!space.is_active(d, point)) continue;
    const auto& [name, distribution, condition] = space.dimensions()[d];
    if (d < fixed.values.size() && fixed.values[d])
      point.values[d] = fixed.values[d];
    else
      point.values[d] = value_at(distribution, key.fold(dimension_key(name)).stream().uniform());
  }
  return point;
}

}  // namespace seqsweep::search
