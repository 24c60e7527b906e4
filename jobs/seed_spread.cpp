// SPDX-License-Identifier: Apache-2.0
#include "seed_spread.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace seqsweep::jobs {

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
  std::map<TrialId, const store::SegmentRecord*> last;
  for (const auto& segment : results.segments) {
    auto& known = last[segment.trial];
    if (known == nullptr || segment.to_epoch > known->to_epoch) known = &segment;
  }
  std::map<TrialId, std::vector<const store::SegmentRecord*>> replicates;
  for (const auto& trial : results.trials) {
    if (!trial.is_replicate()) continue;
    auto& of_parent = replicates[trial.parent.trial];
    const auto found = last.find(trial.id);
    if (found != last.end() && std::isfinite(found->second->value)) of_parent.push_back(found->second);
  }
  std::vector<SeedSpread> spreads;
  for (const auto& [trial, records] : replicates) {
    std::vector<double> values;
    std::vector<double> tests;
    for (const auto* record : records) {
      values.push_back(record->value);
      if (!score.empty()) tests.push_back(record->test.by_name(score));
    }
    const auto chosen = last.find(trial);
    spreads.push_back({trial, chosen == last.end() ? store::not_applicable : chosen->second->value,
                       static_cast<int>(records.size()), spread_of(values), spread_of(tests)});
  }
  const auto is_better = [goal = results.header.goal](const SeedSpread& a, const SeedSpread& b) {
    return search::turned(goal, a.value.mean) < search::turned(goal, b.value.mean);  // NaN: none is better
  };
  const auto measured = std::stable_partition(spreads.begin(), spreads.end(),
                                              [](const SeedSpread& s) { return !std::isnan(s.value.mean); });
  std::stable_sort(spreads.begin(), measured, is_better);
  return spreads;
}

}  // namespace seqsweep::jobs
