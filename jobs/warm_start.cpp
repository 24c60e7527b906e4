// SPDX-License-Identifier: Apache-2.0
#include "warm_start.hpp"

#include <map>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/hash.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::jobs {
namespace {

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

std::string fingerprint_of(const std::vector<search::PriorTrial>& trials) {
  Fingerprint fingerprint;
  for (const auto& trial : trials) {
    for (const auto& value : trial.point.values) fingerprint.add((value ? search::text_of(*value) : "") + "\n");
    for (const auto& [epoch, value] : trial.curve) fingerprint.add(fmt::format("{} {}\n", epoch, shortest(value)));
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
  if (earlier.header.metric != config.objective.metric || earlier.header.goal != config.study.goal)
    refuse(fmt::format("it was chosen by {}, this sweep by {}; their values cannot be compared", earlier.header.metric,
                       config.objective.metric));
  WarmStart result;
  for (const auto& trial : earlier.trials) {
    const bool is_over = !trial.curve.empty();
    auto point = is_over ? point_of(config.space, settings_of(earlier.header, trial.point)) : std::nullopt;
    if (point)
      result.trials.push_back({std::move(*point), curve_of(trial, earlier.header.goal)});
    else
      ++result.num_left_out;
  }
  if (result.trials.empty()) refuse("none of its trials is a point of this search; leave it out");
  result.fingerprint = fingerprint_of(result.trials);
  return result;
}

}  // namespace seqsweep::jobs
