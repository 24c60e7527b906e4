// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "samplers.hpp"

namespace seqsweep::search {

std::span<const CatalogueEntry<MakeSampler>> sampler_catalogue() {
  static constexpr std::array<CatalogueEntry<MakeSampler>, 3> catalogue = {{
      {"random", "every point by itself, from the distributions", make_random},
      {"grid", "every combination of discrete values, in the order of nested loops", make_grid},
      {"sobol", "a scrambled Sobol sequence: random points that leave no gaps", make_sobol},
  }};
  return catalogue;
}

}  // namespace seqsweep::search
