// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seqsweep/config/config.hpp"

namespace seqsweep::config {

/// The points of [start], in order of their names. Each gives values of some dimensions of the space; a constant of the
/// config may be repeated. Throws ConfigError (key start.NAME) for what the space cannot take.
[[nodiscard]] std::vector<search::Point> read_first_points(const SweepConfig& config);

}  // namespace seqsweep::config
