// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/recorded_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <regex>

#include "seqsweep/core/text.hpp"

namespace seqsweep::search {
namespace {

// Trials whose group no phrase names, taken from their neighbours among those that began alike.
void complete_groups(std::map<TrialId, std::string>& group_of, const std::map<TrialId, int>& first_epoch) {
  std::map<int, std::vector<TrialId>> began_alike;
  for (const auto& [trial, epoch] : first_epoch) began_alike[epoch].push_back(trial);
  for (const auto& [epoch, trials] : began_alike) {
    const auto known = std::find_if(trials.begin(), trials.end(), [&](TrialId t) { return group_of.contains(t); });
    std::string nearest = known == trials.end() ? "" : group_of.at(*known);
    for (const auto trial : trials) nearest = group_of.try_emplace(trial, nearest).first->second;
  }
}

}  // namespace

// The phrases: "bracket 1, rung 4: 0.0312 is 2nd of 16, top 4 go on", "round 3, rung 4: 0.0312 is 2nd of 12 so far,
// top 4 of 16 go on", "rung 16: 0.0312 is 2nd of 3, the last rung".
std::optional<Standing> read_standing(const std::string& phrase) {
  static const std::regex pattern(R"((?:(.+), )?rung (\d+): \S+ is (\d+)(?:st|nd|rd|th) of (\d+)( so far)?)"
                                  R"((?:, top (\d+)(?: of \d+)? go on)?(?:, the last rung)?)");
  std::smatch part;
  if (!std::regex_match(phrase, part, pattern)) return std::nullopt;
  const auto number = [&](int i) { return static_cast<std::size_t>(parse_integer(part[i].str()).value_or(0)); };
  Standing standing{.group = part[1],
                    .epoch = static_cast<int>(number(2)),
                    .place = number(3),
                    .num_measured = number(4),
                    .num_going_on = {},
                    .is_final = !part[5].matched};
  if (part[6].matched) standing.num_going_on = number(6);
  return standing;
}

std::vector<Commit> commits_in_virtual_order(Goal goal, std::span<const Segment> decisions,
                                             std::span<const SegmentResult> results) {
  std::vector<Commit> commits;
  std::map<std::pair<TrialId, int>, const SegmentResult*> result_of;  // by trial and to_epoch
  for (const auto& result : results) result_of.emplace(std::pair(result.trial, result.to_epoch), &result);
  std::vector<std::size_t> order(decisions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return decisions[a].virtual_finish < decisions[b].virtual_finish;
  });
  for (const auto d : order) {
    const auto& decision = decisions[d];
    const auto found = result_of.find({decision.trial, decision.to_epoch});
    if (found == result_of.end()) break;
    const auto& result = *found->second;
    const double epoch_cost =
        (decision.virtual_finish - decision.virtual_start) / (decision.to_epoch - decision.from_epoch);
    const bool has_value =
        (result.ending == Ending::reached || result.ending == Ending::exhausted) && std::isfinite(result.value);
    commits.push_back({.result = result,
                       .decision = d,
                       .time = decision.virtual_finish,
                       .multiply_adds = epoch_cost * (result.last_epoch - result.from_epoch),
                       .value = has_value ? turned(goal, result.value) : std::numeric_limits<double>::infinity()});
  }
  return commits;
}

RecordedSweep::RecordedSweep(Goal goal, std::span<const Segment> decisions, std::span<const SegmentResult> results,
                             std::span<const TrialRecord> trials)
    : commits_(commits_in_virtual_order(goal, decisions, results)), commit_of_(decisions.size(), not_yet) {
  for (std::size_t c = 0; c < commits_.size(); ++c) commit_of_[commits_[c].decision] = c;
  read_phrases(decisions, trials);
}

void RecordedSweep::read_phrases(std::span<const Segment> decisions, std::span<const TrialRecord> trials) {
  std::map<TrialId, int> first_epoch;
  const auto read = [&](TrialId trial, const std::string& phrase) {
    if (auto standing = read_standing(phrase)) {
      group_of_.emplace(trial, standing->group);
      standings_.push_back(std::move(*standing));
    }
  };
  for (const auto& trial : trials)
    if (trial.is_replicate()) group_of_.emplace(trial.id, "replicates");
  for (const auto& decision : decisions) {
    if (group_of_.contains(decision.trial) && group_of_.at(decision.trial) == "replicates") continue;
    first_epoch.emplace(decision.trial, decision.to_epoch);
    read(decision.trial, decision.reason);
  }
  for (const auto& trial : trials) {
    if (trial.is_replicate()) continue;
    first_epoch.emplace(trial.id, 0);  // of which no decision is recorded
    read(trial.id, trial.reason);
  }
  complete_groups(group_of_, first_epoch);
}

std::vector<RankedTrial> RecordedSweep::measured(const std::string& group, int epoch, std::size_t num_commits) const {
  std::vector<RankedTrial> ranked;
  for (const auto& commit : std::span(commits_).first(std::min(num_commits, commits_.size())))
    if (commit.result.to_epoch == epoch && group_of(commit.result.trial) == group)
      ranked.emplace_back(commit.value, commit.result.trial);
  std::sort(ranked.begin(), ranked.end());
  return ranked;
}

std::map<std::size_t, std::size_t> RecordedSweep::going_on(const std::string& group, int epoch, Phrases phrases) const {
  std::map<std::size_t, std::size_t> going_on;
  for (const auto& standing : standings_) {
    const bool is_wanted = phrases == Phrases::all || standing.is_final;
    if (is_wanted && standing.num_going_on && standing.epoch == epoch && standing.group == group)
      going_on[standing.num_measured] = *standing.num_going_on;
  }
  return going_on;
}

}  // namespace seqsweep::search
