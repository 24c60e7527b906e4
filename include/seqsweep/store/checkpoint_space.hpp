// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "seqsweep/search/trial_record.hpp"

namespace seqsweep::store {

/// Decides whose checkpoints may go. Of the trials that have ended those of the best so many stay, and of all
/// replicates; those of trials that may go on (running, paused) and that others still have to begin from stay in any
/// case. No result needs what goes: `train --trial` trains any trial again, to the same bits.
class CheckpointSpace {
 public:
  /// most_ended 0: all stay.
  CheckpointSpace(std::size_t most_ended, search::Goal goal) : most_ended_(most_ended), goal_(goal) {}

  /// A trial as it is now, with values in the metric's own sense; as often as it changes, or more often.
  void observe(const search::TrialRecord& trial);
  /// The trials whose checkpoints nobody needs since the last call.
  [[nodiscard]] std::vector<TrialId> take_spare();

 private:
  std::size_t most_ended_;
  search::Goal goal_;
  std::set<TrialId> ended_;
  std::set<std::pair<double, TrialId>> best_ended_;  ///< value to be minimised, trial
  std::set<TrialId> spare_;                          ///< to be taken
  std::map<TrialId, TrialId> parent_of_;             ///< of offspring that has not trained yet
};

/// Removes a trial's checkpoint and its snapshots. What cannot be removed stays: it only takes up space.
void remove_checkpoint(const std::string& results_path, TrialId trial);

}  // namespace seqsweep::store
