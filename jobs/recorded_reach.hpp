// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/search/reach.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::jobs {

/// How far the budget of a recorded sweep carries; nothing to say where its definition cannot be read any more.
[[nodiscard]] search::Reach recorded_reach(const store::ResultsHeader& header);

}  // namespace seqsweep::jobs
