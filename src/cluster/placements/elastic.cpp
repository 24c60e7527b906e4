// SPDX-License-Identifier: Apache-2.0
// New segments come first: each starts as soon as there is a rank for it, if need be one of the largest team. When none
// waits, idle ranks join the running segments, the longest first, doubling their ranks, as long as that saves more than
// it costs.
#include <algorithm>

#include "seqsweep/cluster/placement.hpp"

namespace seqsweep::cluster {
namespace {

constexpr double moves_worth_it = 10;   // a change must save so many times what it costs
constexpr double least_speedup = 1.05;  // by twice the ranks; where it is less they do better elsewhere

struct Team {
  const RunningSegment* segment;
  int ranks;

  [[nodiscard]] int ranks_now() const { return static_cast<int>(segment->ranks.size()); }
  [[nodiscard]] double remaining_s() const { return segment->remaining_s(ranks); }
  [[nodiscard]] double speedup_of(int more) const { return segment->remaining_s(ranks) / segment->remaining_s(more); }
};

std::vector<Team> steady_teams(const Situation& situation) {
  std::vector<Team> teams;
  for (const auto& segment : situation.running)
    if (!segment.is_changing) teams.push_back({&segment, static_cast<int>(segment.ranks.size())});
  return teams;
}

Placed::Change shrunk_to(const Team& team, int ranks) {
  const auto& all = team.segment->ranks;
  return {team.segment->leg, {all.begin(), all.begin() + ranks}};
}

// Returns how many ranks those lack that are left waiting.
int start_waiting(const Situation& situation, IdleRanks& idle, Placed& placed) {
  int lacking = 0;
  for (const auto& segment : situation.waiting) {
    auto ranks =
        lacking > 0 ? std::vector<int>{} : idle.take(static_cast<std::size_t>(segment.least_ranks), segment.trial);
    if (ranks.empty())
      lacking += segment.least_ranks;
    else
      placed.starts.push_back({segment.trial, std::move(ranks)});
  }
  return lacking == 0 ? 0 : lacking - static_cast<int>(idle.size()) - situation.ranks_coming;
}

void let_go(const Situation& situation, int lacking, Placed& placed) {
  auto teams = steady_teams(situation);
  std::stable_sort(teams.begin(), teams.end(), [](const Team& a, const Team& b) { return a.ranks > b.ranks; });
  for (const auto& team : teams) {
    const int half = team.ranks / 2;
    if (lacking <= 0 || half < team.segment->least_ranks) return;
    placed.changes.push_back(shrunk_to(team, half));
    lacking -= half;
  }
}

bool gains_by_growth(const Team& team, std::size_t num_idle, double move_s) {
  const int more = 2 * team.ranks;
  return more <= team.segment->most_ranks && static_cast<std::size_t>(team.ranks) <= num_idle &&
         team.speedup_of(more) >= least_speedup &&
         team.remaining_s() - team.segment->remaining_s(more) > moves_worth_it * move_s;
}

void resize(const Situation& situation, IdleRanks& idle, Placed& placed) {
  auto teams = steady_teams(situation);
  std::erase_if(teams, [&](const Team& team) {
    const int half = team.ranks / 2;
    const bool is_too_large = half >= team.segment->least_ranks && 1 / team.speedup_of(half) < least_speedup;
    if (is_too_large) placed.changes.push_back(shrunk_to(team, half));
    return is_too_large;
  });
  std::size_t num_idle = idle.size();
  for (;;) {
    Team* longest = nullptr;
    for (auto& team : teams)
      if (gains_by_growth(team, num_idle, situation.move_s))
        if (longest == nullptr || team.remaining_s() > longest->remaining_s()) longest = &team;
    if (longest == nullptr) break;
    num_idle -= static_cast<std::size_t>(longest->ranks);
    longest->ranks *= 2;
  }
  for (const auto& team : teams) {
    if (team.ranks == team.ranks_now()) continue;
    auto ranks = team.segment->ranks;
    const auto joiners = idle.take_joiners(static_cast<std::size_t>(team.ranks - team.ranks_now()), team.segment->node);
    ranks.insert(ranks.end(), joiners.begin(), joiners.end());
    placed.changes.push_back({team.segment->leg, std::move(ranks)});
  }
}

class Elastic final : public PlacementPolicy {
 public:
  Placed place(const Situation& situation) override {
    Placed placed;
    IdleRanks idle(situation.idle);
    const int lacking = start_waiting(situation, idle, placed);
    if (lacking > 0)
      let_go(situation, lacking, placed);
    else if (placed.starts.size() == situation.waiting.size())
      resize(situation, idle, placed);
    return placed;
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_elastic() {
  return std::make_unique<Elastic>();
}

}  // namespace seqsweep::cluster
