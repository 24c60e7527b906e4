// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "seqsweep/cluster/idle_ranks.hpp"
#include "seqsweep/cluster/messages.hpp"
#include "seqsweep/core/catalogue.hpp"

namespace seqsweep::cluster {

/// A segment that is decided and not yet handed out.
struct WaitingSegment {
  TrialId trial;
  int least_ranks = 1, most_ranks = 1;  ///< powers of two
};

/// A segment under way.
struct RunningSegment {
  LegId leg = 0;
  std::vector<int> ranks;  ///< the first leads, and stays
  int node = 0;            ///< of the leader
  int least_ranks = 1, most_ranks = 1;
  bool is_changing = false;  ///< it was asked to change and has not yet said that it did
  /// [s] that the rest of it takes on so many ranks, all else equal. Measured where it was, estimated elsewhere.
  std::function<double(int num_ranks)> remaining_s;
};

/// What a placement decides from. Nothing of it is part of the sweep's definition, and nothing it decides changes a
/// number.
struct Situation {
  std::vector<IdleRank> idle;           ///< rising by rank
  std::vector<WaitingSegment> waiting;  ///< in the order of their decision, which they should start in
  std::vector<RunningSegment> running;
  int ranks_coming = 0;  ///< that running segments were asked to let go of
  double move_s = 0;     ///< [s] that a change of ranks costs, about
};

struct Placed {
  struct Start {
    TrialId trial;
    std::vector<int> ranks;
  };
  struct Change {
    LegId leg = 0;
    std::vector<int> ranks;
  };
  std::vector<Start> starts;
  std::vector<Change> changes;
};

/// Which segments run, on which ranks.
class PlacementPolicy {
 public:
  virtual ~PlacementPolicy() = default;
  [[nodiscard]] virtual Placed place(const Situation& situation) = 0;
};

using MakePlacementPolicy = std::unique_ptr<PlacementPolicy> (*)();
[[nodiscard]] std::span<const CatalogueEntry<MakePlacementPolicy>> placement_catalogue();

std::unique_ptr<PlacementPolicy> make_elastic();
std::unique_ptr<PlacementPolicy> make_restless();

}  // namespace seqsweep::cluster
