// SPDX-License-Identifier: Apache-2.0
#include "recorded_curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace seqsweep::jobs {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The best value so far after each epoch. In files of earlier builds a better value had to be so by train.min_delta:
// where a segment ended, its own value holds.
std::vector<double> best_so_far(const std::vector<double>& values, const std::map<int, double>& at_segment_ends,
                                search::Goal goal) {
  std::vector<double> best;
  double so_far = infinity;  // to be minimised
  for (const double value : values) {
    so_far = std::fmin(so_far, turned(goal, value));
    const auto end = at_segment_ends.find(static_cast<int>(best.size()) + 1);
    best.push_back(end == at_segment_ends.end() ? turned(goal, so_far) : end->second);
  }
  return best;
}

}  // namespace

std::map<TrialId, RecordedCurve> recorded_curves(const store::Results& results) {
  std::map<TrialId, RecordedCurve> curves;
  for (const auto& decision : results.decisions)
    curves[decision.trial].epoch_costs.resize(
        static_cast<std::size_t>(decision.to_epoch),
        (decision.virtual_finish - decision.virtual_start) / (decision.to_epoch - decision.from_epoch));

  std::map<TrialId, std::vector<double>> values;  // of each epoch
  for (const auto& epoch : results.epochs) {
    auto& of_trial = values[epoch.trial];
    of_trial.resize(std::max(of_trial.size(), static_cast<std::size_t>(epoch.epoch)), std::nan(""));
    of_trial[static_cast<std::size_t>(epoch.epoch - 1)] = epoch.value;
  }
  std::map<TrialId, std::map<int, double>> at_segment_ends;
  for (const auto& segment : results.segments) {
    if (std::isfinite(segment.value)) at_segment_ends[segment.trial][segment.last_epoch] = segment.value;
    if (segment.ending == search::Ending::reached || !curves.contains(segment.trial)) continue;
    curves[segment.trial].ending = segment.ending;
    values[segment.trial].resize(static_cast<std::size_t>(segment.last_epoch), std::nan(""));
  }
  for (auto& [trial, curve] : curves)
    curve.best = best_so_far(values[trial], at_segment_ends[trial], results.header.goal);
  return curves;
}

double RecordedCurve::cost(int from_epoch, int to_epoch) const {
  double cost = 0;
  for (int epoch = from_epoch; epoch < to_epoch; ++epoch)
    cost += epoch_costs[std::min(static_cast<std::size_t>(epoch), epoch_costs.size() - 1)];
  return cost;
}

search::SegmentResult replayed(const RecordedCurve& curve, const search::Segment& segment) {
  search::SegmentResult result{.trial = segment.trial, .from_epoch = segment.from_epoch, .to_epoch = segment.to_epoch};
  result.last_epoch = std::min(segment.to_epoch, curve.num_epochs());
  result.value = result.last_epoch > 0 ? curve.best[static_cast<std::size_t>(result.last_epoch - 1)] : std::nan("");
  if (curve.ending != search::Ending::reached && curve.num_epochs() <= segment.to_epoch)
    result.ending = curve.ending;
  else if (curve.num_epochs() < segment.to_epoch)
    result.ending = search::Ending::exhausted;
  return result;
}

std::string key_of(const search::Point& point) {
  std::string key;
  for (const auto& value : point.values) key += (value ? search::text_of(*value) : "") + ",";
  return key;
}

}  // namespace seqsweep::jobs
