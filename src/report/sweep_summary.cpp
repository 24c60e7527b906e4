// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/sweep_summary.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::report {
namespace {

using EpochsByTrial = std::map<TrialId, std::vector<const store::EpochRecord*>>;

EpochsByTrial epochs_by_trial(const store::Results& results) {
  EpochsByTrial epochs;
  for (const auto& record : results.epochs) epochs[record.trial].push_back(&record);
  for (auto& [trial, records] : epochs)
    std::sort(records.begin(), records.end(), [](const auto* a, const auto* b) { return a->epoch < b->epoch; });
  return epochs;
}

TrialLine line_of(const search::TrialRecord& record, const store::SegmentRecord* segment,
                  const std::vector<const store::EpochRecord*>& epochs) {
  TrialLine line;
  line.trial = record.id;
  line.state = record.state;
  line.point = record.point.values;
  line.parent = record.parent;
  line.epochs = std::max(
      {record.epochs(), segment != nullptr ? segment->last_epoch : 0, epochs.empty() ? 0 : epochs.back()->epoch});
  if (segment == nullptr) return line;
  line.message = segment->message;
  if (segment->best_epoch <= 0 || !std::isfinite(segment->value)) return line;
  line.value = segment->value;
  line.best_epoch = segment->best_epoch;
  line.further = segment->further;
  line.test = segment->test;
  for (const auto* epoch : epochs)
    if (epoch->epoch == line.best_epoch) line.validation = epoch->validation;
  return line;
}

// Whether it can be recommended: it has a value, and did not diverge or fail after it.
bool is_usable(const TrialLine& line) {
  return std::isfinite(line.value) && line.state != search::TrialState::diverged &&
         line.state != search::TrialState::failed;
}

// Best first, unusable trials last, ties by number.
void rank(std::vector<TrialLine>& lines, search::Goal goal) {
  std::stable_sort(lines.begin(), lines.end(), [goal](const TrialLine& a, const TrialLine& b) {
    if (is_usable(a) != is_usable(b)) return is_usable(a);
    if (is_usable(a) && a.value != b.value) return search::turned(goal, a.value) < search::turned(goal, b.value);
    return a.trial < b.trial;
  });
}

// Legs overlap in time; a moment counts once.
double covered_seconds(std::vector<std::pair<double, double>> intervals) {
  std::sort(intervals.begin(), intervals.end());
  double covered = 0;
  double until = -std::numeric_limits<double>::infinity();
  for (const auto& [start, end] : intervals) {
    covered += std::max(0.0, end - std::max(start, until));
    until = std::max(until, end);
  }
  return covered;
}

TimeSpent time_of(const std::vector<store::TimingRecord>& timing) {
  TimeSpent time;
  if (timing.empty()) return time;
  std::vector<std::pair<double, double>> intervals;
  double move_s = 0, data_s = 0, reduce_s = 0;
  for (const auto& leg : timing) {
    intervals.emplace_back(leg.started_s, leg.started_s + leg.seconds);
    time.rank_s += leg.seconds * leg.num_ranks;
    move_s += leg.move_s * leg.num_ranks;
    data_s += leg.data_s * leg.num_ranks;
    reduce_s += leg.reduce_s * leg.num_ranks;
    time.first_started_s = std::fmin(time.first_started_s, leg.started_s);
    time.last_ended_s = std::fmax(time.last_ended_s, leg.started_s + leg.seconds);
  }
  time.working_s = covered_seconds(std::move(intervals));
  if (time.rank_s > 0) {
    time.move_share = move_s / time.rank_s;
    time.data_share = data_s / time.rank_s;
    time.reduce_share = reduce_s / time.rank_s;
  }
  return time;
}

// Every epoch of a trial has as many steps, so the mean over epochs is the mean over steps.
std::optional<GradientReport> gradients_of(const TrialLine& best,
                                           const std::vector<const store::EpochRecord*>& epochs) {
  GradientReport report;
  report.trial = best.trial;
  for (const auto* epoch : epochs) {
    report.clipped_fraction += epoch->clipped_fraction / static_cast<double>(epochs.size());
    report.norm_mean += epoch->gradient_norm_mean / static_cast<double>(epochs.size());
    report.norm_max = std::max(report.norm_max, epoch->gradient_norm_max);
    if (epoch->gradient_flow.empty() || epoch->epoch > best.best_epoch) continue;
    report.epoch = epoch->epoch;
    report.layers = judge_gradient_flow(epoch->gradient_flow);
  }
  if (report.layers.empty()) return std::nullopt;
  return report;
}

}  // namespace

const TrialLine* SweepSummary::best() const {
  return !ranking.empty() && is_usable(ranking.front()) ? &ranking.front() : nullptr;
}

std::string SweepSummary::why_no_best() const {
  if (best() != nullptr) return "";
  std::vector<std::string> lost;
  for (const auto state : {search::TrialState::diverged, search::TrialState::failed})
    if (const auto found = trials_by_state.find(state); found != trials_by_state.end())
      lost.push_back(fmt::format("{} {}", found->second, search::name_of(state)));
  const auto which = lost.empty() ? "" : fmt::format(": {}", join(lost, ", "));
  return (is_sealed ? "No trial came to a usable value" : "No trial has a value yet") + which;
}

std::string SweepSummary::command() const {
  const auto found = header.definition.find("trial.command");
  return found == header.definition.end() ? "" : found->second;
}

std::string SweepSummary::score_name() const {
  constexpr std::string_view prefix = "val_";
  if (!command().empty() || !header.metric.starts_with(prefix)) return "";
  const auto name = header.metric.substr(prefix.size());
  return store::Scores::is_score(name) ? name : "";  // a damaged file may name anything
}

SweepSummary summarise(const store::Results& results) {
  SweepSummary summary;
  summary.header = results.header;
  summary.is_sealed = results.is_sealed;
  summary.num_trials = static_cast<int>(results.trials.size());
  summary.num_epochs = static_cast<std::int64_t>(results.epochs.size());
  summary.num_segments = static_cast<std::int64_t>(results.segments.size());
  auto epochs = epochs_by_trial(results);
  const auto segments = store::last_segments(results);
  for (const auto& record : results.trials) {
    ++summary.trials_by_state[record.state];
    summary.num_offspring += record.is_offspring();
    summary.num_replicates += record.is_replicate();
    if (record.is_replicate()) continue;
    const auto number = static_cast<std::size_t>(record.id.value);
    summary.ranking.push_back(
        line_of(record, number < segments.size() ? segments[number] : nullptr, epochs[record.id]));
  }
  rank(summary.ranking, summary.header.goal);
  if (!summary.header.further_metrics.empty()) {
    const auto num_usable = std::count_if(summary.ranking.begin(), summary.ranking.end(), is_usable);
    summary.front = pareto_front(summary.ranking, static_cast<std::size_t>(num_usable), summary.header);
  }
  summary.seed_spreads = seed_spreads(results, summary.score_name());
  summary.time = time_of(results.timing);
  describe_best(summary, results);
  return summary;
}

void describe_best(SweepSummary& summary, const store::Results& results) {
  if (summary.best() == nullptr) return;
  auto& best = summary.ranking.front();
  std::vector<const store::EpochRecord*> epochs;
  for (const auto& epoch : results.epochs)
    if (epoch.trial == best.trial) epochs.push_back(&epoch);
  std::sort(epochs.begin(), epochs.end(), [](const auto* a, const auto* b) { return a->epoch < b->epoch; });
  for (const auto* epoch : epochs)
    if (epoch->epoch == best.best_epoch) best.metrics = epoch->metrics;
  summary.gradients = gradients_of(best, epochs);
}

}  // namespace seqsweep::report
