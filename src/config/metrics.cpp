// SPDX-License-Identifier: Apache-2.0
#include "metrics.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "keys.hpp"
#include "metric_sense.hpp"

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

std::string text_of(const std::vector<Goal>& goals) {
  std::vector<std::string> words;
  for (const auto goal : goals) words.emplace_back(name_of(goal));
  return join(words, ", ");
}

// What to write for each metric, where its name says it.
std::string goals_to_write(const std::vector<std::string>& metrics) {
  std::vector<std::string> words;
  for (const auto& metric : metrics) {
    const auto sense = sense_of(metric);
    words.emplace_back(sense ? std::string(name_of(*sense)) : fmt::format("minimize or maximize ({})", metric));
  }
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

void check_senses(const std::vector<std::string>& metrics) {
  for (const auto& metric : metrics)
    if (!sense_of(metric))
      throw ConfigError(
          fmt::format("sweep.goal is missing, and the name {} does not say whether higher or lower is better; write "
                      "goal = {}",
                      metric, metrics.size() == 1 ? "minimize or goal = maximize" : goals_to_write(metrics)),
          {}, metric_key);
}

// One goal may stand for all, where nobody would be surprised.
void check_goals(const SweepConfig& config) {
  const auto& metrics = config.metrics;
  const auto& goals = config.goals;
  if (!config.written.contains(goal_key)) return check_senses(metrics);
  if (goals.size() != 1 && goals.size() != metrics.size())
    throw ConfigError(fmt::format("sweep.goal names {} goals for {} metrics; write one for each: {}", goals.size(),
                                  metrics.size(), goals_to_write(metrics)),
                      {}, goal_key);
  if (goals.size() == metrics.size()) return;
  for (const auto& metric : metrics)
    if (const auto sense = sense_of(metric); sense && *sense != goals.front())
      throw ConfigError(
          fmt::format("sweep.goal = {} stands for all {} metrics and would {} {}; write a goal for each: {}",
                      text_of(goals), metrics.size(), text_of(goals), metric, goals_to_write(metrics)),
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
  if (config.written.contains(goal_key)) {
    if (config.goals.size() == 1) config.goals.assign(config.metrics.size(), Goal(config.goals.front()));
    return;
  }
  config.goals.clear();
  for (const auto& metric : config.metrics) config.goals.push_back(sense_of(metric).value());
}

void remark_on_goals(SweepConfig& config) {
  for (std::size_t m = 0; m < config.metrics.size(); ++m)
    if (const auto sense = sense_of(config.metrics[m]); sense && *sense != config.goals[m])
      config.warnings.push_back(fmt::format("sweep.goal = {}: going by its name, {} is to {}", text_of(config.goals),
                                            config.metrics[m], name_of(*sense)));
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
