// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "seqsweep/search/scheduler.hpp"

namespace seqsweep::search {

/// Where the rungs lie: at grace_period · reduction_factor^k while that is below max_epochs, and at max_epochs.
/// [epochs]
[[nodiscard]] std::vector<int> rung_epochs(const SchedulerOptions& options);

/// Why nothing is decided about so many trials at these rungs, one phrase; empty: something is.
[[nodiscard]] std::string why_idle_at_rungs(const std::vector<int>& rungs, std::int64_t num_trials);

/// "rung 4: 0.0312 is 2nd of 16", the value in the user's sense; a rung is named by its epoch.
[[nodiscard]] std::string place_at_rung(int epoch, double value, std::size_t position, std::size_t num_measured);

}  // namespace seqsweep::search
