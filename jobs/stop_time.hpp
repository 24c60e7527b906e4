// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <optional>
#include <string>

namespace seqsweep::jobs {

/// When a run stops by itself, and what it says then.
struct StopTime {
  double after_s = std::numeric_limits<double>::infinity();  ///< from now on
  std::string reason;
};

/// What is left of the Slurm allocation that this process runs in, by its environment (SLURM_JOB_END_TIME, Unix
/// seconds). Nothing outside of one, and where its end is past: then it is another job's.
[[nodiscard]] std::optional<double> allocation_left_s();

/// The earlier of a time limit from now on (0: none) and the end of the allocation, less twice what a stop may take:
/// the job script has something left to do, too. Of a short allocation no more than a tenth is given away.
[[nodiscard]] StopTime stop_time(double time_limit_s, std::optional<double> left_of_allocation_s,
                                 double longest_drain_s);

}  // namespace seqsweep::jobs
