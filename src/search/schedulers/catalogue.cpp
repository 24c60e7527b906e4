// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "schedulers.hpp"

namespace seqsweep::search {

std::span<const CatalogueEntry<MakeScheduler>> scheduler_catalogue() {
  static constexpr std::array<CatalogueEntry<MakeScheduler>, 6> catalogue = {{
      {"none", "trains every trial to its last epoch", make_none},
      {"asha", "successive halving: trains all a little, the best of them longer", make_asha},
      {"halving", "successive halving in rounds: a rung is decided when all of it are measured", make_halving},
      {"hyperband", "rounds of halving that begin at shorter and longer rungs in turn; BOHB with tpe", make_hyperband},
      {"median", "stops trials that are worse than the median of the others", make_median},
      {"pbt", "population-based training: the worst go on as copies of the best, changed a little", make_pbt},
  }};
  return catalogue;
}

std::unique_ptr<Scheduler> make_scheduler(const SchedulerOptions& options) {
  return find_in(scheduler_catalogue(), "scheduler", options.name).make(options);
}

}  // namespace seqsweep::search
