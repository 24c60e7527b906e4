// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seqsweep/search/recorded_sweep.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

[[nodiscard]] std::vector<search::SegmentResult> segment_results(const store::Results& results);

/// The decisions and results of a file, in virtual order.
[[nodiscard]] search::RecordedSweep recorded_sweep(const store::Results& results);

}  // namespace seqsweep::report
