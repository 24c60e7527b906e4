// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "seqsweep/search/scheduler.hpp"

namespace seqsweep::search {

/// A bracket of synchronous successive halving: so many trials begin at the first rung, and when all of a rung have
/// been measured the best go on to the next.
struct BracketPlan {
  std::string name;  ///< opens the phrases: "<name> 3, rung 4: …" where it has its turn for the third time
  std::size_t num_trials = 0;
  std::vector<int> rungs;  ///< [epochs] rising
};

/// Runs these brackets in turn, and then again from the first, which has the rungs of all others.
[[nodiscard]] std::unique_ptr<Scheduler> make_synchronous_halving(const SchedulerOptions& options,
                                                                  std::vector<BracketPlan> plans);

}  // namespace seqsweep::search
