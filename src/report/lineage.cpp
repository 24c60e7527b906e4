// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/lineage.hpp"

#include <algorithm>

namespace seqsweep::report {

std::vector<Stage> lineage(const std::vector<TrialLine>& trials, const TrialLine& trial) {
  std::vector<Stage> stages;
  int to_epoch = trial.best_epoch;
  for (const TrialLine* at = &trial; at != nullptr;) {
    stages.push_back({at, at->parent.epoch, to_epoch});
    to_epoch = at->parent.epoch;
    const auto parent = to_epoch == 0 ? trials.end() : std::find_if(trials.begin(), trials.end(), [&](const auto& t) {
      return t.trial == at->parent.trial && t.trial < at->trial;
    });
    at = parent == trials.end() ? nullptr : &*parent;
  }
  std::reverse(stages.begin(), stages.end());
  return stages;
}

}  // namespace seqsweep::report
