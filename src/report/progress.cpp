// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/progress.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "seqsweep/report/recorded_sweep.hpp"

namespace seqsweep::report {
namespace {

using SegmentKey = std::pair<TrialId, int>;  // trial and to_epoch

// When the last leg of each segment ended. [s]
std::map<SegmentKey, double> ends_of(const std::vector<store::TimingRecord>& timing) {
  std::map<SegmentKey, double> ends;
  for (const auto& leg : timing) {
    auto& end = ends.try_emplace({leg.trial, leg.to_epoch}, leg.started_s + leg.seconds).first->second;
    end = std::max(end, leg.started_s + leg.seconds);
  }
  return ends;
}

// In virtual order, what does not count yet last.
std::vector<const store::SegmentRecord*> segments_in_order(const store::Results& results) {
  std::map<SegmentKey, const store::SegmentRecord*> waiting;
  for (const auto& segment : results.segments) waiting[{segment.trial, segment.to_epoch}] = &segment;
  std::vector<const store::SegmentRecord*> ordered;
  for (const auto& commit :
       search::commits_in_virtual_order(results.header.goal, results.decisions, segment_results(results))) {
    const auto found = waiting.find({commit.result.trial, commit.result.to_epoch});
    if (found == waiting.end()) continue;
    ordered.push_back(found->second);
    waiting.erase(found);
  }
  for (const auto& [key, segment] : waiting) ordered.push_back(segment);
  return ordered;
}

}  // namespace

std::vector<Measured> measured_in_order(const store::Results& results) {
  std::set<TrialId> replicates;
  for (const auto& trial : results.trials)
    if (trial.is_replicate()) replicates.insert(trial.id);
  const auto ends = ends_of(results.timing);
  std::set<TrialId> seen;
  std::int64_t num_epochs = 0;
  std::vector<Measured> measured;
  for (const auto* segment : segments_in_order(results)) {
    if (replicates.contains(segment->trial)) continue;
    seen.insert(segment->trial);
    num_epochs += std::max(0, segment->last_epoch - segment->from_epoch);
    Measured one{
        .trial = segment->trial, .num_trials = static_cast<std::int64_t>(seen.size()), .num_epochs = num_epochs};
    if (const auto end = ends.find({segment->trial, segment->to_epoch}); end != ends.end()) one.ended_s = end->second;
    const bool is_lost = segment->ending == search::Ending::diverged || segment->ending == search::Ending::failed;
    if (!is_lost && segment->best_epoch > 0 && std::isfinite(segment->value)) one.value = segment->value;
    measured.push_back(one);
  }
  return measured;
}

std::vector<std::size_t> improvements(const std::vector<Measured>& measured, search::Goal goal) {
  std::vector<std::size_t> places;
  double best = std::numeric_limits<double>::infinity();  // to be minimised
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const double value = search::turned(goal, measured[i].value);
    if (!(value < best)) continue;
    best = value;
    places.push_back(i);
  }
  return places;
}

Outlook outlook(const std::vector<Measured>& measured, search::Goal goal, double noise) {
  constexpr std::size_t enough = 6;  // results, below which a third of them says nothing
  const auto places = improvements(measured, goal);
  if (places.empty() || measured.size() < enough)
    return {Outlook::Kind::unknown, "Too few results to say whether the search was still improving."};
  const auto total = measured.back().num_epochs;
  const auto& last = measured[places.back()];
  double before = store::not_applicable;  // the best of the first two thirds
  for (const auto place : places)
    if (3 * measured[place].num_epochs <= 2 * total) before = measured[place].value;
  const double gain = std::abs(last.value - before);
  const double negligible = std::isnan(noise) ? 0.01 * std::abs(before) : noise;
  const auto share = [&](std::int64_t epochs) {
    return 100.0 * static_cast<double>(epochs) / static_cast<double>(total);
  };
  if (std::isnan(before))
    return {Outlook::Kind::improving,
            "All values came in the last third of the epochs: a larger budget is likely to find better ones."};
  if (gain > negligible)
    return {
        Outlook::Kind::improving,
        fmt::format("The last third of the epochs bettered the best value from {:.4g} to {:.4g}: a larger budget is "
                    "likely to find better ones.",
                    before, last.value)};
  const std::string levelled = "more of the same is unlikely to bring much";
  if (gain == 0)
    return {Outlook::Kind::levelled_off, fmt::format("The last improvement came after {:.0f} % of the epochs: {}.",
                                                     share(last.num_epochs), levelled)};
  return {Outlook::Kind::levelled_off,
          fmt::format("The last third of the epochs gained {:.2g}, no more than noise: {}.", gain, levelled)};
}

}  // namespace seqsweep::report
