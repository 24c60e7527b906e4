// SPDX-License-Identifier: Apache-2.0
#include "metrics.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "keys.hpp"

namespace seqsweep::config {
namespace {

using search::Goal;

constexpr auto metric_key = "sweep.metric";
constexpr auto goal_key = "sweep.goal";

bool is_any_of(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> learned_metrics() {
  return find_key(metric_key)->names();
}

// Where a metric should go; nothing for a command's own.
std::optional<Goal> sense_of(const std::string& metric) {
  if (metric == "val_accuracy" || metric == "val_r2") return Goal::maximize;
  if (is_any_of(learned_metrics(), metric) || is_any_of(trial::cost_metrics, metric)) return Goal::minimize;
  return std::nullopt;
}

std::vector<Goal> senses_of(const std::vector<std::string>& metrics) {
  std::vector<Goal> goals;
  for (const auto& metric : metrics) goals.push_back(sense_of(metric).value_or(Goal::minimize));
  return goals;
}

std::string text_of(const std::vector<Goal>& goals) {
  std::vector<std::string> words;
  for (const auto goal : goals) words.emplace_back(name_of(goal));
  return join(words, ", ");
}

// A network is measured by known metrics; a command by what it prints, which nobody else knows.
void check_names(const SweepConfig& config) {
  const auto& metrics = config.metrics;
  if (config.is_command()) {
    if (!config.written.contains(metric_key))
      throw ConfigError("sweep.metric is missing; name the member of the command's lines that trials are compared by");
    return;
  }
  auto known = learned_metrics();
  if (is_any_of(trial::cost_metrics, metrics.front()))
    throw ConfigError(
        fmt::format("sweep.metric begins with {}, which training does not change; put what is learned first, such as "
                    "val_loss, {}",
                    metrics.front(), metrics.front()));
  for (const auto& metric : metrics) {
    if (!is_any_of(known, metric))
      throw ConfigError(fmt::format("unknown sweep.metric '{}' {}", metric, known_names(metric, known)));
    if (metric == metrics.front()) known.insert(known.end(), trial::cost_metrics.begin(), trial::cost_metrics.end());
  }
}

// One goal may stand for all, where nobody would be surprised.
void check_goals(const SweepConfig& config) {
  if (!config.written.contains(goal_key)) return;
  const auto& metrics = config.metrics;
  const auto& goals = config.goals;
  const auto senses = senses_of(metrics);
  if (goals.size() != 1 && goals.size() != metrics.size())
    throw ConfigError(fmt::format("sweep.goal names {} goals for {} metrics; write one for each: {}", goals.size(),
                                  metrics.size(), text_of(senses)),
                      {}, goal_key);
  if (goals.size() == metrics.size()) return;
  for (const auto& metric : metrics)
    if (const auto sense = sense_of(metric); sense && *sense != goals.front())
      throw ConfigError(
          fmt::format("sweep.goal = {} stands for all {} metrics and would {} {}; write a goal for each: {}",
                      text_of(goals), metrics.size(), text_of(goals), metric, text_of(senses)),
          {}, goal_key);
}

}  // namespace

void check_metrics(const SweepConfig& config) {
  check_names(config);
  std::set<std::string> names;
  for (const auto& metric : config.metrics)
    if (!names.insert(metric).second)
      throw ConfigError(fmt::format("sweep.metric names {} twice; leave one out", metric), {}, metric_key);
  check_goals(config);
}

void complete_goals(SweepConfig& config) {
  if (!config.written.contains(goal_key))
    config.goals = senses_of(config.metrics);
  else if (config.goals.size() == 1)
    config.goals.assign(config.metrics.size(), Goal(config.goals.front()));
}

void spread_objectives(SweepConfig& config) {
  auto& objective = config.objective;
  objective.metric = config.metrics.front();
  objective.further_metrics.assign(config.metrics.begin() + 1, config.metrics.end());
  objective.is_maximised = config.goals.front() == Goal::maximize;
  config.study.goal = config.goals.front();
  config.study.further_goals.assign(config.goals.begin() + 1, config.goals.end());
}

}  // namespace seqsweep::config
