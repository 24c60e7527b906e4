// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>

#include "seqsweep/search/study.hpp"

namespace seqsweep::config {

/// The options of the search that a results file defines (SweepConfig::definition()), with `overrides`
/// ("section.key=value") in their place. First points and earlier sweeps are left out: they made points, which are
/// recorded. Throws ConfigError for values as read_config() does, and for an override of a key that does not only
/// choose which trials are trained how far.
[[nodiscard]] search::StudyOptions recorded_study(const std::map<std::string, std::string>& definition,
                                                  std::span<const std::string> overrides);

}  // namespace seqsweep::config
