// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "seqsweep/search/scheduler.hpp"

namespace seqsweep::search {

// One maker per file of this folder; catalogue.cpp lists them.
[[nodiscard]] std::unique_ptr<Scheduler> make_none(const SchedulerOptions& options);
[[nodiscard]] std::unique_ptr<Scheduler> make_asha(const SchedulerOptions& options);
[[nodiscard]] std::unique_ptr<Scheduler> make_halving(const SchedulerOptions& options);
[[nodiscard]] std::unique_ptr<Scheduler> make_hyperband(const SchedulerOptions& options);
[[nodiscard]] std::unique_ptr<Scheduler> make_median(const SchedulerOptions& options);
[[nodiscard]] std::unique_ptr<Scheduler> make_pbt(const SchedulerOptions& options);

}  // namespace seqsweep::search
