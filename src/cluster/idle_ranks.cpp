// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/idle_ranks.hpp"

#include <utility>

namespace seqsweep::cluster {

IdleRanks::IdleRanks(std::vector<IdleRank> ranks)
    : ranks_(std::move(ranks)), is_taken_(ranks_.size()), num_left_(ranks_.size()) {
  for (Index i = 0; i < ranks_.size(); ++i) {
    all_.ranks.push_back(i);
    by_node_[ranks_[i].node].ranks.push_back(i);
    (ranks_[i].resident == TrialId{} ? fresh_ : by_resident_[ranks_[i].resident]).ranks.push_back(i);
  }
}

std::vector<int> IdleRanks::take(std::size_t count, TrialId trial) {
  if (num_left_ < count || count == 0) return {};
  const Index leader = take(leader_for(trial));
  std::vector<int> ranks = {ranks_[leader].rank};
  const auto others = take_joiners(count - 1, ranks_[leader].node);
  ranks.insert(ranks.end(), others.begin(), others.end());
  return ranks;
}

std::vector<int> IdleRanks::take_joiners(std::size_t count, int leader_node) {
  if (num_left_ < count) return {};
  std::vector<int> ranks;
  const auto near = by_node_.find(leader_node);
  while (ranks.size() < count) {
    const bool is_near = near != by_node_.end() && drop_taken(near->second);
    if (!is_near) drop_taken(all_);
    auto& queue = is_near ? near->second : all_;
    ranks.push_back(ranks_[take(queue.ranks[queue.front])].rank);
  }
  return ranks;
}

IdleRanks::Index IdleRanks::leader_for(TrialId trial) {
  if (const auto resident = by_resident_.find(trial); resident != by_resident_.end() && drop_taken(resident->second))
    return resident->second.ranks[resident->second.front];
  if (drop_taken(fresh_)) return fresh_.ranks[fresh_.front];
  drop_taken(all_);
  return all_.ranks[all_.front];
}

// False where nothing is left of the queue.
bool IdleRanks::drop_taken(Queue& queue) {
  while (queue.front < queue.ranks.size() && is_taken_[queue.ranks[queue.front]]) ++queue.front;
  return queue.front < queue.ranks.size();
}

IdleRanks::Index IdleRanks::take(Index index) {
  is_taken_[index] = true;
  --num_left_;
  return index;
}

}  // namespace seqsweep::cluster
