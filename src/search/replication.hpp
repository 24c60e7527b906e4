// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <span>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

/// The trials to train again, in order: round by round, best first in each.
[[nodiscard]] std::deque<TrialId> trials_to_replicate(std::span<const TrialRecord> trials,
                                                      const Replication& replication);

}  // namespace seqsweep::search
