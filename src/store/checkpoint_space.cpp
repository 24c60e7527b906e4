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

void CheckpointSpace::observe(const search::TrialRecord& trial, std::uintmax_t bytes) {
  if (bounds_.ended == 0 && bounds_.bytes == 0) return;
  if (trial.is_offspring()) {
    if (trial.curve.empty())
      parent_of_.emplace(trial.id, trial.parent.trial);
    else
      parent_of_.erase(trial.id);
  }
  if (ended_.contains(trial.id)) return;
  auto& last_bytes = bytes_of_[trial.id];
  bytes_ += bytes - last_bytes;  // in unsigned numbers a decrease comes out right, too
  last_bytes = bytes;
  if (may_go_on(trial) || trial.is_replicate()) return;
  ended_.insert(trial.id);
  const double value = trial.curve.empty() ? INFINITY : search::turned(goal_, trial.curve.back().value);
  if (!std::isfinite(value)) {  // diverged or failed
    give_up(trial.id);
    return;
  }
  best_ended_.emplace(value, trial.id);
  if (bounds_.ended > 0 && best_ended_.size() > bounds_.ended) give_up_worst();
}

void CheckpointSpace::give_up_worst() {
  const auto worst = std::prev(best_ended_.end());
  give_up(worst->second);
  best_ended_.erase(worst);
}

void CheckpointSpace::give_up(TrialId trial) {
  spare_.insert(trial);
  bytes_ -= bytes_of_[trial];
  bytes_of_.erase(trial);
}

std::vector<TrialId> CheckpointSpace::take_spare() {
  while (is_exceeded() && best_ended_.size() > 1) give_up_worst();
  if (spare_.empty()) return {};
  std::set<TrialId> awaited;
  for (const auto& [child, parent] : parent_of_) awaited.insert(parent);
  std::vector<TrialId> taken;
  std::copy_if(spare_.begin(), spare_.end(), std::back_inserter(taken),
               [&](TrialId trial) { return !awaited.contains(trial); });
  for (const TrialId trial : taken) spare_.erase(trial);
  return taken;
}

std::uintmax_t checkpoint_bytes(const std::string& results_path, TrialId trial) {
  const auto size_of = [](const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
  };
  auto bytes = size_of(checkpoint_path(results_path, trial));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(snapshot_folder(results_path, trial), error))
    bytes += size_of(entry.path());
  return bytes;
}

void remove_checkpoint(const std::string& results_path, TrialId trial) {
  std::error_code ignored;
  std::filesystem::remove(checkpoint_path(results_path, trial), ignored);
  std::filesystem::remove_all(snapshot_folder(results_path, trial), ignored);
}

}  // namespace seqsweep::store
