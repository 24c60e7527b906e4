// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

[[nodiscard]] inline std::size_t num_objectives(const StudyOptions& options) {
  return 1 + options.further_goals.size();
}

/// Throws ConfigError where other options make no sense with several objectives.
void check_objectives(const StudyOptions& options);

/// All objectives of a result, to be minimised; infinite where one of them is no finite number.
[[nodiscard]] Objectives objectives_of(const StudyOptions& options, const SegmentResult& result);

/// The trials that no other dominates, by id.
[[nodiscard]] std::vector<TrialId> front_of(std::span<const TrialRecord> trials);

}  // namespace seqsweep::search
