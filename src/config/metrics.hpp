// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/config/config.hpp"

namespace seqsweep::config {

/// Throws ConfigError where sweep.metric and sweep.goal make no sense together, or for what the trials are.
void check_metrics(const SweepConfig& config);

/// Gives each metric its goal where sweep.goal leaves it open; check_metrics() goes before.
void complete_goals(SweepConfig& config);

/// Warns where a written goal is not what everybody would expect of the metric.
void remark_on_goals(SweepConfig& config);

/// Puts metrics and goals, one each, where study and trials have them.
void spread_objectives(SweepConfig& config);

}  // namespace seqsweep::config
