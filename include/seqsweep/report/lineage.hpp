// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seqsweep/report/sweep_summary.hpp"

namespace seqsweep::report {

/// A stretch of training with one point.
struct Stage {
  const TrialLine* trial;
  int from_epoch = 0;
  int to_epoch = 0;
};

/// How a trial came about: the stages of its ancestors, oldest first, and its own up to its best epoch. One stage where
/// it goes on from no other trial.
[[nodiscard]] std::vector<Stage> lineage(const std::vector<TrialLine>& trials, const TrialLine& trial);

}  // namespace seqsweep::report
