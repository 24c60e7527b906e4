// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/placement.hpp"

#include <algorithm>
#include <array>

namespace seqsweep::cluster {
namespace {

// clang-format off
constexpr std::array catalogue = {
    CatalogueEntry<MakePlacementPolicy>{"elastic", "idle ranks join the trials that would take longest", make_elastic},
    CatalogueEntry<MakePlacementPolicy>{"restless", "teams change at random, to test that no number does", make_restless},
};
// clang-format on

}  // namespace

std::span<const CatalogueEntry<MakePlacementPolicy>> placement_catalogue() {
  return catalogue;
}

std::vector<int> take_ranks(std::vector<IdleRank>& idle, std::size_t count, TrialId trial) {
  if (idle.size() < count) return {};
  const auto leader = std::min_element(idle.begin(), idle.end(), [&](const IdleRank& a, const IdleRank& b) {
    const auto rating = [&](const IdleRank& r) { return r.resident == trial ? 0 : r.resident == TrialId{} ? 1 : 2; };
    return rating(a) < rating(b);
  });
  const int node = leader->node;
  std::vector<int> ranks = {leader->rank};
  idle.erase(leader);
  const auto others = take_joiners(idle, count - 1, node);
  ranks.insert(ranks.end(), others.begin(), others.end());
  return ranks;
}

std::vector<int> take_joiners(std::vector<IdleRank>& idle, std::size_t count, int leader_node) {
  if (idle.size() < count) return {};
  const auto is_near = [&](const IdleRank& r) { return r.node == leader_node; };
  std::stable_partition(idle.begin(), idle.end(), is_near);
  std::vector<int> ranks;
  for (std::size_t i = 0; i < count; ++i) ranks.push_back(idle[i].rank);
  idle.erase(idle.begin(), idle.begin() + static_cast<std::ptrdiff_t>(count));
  std::sort(idle.begin(), idle.end(), [](const IdleRank& a, const IdleRank& b) { return a.rank < b.rank; });
  return ranks;
}

}  // namespace seqsweep::cluster
