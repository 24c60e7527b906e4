// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "seqsweep/search/trial_record.hpp"

namespace seqsweep::store {

/// Decides whose checkpoints may go. Of the trials that have ended the best stay, as far as the bounds reach, and all
/// replicates; those of trials that may go on (running, paused) and that others still have to begin from stay in any
/// case. No result needs what goes: `train --trial` trains any trial again, to the same bits.
class CheckpointSpace {
 public:
  struct Bounds {
    std::size_t ended = 0;     ///< checkpoints of trials that have ended; 0: any number
    std::uintmax_t bytes = 0;  ///< of all checkpoints; the best that has ended stays at any size; 0: no bound
  };
  CheckpointSpace(Bounds bounds, search::Goal goal) : bounds_(bounds), goal_(goal) {}

  /// A trial as it is now, with values in the metric's own sense; as often as it changes, or more often. `bytes` is
  /// what its checkpoints take.
  void observe(const search::TrialRecord& trial, std::uintmax_t bytes = 0);
  /// The trials whose checkpoints nobody needs since the last call.
  [[nodiscard]] std::vector<TrialId> take_spare();
  /// More bytes than the bound, although all has gone that may go.
  [[nodiscard]] bool is_exceeded() const { return bounds_.bytes > 0 && bytes_ > bounds_.bytes; }
  [[nodiscard]] std::uintmax_t bytes() const { return bytes_; }

 private:
  void give_up(TrialId trial);
  void give_up_worst();

  Bounds bounds_;
  search::Goal goal_;
  std::set<TrialId> ended_;
  std::map<TrialId, std::uintmax_t> bytes_of_;
  std::uintmax_t bytes_ = 0;
  std::set<std::pair<double, TrialId>> best_ended_;  ///< value to be minimised, trial
  std::set<TrialId> spare_;                          ///< to be taken
  std::map<TrialId, TrialId> parent_of_;             ///< of offspring that has not trained yet
};

/// What a trial's checkpoint and its snapshots take, 0 without any.
[[nodiscard]] std::uintmax_t checkpoint_bytes(const std::string& results_path, TrialId trial);
/// Removes a trial's checkpoint and its snapshots. What cannot be removed stays: it only takes up space.
void remove_checkpoint(const std::string& results_path, TrialId trial);

}  // namespace seqsweep::store
