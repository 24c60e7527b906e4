// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "schedulers.hpp"

namespace seqsweep::search {

std::span<const CatalogueEntry<MakeScheduler>> scheduler_catalogue() {
  static constexpr std::array<CatalogueEntry<MakeScheduler>, 5> catalogue = {{
      {"none", "trains every trial to its last epoch", make_none},
      {"asha", "successive halving: trains all a little, the best of them longer", make_asha},
      {"halving", "successive halving in rounds: a rung is decided when all of it are measured", make_halving},
      {"hyperband", "rounds of halving that begin at shorter and longer rungs in turn; BOHB with tpe", make_hyperband},
      {"median", "stops trials that are worse than the median of the others", make_median},
  }};
  return catalogue;
}

}  // namespace seqsweep::search
