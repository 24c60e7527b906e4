// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/seed_spread.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace seqsweep::report {

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  const auto n = static_cast<double>(values.size());
  if (values.empty()) return spread;
  spread.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() < 2) return spread;
  double squares = 0;
  for (const double x : values) squares += (x - spread.mean) * (x - spread.mean);
  spread.standard_error = std::sqrt(squares / (n - 1) / n);
  return spread;
}

std::vector<SeedSpread> seed_spreads(const store::Results& results, const std::string& score) {
  const auto segments = store::last_segments(results);
  const auto last_of = [&](TrialId trial) {
    const auto number = static_cast<std::size_t>(trial.value);
    return number < segments.size() ? segments[number] : nullptr;
  };
  std::map<TrialId, SeedSpread> of_trial;
  std::map<TrialId, std::vector<double>> values, tests;
  for (const auto& trial : results.trials) {
    if (!trial.is_replicate()) continue;
    const auto parent = trial.parent.trial;
    auto& spread = of_trial[parent];
    const auto* record = last_of(trial.id);
    if (record == nullptr) continue;
    const bool is_lost = record->ending == search::Ending::diverged || record->ending == search::Ending::failed;
    ++spread.num_replicates;
    spread.num_lost += is_lost;
    if (is_lost) continue;
    values[parent].push_back(record->value);
    if (!score.empty()) tests[parent].push_back(record->test.by_name(score));
  }
  std::vector<SeedSpread> spreads;
  for (auto& [trial, spread] : of_trial) {
    spread.trial = trial;
    if (const auto* chosen = last_of(trial); chosen != nullptr) spread.chosen_by = chosen->value;
    spread.value = spread_of(values[trial]);
    spread.test = spread_of(tests[trial]);
    spreads.push_back(spread);
  }
  const auto place = [goal = results.header.goal](const SeedSpread& spread) {
    const double mean = search::turned(goal, spread.value.mean);
    return std::pair(spread.num_lost, std::isnan(mean) ? std::numeric_limits<double>::infinity() : mean);
  };
  std::stable_sort(spreads.begin(), spreads.end(),
                   [&](const SeedSpread& a, const SeedSpread& b) { return place(a) < place(b); });
  return spreads;
}

}  // namespace seqsweep::report
