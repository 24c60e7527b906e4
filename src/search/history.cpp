// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

History::History(SearchSpace space, std::span<const PriorTrial> prior)
    : cube_(std::move(space)), num_prior_(prior.size()) {
  for (std::size_t row = 0; row < prior.size(); ++row) {
    add_row(prior[row].point);
    for (const auto& [epoch, value] : prior[row].curve) insert(epoch, {value, row});
    if (prior[row].curve.empty()) end(0, {infinity, row});
    const auto& objectives = prior[row].objectives;
    prior_objectives_.push_back(!objectives.empty()        ? objectives
                                : prior[row].curve.empty() ? Objectives{infinity}
                                                           : Objectives{prior[row].curve.back().value});
  }
}

const History::Level* History::level_with(std::size_t enough) const {
  Level* chosen = nullptr;
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    auto& candidate = level->second;
    if (chosen == nullptr || candidate.observations.size() > chosen->observations.size()) chosen = &candidate;
    if (candidate.observations.size() >= enough) break;
  }
  if (chosen != nullptr) sort(*chosen);
  return chosen;
}

// Not sorted yet: samplers that look at no results would pay for it with every trial.
void History::add(Level& level, const Observation& observation) {
  level.observations.push_back(observation);
  ++level.num_unsorted;
}

void History::sort(Level& level) {
  const auto begin = level.observations.begin(), end = level.observations.end();
  const auto unsorted = end - static_cast<std::ptrdiff_t>(std::exchange(level.num_unsorted, 0));
  std::sort(unsorted, end);
  std::inplace_merge(begin, unsorted, end);
}

std::vector<std::size_t> History::unmeasured() const {
  std::vector<std::size_t> rows;
  for (const auto& trial : trials_)
    if (trial.curve.empty()) rows.push_back(row_of(trial.id));
  return rows;
}

TrialRecord& History::begin(Point point, const Parent& parent) {
  add_row(point);
  TrialRecord trial;
  trial.id = TrialId(static_cast<std::int32_t>(trials_.size()));
  trial.point = std::move(point);
  trial.parent = parent;
  trials_.push_back(std::move(trial));
  return trials_.back();
}

void History::measured(TrialId trial, bool is_exhausted) {
  const auto& curve = record(trial).curve;
  SEQSWEEP_EXPECT(!curve.empty(), "a trial without a measurement is said to have been measured");
  const auto [epoch, value] = curve.back();
  const Observation observation{value, row_of(trial)};
  if (std::isfinite(value)) insert(epoch, observation);
  if (!std::isfinite(value))
    end(curve.size() > 1 ? curve[curve.size() - 2].epoch : 0, observation);
  else if (is_exhausted)
    end(epoch, observation);
}

void History::add_row(const Point& point) {
  const auto coordinates = cube_.coordinates_of(point);
  coordinates_.insert(coordinates_.end(), coordinates.begin(), coordinates.end());
}

// A new level begins with those that ended below it.
void History::insert(int epoch, Observation observation) {
  const auto [level, is_new] = levels_.try_emplace(epoch, Level{epoch, {}});
  if (is_new)
    for (const auto& ended : ended_)
      if (ended.epoch < epoch) add(level->second, ended.observation);
  add(level->second, observation);
}

void History::end(int epoch, Observation observation) {
  ended_.push_back({epoch, observation});
  for (auto level = levels_.upper_bound(epoch); level != levels_.end(); ++level) add(level->second, observation);
}

}  // namespace seqsweep::search
