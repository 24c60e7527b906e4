// SPDX-License-Identifier: Apache-2.0
#include "explanation.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/report/recorded_sweep.hpp"

namespace seqsweep::jobs {
namespace {

using search::RankedTrial;
using search::RecordedSweep;

class Explainer {
 public:
  Explainer(const store::Results& results, TrialId trial)
      : results_(results), sweep_(report::recorded_sweep(results)), trial_(trial), group_(sweep_.group_of(trial)) {}

  [[nodiscard]] std::vector<ExplainedSegment> segments() const {
    std::vector<ExplainedSegment> segments;
    for (std::size_t d = 0; d < results_.decisions.size(); ++d)
      if (results_.decisions[d].trial == trial_) segments.push_back(segment_of(d));
    return segments;
  }

  [[nodiscard]] std::optional<Aftermath> aftermath(int epoch) const {
    const auto at_end = place_at(epoch, sweep_.commits().size());
    if (!at_end) return std::nullopt;
    Aftermath aftermath{.at_end = *at_end, .num_went_on = 0, .worst_gone_on = {}, .chance = chance_at(epoch)};
    std::set<TrialId> gone_on;
    for (const auto& decision : results_.decisions)
      if (decision.from_epoch == epoch) gone_on.insert(decision.trial);
    for (const auto& ranked : sweep_.measured(group_, epoch, sweep_.commits().size())) {
      if (!gone_on.contains(ranked.second)) continue;
      ++aftermath.num_went_on;
      aftermath.worst_gone_on = rival(ranked);
    }
    return aftermath;
  }

 private:
  [[nodiscard]] ExplainedSegment segment_of(std::size_t d) const {
    ExplainedSegment segment;
    segment.decision = results_.decisions[d];
    for (const auto& result : results_.segments)
      if (result.trial == trial_ && result.to_epoch == segment.decision.to_epoch) segment.result = &result;
    const auto commit = sweep_.commit_of(d);
    segment.counts = commit != RecordedSweep::not_yet;
    if (segment.counts) segment.place = place_at(segment.decision.to_epoch, commit + 1);
    return segment;
  }

  // Among those that were measured at the epoch in the first `num_commits`; nothing while the trial is not one of them.
  [[nodiscard]] std::optional<PlaceAtRung> place_at(int epoch, std::size_t num_commits) const {
    const auto measured = sweep_.measured(group_, epoch, num_commits);
    const auto own = std::find_if(measured.begin(), measured.end(), [&](const auto& m) { return m.second == trial_; });
    if (own == measured.end()) return std::nullopt;
    PlaceAtRung place{.epoch = epoch,
                      .group = group_,
                      .place = static_cast<std::size_t>(own - measured.begin()) + 1,
                      .num_measured = measured.size(),
                      .num_going_on = {},
                      .cutoff = {},
                      .above = {},
                      .below = {}};
    const auto going_on = sweep_.going_on(group_, epoch, RecordedSweep::Phrases::all);
    if (const auto found = going_on.find(measured.size()); found != going_on.end()) {
      place.num_going_on = found->second;
      if (found->second > 0 && found->second <= measured.size()) place.cutoff = rival(measured[found->second - 1]);
    }
    if (own != measured.begin()) place.above = rival(*(own - 1));
    if (own + 1 != measured.end()) place.below = rival(*(own + 1));
    return place;
  }

  // The first time when a phrase lets so many go on that the trial, by its place then, is one of them.
  [[nodiscard]] std::optional<Aftermath::Chance> chance_at(int epoch) const {
    const auto going_on = sweep_.going_on(group_, epoch, RecordedSweep::Phrases::final);
    const auto is_here = [&](const RecordedSweep::Commit& commit) {
      return commit.result.to_epoch == epoch && sweep_.group_of(commit.result.trial) == group_;
    };
    const auto& commits = sweep_.commits();
    const auto own = std::find_if(commits.begin(), commits.end(),
                                  [&](const auto& c) { return c.result.trial == trial_ && is_here(c); });
    std::size_t num_measured = 0, place = 1;
    for (auto commit = commits.begin(); commit != commits.end(); ++commit) {
      if (!is_here(*commit)) continue;
      ++num_measured;
      if (RankedTrial(commit->value, commit->result.trial) < RankedTrial(own->value, trial_)) ++place;
      const auto allowed = going_on.find(num_measured);
      if (commit >= own && allowed != going_on.end() && place <= allowed->second)
        return Aftermath::Chance{commit->time, place, num_measured, allowed->second};
    }
    return std::nullopt;
  }

  [[nodiscard]] Rival rival(const RankedTrial& ranked) const {
    return {ranked.second, search::turned(results_.header.goal, ranked.first)};
  }

  const store::Results& results_;
  const RecordedSweep sweep_;
  const TrialId trial_;
  const std::string group_;
};

}  // namespace

Explanation explain(const store::Results& results, TrialId trial) {
  const auto found =
      std::find_if(results.trials.begin(), results.trials.end(), [&](const auto& t) { return t.id == trial; });
  if (found == results.trials.end())
    throw ConfigError(results.trials.empty() ? "no trial has begun yet; ask again later"
                                             : fmt::format("there is no trial {}; write one from 0 to {}", trial.value,
                                                           results.trials.back().id.value),
                      "command line", "TRIAL");
  const Explainer explainer(results, trial);
  Explanation explanation{.header = results.header,
                          .is_sealed = results.is_sealed,
                          .trial = *found,
                          .segments = explainer.segments(),
                          .aftermath = {}};
  const bool went_no_further =
      found->state == search::TrialState::paused || found->state == search::TrialState::stopped;
  if (went_no_further && !explanation.segments.empty())
    explanation.aftermath = explainer.aftermath(explanation.segments.back().decision.to_epoch);
  return explanation;
}

}  // namespace seqsweep::jobs
