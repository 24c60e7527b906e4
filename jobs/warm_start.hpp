// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seqsweep/config/config.hpp"

namespace seqsweep::jobs {

/// What an earlier sweep knows that this one can learn from.
struct WarmStart {
  std::vector<search::PriorTrial> trials;  ///< measured values to be minimised, in the earlier sweep's order
  int num_left_out = 0;                    ///< trials that are no points of this search
  std::string fingerprint;                 ///< of `trials`: part of the definition
};

/// Reads the trials of search.warm_start. A trial counts where each dimension of this search has a value there
/// (searched or constant) that lies in its distribution; what else was searched there plays no part. Throws ConfigError
/// where it has another metric or goal, or no trial that counts; StoreError where it cannot be read.
[[nodiscard]] WarmStart read_warm_start(const config::SweepConfig& config);

}  // namespace seqsweep::jobs
