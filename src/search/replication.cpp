// SPDX-License-Identifier: Apache-2.0
#include "replication.hpp"

#include <algorithm>
#include <cmath>

namespace seqsweep::search {

std::deque<TrialId> trials_to_replicate(std::span<const TrialRecord> trials, const Replication& replication) {
  std::vector<std::pair<double, TrialId>> ranking;
  for (const auto& trial : trials)
    if (std::isfinite(trial.value())) ranking.emplace_back(trial.value(), trial.id);
  std::sort(ranking.begin(), ranking.end());
  ranking.resize(std::min(ranking.size(), static_cast<std::size_t>(replication.best)));
  std::deque<TrialId> trials_again;
  for (int round = 0; round < replication.times; ++round)
    for (const auto& [value, trial] : ranking) trials_again.push_back(trial);
  return trials_again;
}

}  // namespace seqsweep::search
