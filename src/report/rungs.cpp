// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/rungs.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "seqsweep/report/recorded_sweep.hpp"

namespace seqsweep::report {
namespace {

using search::TrialState;

struct Visit {
  const store::SegmentRecord* segment;
  TrialState state;  // of the trial, in the end
  bool went_on;
};

void count(Rung& rung, const Visit& visit) {
  ++rung.num_measured;
  if (visit.went_on)
    ++rung.num_went_on;
  else if (visit.state == TrialState::completed)
    ++rung.num_completed;
  else if (visit.state == TrialState::stopped)
    ++rung.num_stopped;
  else if (visit.state == TrialState::diverged || visit.state == TrialState::failed)
    ++rung.num_lost;
  else
    ++rung.num_waiting;
}

void compare(Rung& rung, const std::vector<Visit>& visits, search::Goal goal) {
  for (const auto& visit : visits) {
    const double value = search::turned(goal, visit.segment->value);
    if (!std::isfinite(value)) continue;
    const bool is_left = visit.state == TrialState::stopped || visit.state == TrialState::paused;
    if (visit.went_on) rung.worst_gone_on = std::fmax(rung.worst_gone_on, value);
    if (!visit.went_on && is_left) rung.best_left = std::fmin(rung.best_left, value);
  }
  rung.worst_gone_on = search::turned(goal, rung.worst_gone_on);
  rung.best_left = search::turned(goal, rung.best_left);
}

std::optional<int> place_of(TrialId trial, const std::vector<Visit>& visits, search::Goal goal) {
  const auto own = std::find_if(visits.begin(), visits.end(), [&](const auto& v) { return v.segment->trial == trial; });
  if (own == visits.end()) return std::nullopt;
  const auto value = [&](const Visit& visit) { return search::turned(goal, visit.segment->value); };
  return 1 + static_cast<int>(std::count_if(visits.begin(), visits.end(),
                                            [&](const auto& visit) { return value(visit) < value(*own); }));
}

}  // namespace

std::vector<Rung> rungs_of(const store::Results& results, std::optional<TrialId> winner) {
  const auto sweep = recorded_sweep(results);
  std::map<TrialId, TrialState> states;
  for (const auto& trial : results.trials)
    if (!trial.is_replicate()) states[trial.id] = trial.state;
  std::set<std::pair<TrialId, int>> continued;  // trial and epoch from which it was decided to go on
  for (const auto& decision : results.decisions) continued.insert({decision.trial, decision.from_epoch});

  std::map<std::pair<std::string, int>, std::vector<Visit>> visits;
  std::set<int> levels;
  for (const auto& segment : results.segments) {
    const auto state = states.find(segment.trial);
    if (state == states.end()) continue;
    levels.insert(segment.to_epoch);
    const bool went_on = continued.contains({segment.trial, segment.to_epoch});
    visits[{sweep.group_of(segment.trial), segment.to_epoch}].push_back({&segment, state->second, went_on});
  }
  std::vector<Rung> rungs;
  if (levels.size() < 2) return rungs;
  for (const auto& [key, at_rung] : visits) {
    Rung rung;
    rung.group = key.first;
    rung.epoch = key.second;
    for (const auto& visit : at_rung) count(rung, visit);
    compare(rung, at_rung, results.header.goal);
    if (winner) rung.place_of_winner = place_of(*winner, at_rung, results.header.goal);
    rungs.push_back(rung);
  }
  return rungs;
}

}  // namespace seqsweep::report
