// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "seqsweep/core/ids.hpp"

namespace seqsweep::cluster {

/// A rank that has nothing to do.
struct IdleRank {
  int rank = 0;
  int node = 0;
  TrialId resident;  ///< the trial that it led last and still has in memory
};

/// Idle ranks, to be taken one team after the other. All of them cost little more to take than to list, so that one
/// turn can place thousands.
class IdleRanks {
 public:
  /// `ranks` rising by rank.
  explicit IdleRanks(std::vector<IdleRank> ranks);

  [[nodiscard]] std::size_t size() const { return num_left_; }
  /// Takes `count` of them for a trial: to lead one that holds it in memory, or else none of another's, then those of
  /// the leader's node. Nothing where there are not as many.
  [[nodiscard]] std::vector<int> take(std::size_t count, TrialId trial);
  /// Takes `count` for a team to take in: those of the leader's node first.
  [[nodiscard]] std::vector<int> take_joiners(std::size_t count, int leader_node);

 private:
  using Index = std::size_t;
  /// Some of the ranks in rising order; those at its front may have been taken.
  struct Queue {
    std::vector<Index> ranks;
    Index front = 0;
  };

  [[nodiscard]] Index leader_for(TrialId trial);
  bool drop_taken(Queue& queue);
  Index take(Index index);

  std::vector<IdleRank> ranks_;
  std::vector<bool> is_taken_;
  std::size_t num_left_;
  Queue all_, fresh_;  ///< fresh: no trial is resident
  std::map<int, Queue> by_node_;
  std::map<TrialId, Queue> by_resident_;
};

}  // namespace seqsweep::cluster
