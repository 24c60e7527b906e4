// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/store/checkpoint_space.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>

#include "seqsweep/store/checkpoint.hpp"

namespace seqsweep::store {
namespace {

bool may_go_on(const search::TrialRecord& trial) {
  return trial.state == search::TrialState::running || trial.state == search::TrialState::paused;
}

}  // namespace

void CheckpointSpace::observe(const search::TrialRecord& trial) {
  if (most_ended_ == 0) return;
  if (trial.is_offspring()) {
    if (trial.curve.empty())
      parent_of_.emplace(trial.id, trial.parent.trial);
    else
      parent_of_.erase(trial.id);
  }
  if (may_go_on(trial) || trial.is_replicate() || !ended_.insert(trial.id).second) return;
  const double value = trial.curve.empty() ? INFINITY : search::turned(goal_, trial.curve.back().value);
  if (!std::isfinite(value)) {  // diverged or failed
    spare_.insert(trial.id);
    return;
  }
  best_ended_.emplace(value, trial.id);
  if (best_ended_.size() <= most_ended_) return;
  const auto worst = std::prev(best_ended_.end());
  spare_.insert(worst->second);
  best_ended_.erase(worst);
}

std::vector<TrialId> CheckpointSpace::take_spare() {
  if (spare_.empty()) return {};
  std::set<TrialId> awaited;
  for (const auto& [child, parent] : parent_of_) awaited.insert(parent);
  std::vector<TrialId> taken;
  std::copy_if(spare_.begin(), spare_.end(), std::back_inserter(taken),
               [&](TrialId trial) { return !awaited.contains(trial); });
  for (const TrialId trial : taken) spare_.erase(trial);
  return taken;
}

void remove_checkpoint(const std::string& results_path, TrialId trial) {
  std::error_code ignored;
  std::filesystem::remove(checkpoint_path(results_path, trial), ignored);
  std::filesystem::remove_all(snapshot_folder(results_path, trial), ignored);
}

}  // namespace seqsweep::store
