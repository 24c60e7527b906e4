// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/recorded_sweep.hpp"

namespace seqsweep::report {

std::vector<search::SegmentResult> segment_results(const store::Results& results) {
  std::vector<search::SegmentResult> segments;
  for (const auto& segment : results.segments)
    segments.push_back({.trial = segment.trial,
                        .from_epoch = segment.from_epoch,
                        .to_epoch = segment.to_epoch,
                        .ending = segment.ending,
                        .last_epoch = segment.last_epoch,
                        .value = segment.value});
  return segments;
}

search::RecordedSweep recorded_sweep(const store::Results& results) {
  return {results.header.goal, results.decisions, segment_results(results), results.trials};
}

}  // namespace seqsweep::report
