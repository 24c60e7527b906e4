// SPDX-License-Identifier: Apache-2.0
#include "warm_start.hpp"

#include <limits>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/hash.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::jobs {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// What the settings of a trial were, by key: constants of its sweep, and its point.
std::map<std::string, std::string> settings_of(const store::ResultsHeader& header, const search::Point& point) {
  auto settings = header.definition;
  for (std::size_t d = 0; d < header.dimensions.size(); ++d) {
    const auto& name = header.dimensions[d].name;
    settings.erase(name);
    if (point.values[d]) settings[name] = search::text_of(*point.values[d]);
  }
  return settings;
}

// The point of `space` with these settings; nothing where it has none.
std::optional<search::Point> point_of(const search::SearchSpace& space,
                                      const std::map<std::string, std::string>& settings) {
  search::Point point;
  point.values.resize(space.size());
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (!space.is_active(d, point)) continue;
    const auto setting = settings.find(space.dimensions()[d].name);
    if (setting == settings.end()) return std::nullopt;
    point.values[d] = search::value_of(space.dimensions()[d].distribution, setting->second);
    if (!point.values[d]) return std::nullopt;
  }
  return point;
}

// Finite measurements, to be minimised; none where the trial diverged or failed.
std::vector<search::Measurement> curve_of(const search::TrialRecord& trial, search::Goal goal) {
  if (trial.state == search::TrialState::diverged || trial.state == search::TrialState::failed) return {};
  auto curve = trial.curve;
  for (auto& measurement : curve) measurement.value = search::turned(goal, measurement.value);
  return curve;
}

// To be minimised, by trial; of trials that have all of them.
std::map<TrialId, search::Objectives> objectives_of(const store::Results& results) {
  std::map<TrialId, search::Objectives> objectives;
  for (const auto& segment : results.segments) {
    auto& values = objectives[segment.trial];
    values = {search::turned(results.header.goal, segment.value)};
    for (std::size_t m = 0; m < segment.further.size(); ++m)
      values.push_back(search::turned(results.header.further_metrics.at(m).goal, segment.further[m]));
  }
  return objectives;
}

bool have_same_objectives(const store::ResultsHeader& earlier, const config::SweepConfig& config) {
  for (std::size_t m = 1; m < config.metrics.size(); ++m) {
    const bool is_there = earlier.further_metrics.size() + 1 == config.metrics.size();
    if (!is_there || earlier.further_metrics[m - 1] != store::FurtherMetric{config.metrics[m], config.goals[m]})
      return false;
  }
  return earlier.metric == config.objective.metric && earlier.goal == config.study.goal;
}

// "minimize error, maximize speed"
std::string objectives_text(const store::ResultsHeader& header) {
  auto text = fmt::format("{} {}", search::name_of(header.goal), header.metric);
  for (const auto& metric : header.further_metrics)
    text += fmt::format(", {} {}", search::name_of(metric.goal), metric.name);
  return text;
}

std::string objectives_text(const config::SweepConfig& config) {
  std::vector<std::string> texts;
  for (std::size_t m = 0; m < config.metrics.size(); ++m)
    texts.push_back(fmt::format("{} {}", search::name_of(config.goals[m]), config.metrics[m]));
  return join(texts, ", ");
}

std::string fingerprint_of(const std::vector<search::PriorTrial>& trials) {
  Fingerprint fingerprint;
  for (const auto& trial : trials) {
    for (const auto& value : trial.point.values) fingerprint.add((value ? search::text_of(*value) : "") + "\n");
    for (const auto& [epoch, value] : trial.curve) fingerprint.add(fmt::format("{} {}\n", epoch, shortest(value)));
    for (const double value : trial.objectives) fingerprint.add(shortest(value) + "\n");
  }
  return fingerprint.hex();
}

}  // namespace

WarmStart read_warm_start(const config::SweepConfig& config) {
  const auto& path = config.warm_start;
  const auto earlier = store::read_results(path, store::Parts::without_epochs);
  const auto refuse = [&](const std::string& problem) {
    throw ConfigError(fmt::format("search.warm_start = {}: {}", path, problem), config.path, "search.warm_start");
  };
  if (!have_same_objectives(earlier.header, config))
    refuse(fmt::format("it was to {}, this sweep is to {}; their values cannot be compared",
                       objectives_text(earlier.header), objectives_text(config)));
  const auto kind = earlier.header.definition.find("search.fidelity");
  if (kind != earlier.header.definition.end() && kind->second != config.base.fidelity.kind)
    refuse(
        fmt::format("it was trained with search.fidelity = {}, this sweep with {}; their values after so many epochs "
                    "cannot be compared",
                    kind->second, config.base.fidelity.kind));
  const auto objectives = config.metrics.size() > 1 ? objectives_of(earlier) : std::map<TrialId, search::Objectives>{};
  WarmStart result;
  for (const auto& trial : earlier.trials) {
    // A replicate says nothing new, and what a schedule came to is not due to its last point.
    const bool is_over = !trial.curve.empty() && trial.parent == search::Parent{};
    auto point = is_over ? point_of(config.space, settings_of(earlier.header, trial.point)) : std::nullopt;
    if (!point) {
      ++result.num_left_out;
      continue;
    }
    result.trials.push_back({std::move(*point), curve_of(trial, earlier.header.goal)});
    auto& prior = result.trials.back();
    if (config.metrics.size() > 1)
      prior.objectives =
          prior.curve.empty() ? search::Objectives(config.metrics.size(), infinity) : objectives.at(trial.id);
  }
  if (result.trials.empty()) refuse("none of its trials is a point of this search; leave it out");
  result.fingerprint = fingerprint_of(result.trials);
  return result;
}

}  // namespace seqsweep::jobs
