// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace seqsweep::jobs {

/// What coordinating costs by itself: a promotion-ASHA sweep whose segments take no time.
struct Throughput {
  int num_workers = 0, num_trials = 0, num_segments = 0;
  double segments_per_s = 0;
  std::optional<double>
      bytes_per_trial;  ///< of the coordinator's memory when all is done; nothing unless malloc is glibc's
  double resume_s = 0;  ///< [s] until a coordinator with all of this recorded is where it was
};

/// The real coordinator over its in-memory channel, one rank a trial, twice as many logical workers as workers.
[[nodiscard]] Throughput measure_throughput(int num_workers, int num_trials);

}  // namespace seqsweep::jobs
