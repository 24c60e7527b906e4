// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "seqsweep/search/study.hpp"

namespace seqsweep::jobs {

/// Ranks that only say what time it would be.
struct VirtualCluster {
  int num_workers = 4;
  int ranks_per_trial = 0;   ///< 0: as it pays
  int most_ranks = 8;        ///< shards of a trial
  double efficiency = 0.93;  ///< of twice as many ranks
  double step_s = 0.1;       ///< [s] a change waits for the end of a step
  double move_s = 0.02;      ///< [s] that ranks of a changing team do not train
  /// [s] that a segment takes on one rank.
  std::function<double(const search::Point&, int to_epoch, double multiply_adds)> seconds_of;
  /// What a trial is worth after so many epochs.
  std::function<double(const search::Point&, int to_epoch)> value_of;
};

/// Where the time of all ranks went. [s]
struct NodeSeconds {
  double wall = 0;    ///< from the first to the last segment
  double useful = 0;  ///< training, as if on one rank
  double shared = 0;  ///< what training together costs over that
  double moving = 0;  ///< changes of teams
  double idle = 0;
  std::int64_t changes = 0;
};

/// A sweep by the real coordinator and its placement, on a clock of its own.
[[nodiscard]] NodeSeconds run_on(const VirtualCluster& cluster, search::Study& study);

}  // namespace seqsweep::jobs
