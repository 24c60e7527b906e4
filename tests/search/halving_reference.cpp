// SPDX-License-Identifier: Apache-2.0
#include "halving_reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace seqsweep::search {
namespace {

struct Entry {
  double value;
  int trial;
  bool goes_on;
};

}  // namespace

Trainings trained_by_plain_halving(const std::vector<PlannedBracket>& plans, int reduction_factor, int num_trials,
                                   const World& world) {
  Trainings trainings;
  int begun = 0;
  for (std::size_t turn = 0; begun < num_trials; ++turn) {
    const auto& plan = plans[turn % plans.size()];
    std::vector<Entry> entries;
    while (begun < num_trials && std::ssize(entries) < plan.num_trials) entries.push_back({0, begun++, true});
    for (int from = 0; const int to : plan.rungs) {
      for (auto& entry : entries) {
        if (!entry.goes_on) continue;
        trainings.emplace(entry.trial, from, to);
        const auto result = world.run({TrialId(entry.trial), from, to, 0, 0, {}});
        const bool is_bad =
            result.ending == Ending::failed || result.ending == Ending::diverged || !std::isfinite(result.value);
        entry.value = is_bad ? std::numeric_limits<double>::infinity() : result.value;
        entry.goes_on = result.ending == Ending::reached && !is_bad;
      }
      std::sort(entries.begin(), entries.end(),
                [](const Entry& a, const Entry& b) { return std::tie(a.value, a.trial) < std::tie(b.value, b.trial); });
      entries.resize(std::max<std::size_t>(1, entries.size() / static_cast<std::size_t>(reduction_factor)));
      from = to;
    }
  }
  return trainings;
}

Trainings trained_by(const Study& study) {
  Trainings trainings;
  for (const auto& segment : study.decisions())
    trainings.emplace(segment.trial.value, segment.from_epoch, segment.to_epoch);
  return trainings;
}

std::vector<std::pair<int, int>> trained_to_each_epoch(const Study& study, int first, int last) {
  std::map<int, int> count;
  for (const auto& segment : study.decisions())
    if (segment.trial.value >= first && segment.trial.value < last) ++count[segment.to_epoch];
  return {count.begin(), count.end()};
}

}  // namespace seqsweep::search
