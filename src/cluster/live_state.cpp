// SPDX-License-Identifier: Apache-2.0
// What the dispatcher shows to those who look at a running sweep.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "seqsweep/cluster/dispatcher.hpp"

namespace seqsweep::cluster {

store::LiveState Dispatcher::live_state() const {
  const double now = options_.now();
  store::LiveState state;
  state.num_ranks = static_cast<int>(workers_.size());
  state.num_idle = static_cast<int>(idle_.size());
  state.num_lost = static_cast<int>(num_lost_);
  state.num_waiting = static_cast<int>(waiting_.size());
  for (const auto& [rank, worker] : workers_) {
    const double silent_s = now - worker.last_heard_s;
    if (worker.is_lost || rank == options_.own_rank || silent_s <= std::max(state.silent_s, suspicious_silence_s))
      continue;
    state.silent_rank = rank;
    state.silent_s = silent_s;
  }
  for (const auto& [leg, team] : teams_) state.teams.push_back(live_team(team, now));
  return state;
}

store::LiveTeam Dispatcher::live_team(const Team& team, double now) const {
  const auto& order = team.job.order;
  store::LiveTeam live;
  live.trial = order.trial;
  live.from_epoch = order.from_epoch;
  live.to_epoch = order.to_epoch;
  const double epochs = team.last ? team.last->epochs : 0;  // 0 too while its leader still loads
  live.epochs = std::clamp<double>(epochs, order.from_epoch, order.to_epoch);
  live.num_ranks = static_cast<int>(order.ranks.size());
  live.ranks = fmt::format("{}", fmt::join(order.ranks, ","));
  if (team.first) live.seconds = team.last->seconds + now - team.last_seen_s;  // else: nothing of this leg was heard
  return live;
}

}  // namespace seqsweep::cluster
