// SPDX-License-Identifier: Apache-2.0
#include "objectives.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {
namespace {

constexpr std::size_t most_objectives = 4;  // up to which hypervolumes are quick to compute

}  // namespace

void check_objectives(const StudyOptions& options) {
  const auto count = num_objectives(options);
  if (count == 1) return;
  const auto refuse = [count](const std::string& key, const std::string& problem, const std::string& advice) {
    throw ConfigError(fmt::format("{} {}, and sweep.metric names {}; {}", key, problem, count, advice), {}, key);
  };
  if (count > most_objectives)
    throw ConfigError(fmt::format("sweep.metric names {} objectives; name at most {}", count, most_objectives), {},
                      "sweep.metric");
  if (options.scheduler.name != "none")
    refuse("search.scheduler", fmt::format("= {} compares trials by one objective", options.scheduler.name),
           "write none, or leave it out");
  if (options.ends.target)
    refuse("sweep.target", "is of one objective", "leave it out, and end the sweep by its trials");
  if (options.ends.patience > 0)
    refuse("sweep.patience", "waits for a better value of one objective",
           "leave it out, and end the sweep by its trials");
}

Objectives objectives_of(const StudyOptions& options, const SegmentResult& result) {
  Objectives objectives = {turned(options.goal, result.value)};
  for (std::size_t m = 0; m < options.further_goals.size() && m < result.further.size(); ++m)
    objectives.push_back(turned(options.further_goals[m], result.further[m]));
  objectives.resize(num_objectives(options), std::numeric_limits<double>::infinity());
  if (!std::all_of(objectives.begin(), objectives.end(), [](double x) { return std::isfinite(x); }))
    std::fill(objectives.begin(), objectives.end(), std::numeric_limits<double>::infinity());
  return objectives;
}

std::vector<TrialId> front_of(std::span<const TrialRecord> trials) {
  std::vector<TrialId> healthy;
  std::vector<Objectives> objectives;
  for (const auto& trial : trials) {
    if (trial.objectives.empty() || !std::isfinite(trial.value()) || trial.is_replicate()) continue;
    healthy.push_back(trial.id);
    objectives.push_back(trial.objectives);
  }
  const auto ranks = front_ranks(objectives);
  std::vector<TrialId> front;
  for (std::size_t i = 0; i < healthy.size(); ++i)
    if (ranks[i] == 0) front.push_back(healthy[i]);
  return front;
}

}  // namespace seqsweep::search
