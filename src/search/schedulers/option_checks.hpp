// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seqsweep/search/scheduler.hpp"

namespace seqsweep::search {

/// Throws ConfigError, with its key, where an option of the scheduler is below what it must at least be.
void expect_at_least(int minimum, int value, const std::string& key);

/// Throws ConfigError unless 1 ≤ grace_period ≤ max_epochs.
void check_epochs(const SchedulerOptions& options);

/// Throws ConfigError unless there can be rungs: also reduction_factor ≥ 2.
void check_rungs(const SchedulerOptions& options);

}  // namespace seqsweep::search
