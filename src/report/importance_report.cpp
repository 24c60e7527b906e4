// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/importance_report.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::report {
namespace {

using search::Value;

// As the Study had it: rows are trials. Only a damaged file has a point that the space does not.
search::History history_of(const store::Results& results) {
  std::set<TrialId> exhausted;
  for (const auto& segment : results.segments)
    if (segment.ending == search::Ending::exhausted) exhausted.insert(segment.trial);
  search::History history{search::SearchSpace(results.header.dimensions)};
  for (const auto& trial : results.trials) {
    if (trial.is_replicate()) break;  // they come last
    if (!history.cube().space().contains(trial.point))
      throw Error(fmt::format("the point of trial {} does not lie in the search space that its file names: the file is "
                              "damaged; restore it from a copy",
                              trial.id.value),
                  ExitCode::bad_file);
    auto& record = history.begin(trial.point);
    for (const auto& [epoch, value] : trial.curve) {
      record.curve.push_back({epoch, search::turned(results.header.goal, value)});
      const bool is_last = record.curve.size() == trial.curve.size();
      history.measured(record.id, is_last && exhausted.contains(trial.id));
    }
  }
  return history;
}

BestRegion region_of(const std::vector<Value>& values) {
  BestRegion region;
  region.num_trials = values.size();
  if (values.empty()) return region;
  if (!std::holds_alternative<std::string>(values[0])) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    region.low = *low;
    region.high = *high;
    return region;
  }
  for (const auto& value : values) {
    const auto count = static_cast<std::size_t>(std::count(values.begin(), values.end(), value));
    if (count <= region.num_choice) continue;
    region.choice = std::get<std::string>(value);
    region.num_choice = count;
  }
  return region;
}

}  // namespace

bool ImportanceReport::has_shares() const {
  return !std::isnan(importance.predicted_share);
}

double ImportanceReport::rest() const {
  double share = 1;
  for (const auto& dimension : importance.dimensions) share -= dimension.mean;
  for (const auto& pair : importance.pairs) share -= pair.share.mean;
  return std::max(0.0, share);
}

ImportanceReport importance_of(const store::Results& results) {
  const auto history = history_of(results);
  ImportanceReport report;
  report.header = results.header;
  report.is_sealed = results.is_sealed;
  report.importance = search::importance(history, RandomKey(0));
  std::vector<std::vector<Value>> values(results.header.dimensions.size());
  if (const auto* level = history.level_with(search::enough_for_importance)) {
    const auto& observations = level->observations;  // best first
    const auto num_usable = std::count_if(observations.begin(), observations.end(),
                                          [](const auto& observation) { return std::isfinite(observation.value); });
    report.has_values = num_usable > 0;
    report.num_best = std::min((observations.size() + 9) / 10, static_cast<std::size_t>(num_usable));
    for (std::size_t i = 0; i < report.num_best; ++i) {
      const auto& point = results.trials[level->observations[i].row].point;
      for (std::size_t d = 0; d < values.size(); ++d)
        if (point.values[d]) values[d].push_back(*point.values[d]);
    }
  }
  for (const auto& of_dimension : values) report.best.push_back(region_of(of_dimension));
  return report;
}

}  // namespace seqsweep::report
