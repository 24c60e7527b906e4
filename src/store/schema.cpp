// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/store/schema.hpp"

#include <algorithm>

#include "tables.hpp"

namespace seqsweep::store {
namespace {

constexpr std::size_t message_bytes = 240, reason_bytes = 160, host_bytes = 64, ranks_bytes = 96,
                      metric_name_bytes = 64;

using search::Ending;
using search::TrialState;

// loss, accuracy … of `scores(record)`, as columns with a prefix.
template <class Record, class Access>
void add_scores(RowFormat<Record>& f, const std::string& prefix, const std::string& of_what, Access scores) {
  f.real(
      prefix + "loss", "",
      "mean loss " + of_what + ", of normalised targets", [scores](auto& r) -> auto& { return scores(r).loss; });
  f.real(
      prefix + "accuracy", "", "share of scored rows (or keys) that are right, " + of_what, [scores](auto& r) -> auto& {
        return scores(r).accuracy;
      });
  f.real(
      prefix + "mae", "target's unit",
      "mean absolute error " + of_what, [scores](auto& r) -> auto& { return scores(r).mae; });
  f.real(
      prefix + "rmse", "target's unit",
      "root mean squared error " + of_what, [scores](auto& r) -> auto& { return scores(r).rmse; });
  f.real(
      prefix + "r2", "",
      "1 - residual / total sum of squares " + of_what, [scores](auto& r) -> auto& { return scores(r).r2; });
}

template <class Record>
void add_trial(RowFormat<Record>& f) {
  f.integer(
      "trial", "", "number of the trial, from 0", [](auto& r) -> auto& { return r.trial.value; });
}

template <class Record>
void add_ends(RowFormat<Record>& f) {
  add_trial(f);
  f.integer(
      "from_epoch", "epochs", "finished before", [](auto& r) -> auto& { return r.from_epoch; });
  f.integer(
      "to_epoch", "epochs", "to be finished, as decided", [](auto& r) -> auto& { return r.to_epoch; });
}

// The objectives after the first.
template <class Record>
void add_further(RowFormat<Record>& f, std::span<const FurtherMetric> metrics) {
  for (std::size_t m = 0; m < metrics.size(); ++m)
    f.add(
        {metrics[m].name, h5::Kind::f64, 0, 0, "", "further metric of the sweep, at the best epoch"},
        [m](const Record& r, std::byte* at) { put_cell(at, m < r.further.size() ? r.further[m] : not_applicable); },
        [m](Record& r, const std::byte* at) {
          r.further.resize(std::max(r.further.size(), m + 1));
          r.further[m] = real_cell(at);
        });
}

RowFormat<TrialRow> trial_format(std::span<const search::Dimension> dimensions,
                                 std::span<const FurtherMetric> further_metrics) {
  RowFormat<TrialRow> f("/trials", "one row per trial; the last columns are the dimensions of the search");
  add_trial(f);
  f.word<TrialState>(
      "state", "running, paused, completed, stopped (by the scheduler), diverged or failed",
      {TrialState::running, TrialState::paused, TrialState::completed, TrialState::stopped, TrialState::diverged,
       TrialState::failed},
      [](auto& r) -> auto& { return r.state; });
  f.text(
      "reason", "why it is in this state", reason_bytes, [](auto& r) -> auto& { return r.reason; });
  f.integer(
      "epochs", "epochs", "trained so far", [](auto& r) -> auto& { return r.epochs; });
  f.real(
      "value", "", "the sweep's metric, best so far", [](auto& r) -> auto& { return r.value; });
  f.integer(
      "best_epoch", "epochs", "the epoch of that value; 0: none yet", [](auto& r) -> auto& { return r.best_epoch; });
  add_further(f, further_metrics);
  add_scores(
      f, "test_", "on the test split, with the best epoch's weights", [](auto& r) -> auto& { return r.test; });
  f.text(
      "message", "why it diverged or failed; else what of a command's output is not counted", message_bytes,
      [](auto& r) -> auto& { return r.message; });
  f.integer(
      "parent", "", "the trial that it repeats or goes on from; -1: none",
      [](auto& r) -> auto& { return r.parent.trial.value; });
  f.integer(
      "parent_epoch", "epochs", "of the parent, from whose state it goes on; 0: it has a start of its own",
      [](auto& r) -> auto& { return r.parent.epoch; });
  add_point_columns(f, dimensions);
  return f;
}

RowFormat<search::Segment> segment_format() {
  RowFormat<search::Segment> f("/segments", "one row per decision of the search, in the order of decision");
  add_ends(f);
  f.real(
      "virtual_start", "multiply-adds", "start on the virtual clock", [](auto& r) -> auto& { return r.virtual_start; });
  f.real(
      "virtual_finish", "multiply-adds", "finish on the virtual clock",
      [](auto& r) -> auto& { return r.virtual_finish; });
  f.text(
      "reason", "why it was decided", reason_bytes, [](auto& r) -> auto& { return r.reason; });
  return f;
}

RowFormat<SegmentRecord> segment_result_format(std::span<const FurtherMetric> further_metrics) {
  RowFormat<SegmentRecord> f("/segment_results", "one row per finished segment");
  add_ends(f);
  f.integer(
      "last_epoch", "epochs", "where training stood when it ended", [](auto& r) -> auto& { return r.last_epoch; });
  f.word<Ending>(
      "ending", "reached, exhausted (improved no more), diverged or failed",
      {Ending::reached, Ending::exhausted, Ending::diverged, Ending::failed},
      [](auto& r) -> auto& { return r.ending; });
  f.real(
      "value", "", "the sweep's metric, best so far", [](auto& r) -> auto& { return r.value; });
  f.integer(
      "best_epoch", "epochs", "the epoch of that value", [](auto& r) -> auto& { return r.best_epoch; });
  add_further(f, further_metrics);
  add_scores(
      f, "test_", "on the test split, with the best epoch's weights", [](auto& r) -> auto& { return r.test; });
  f.text(
      "message", "why it diverged or failed; else what of a command's output is not counted", message_bytes,
      [](auto& r) -> auto& { return r.message; });
  return f;
}

RowFormat<TimingRecord> timing_format() {
  RowFormat<TimingRecord> f("/timing", "one row per leg of a segment: where and when it ran; no part of the promise");
  add_ends(f);
  f.integer(
      "num_ranks", "ranks", "that trained together", [](auto& r) -> auto& { return r.num_ranks; });
  f.integer(
      "first_rank", "", "the one that leads", [](auto& r) -> auto& { return r.first_rank; });
  f.text(
      "host", "of the one that leads", host_bytes, [](auto& r) -> auto& { return r.host; });
  f.text(
      "ranks", "all of them, in the order of the team", ranks_bytes, [](auto& r) -> auto& { return r.ranks; });
  f.integer(
      "steps", "steps", "of the optimizer", [](auto& r) -> auto& { return r.steps; });
  f.real(
      "started", "s", "since 1970-01-01 UTC", [](auto& r) -> auto& { return r.started_s; });
  f.real(
      "seconds", "s", "wall time, all told", [](auto& r) -> auto& { return r.seconds; });
  f.real(
      "move_seconds", "s", "of it, until the ranks were ready to train", [](auto& r) -> auto& { return r.move_s; });
  f.real(
      "data_seconds", "s", "of it, gathering batches", [](auto& r) -> auto& { return r.data_s; });
  f.real(
      "reduce_seconds", "s", "of it, in all-reduces", [](auto& r) -> auto& { return r.reduce_s; });
  return f;
}

RowFormat<MetricRow> metric_format() {
  RowFormat<MetricRow> f("/metrics", "one row per number that a command printed (trial.objective = command)");
  add_trial(f);
  f.integer(
      "epoch", "epochs", "after so many", [](auto& r) -> auto& { return r.epoch; });
  f.text(
      "name", "as printed", metric_name_bytes, [](auto& r) -> auto& { return r.metric.name; });
  f.real(
      "value", "", "as printed", [](auto& r) -> auto& { return r.metric.value; });
  return f;
}

template <class Record>
TableFormat shown(const RowFormat<Record>& f) {
  return {f.path, f.description, f.type};
}

}  // namespace

RowFormat<EpochRecord> epoch_rows(const std::string& path) {
  RowFormat<EpochRecord> f(path, "one row per finished epoch of a trial");
  add_trial(f);
  f.integer(
      "epoch", "epochs", "after so many", [](auto& r) -> auto& { return r.epoch; });
  f.real(
      "value", "", "the sweep's metric", [](auto& r) -> auto& { return r.value; });
  f.real(
      "train_loss", "", "mean over the epoch's batches, with dropout, without penalties",
      [](auto& r) -> auto& { return r.train_loss; });
  add_scores(
      f, "val_", "on the validation split", [](auto& r) -> auto& { return r.validation; });
  f.real(
      "learning_rate", "", "of the epoch", [](auto& r) -> auto& { return r.learning_rate; });
  f.real(
      "gradient_norm_mean", "", "global norm before clipping, mean over the steps",
      [](auto& r) -> auto& { return r.gradient_norm_mean; });
  f.real(
      "gradient_norm_max", "", "global norm before clipping, largest of the steps",
      [](auto& r) -> auto& { return r.gradient_norm_max; });
  f.real(
      "clipped_fraction", "", "share of steps whose gradient was clipped",
      [](auto& r) -> auto& { return r.clipped_fraction; });
  return f;
}

RowFormat<FlowRow> gradient_flow_rows(const std::string& path) {
  RowFormat<FlowRow> f(path, "how much of the gradient of the loss at the last step arrives how far back in time");
  add_trial(f);
  f.integer(
      "epoch", "epochs", "after so many", [](auto& r) -> auto& { return r.epoch; });
  f.integer(
      "layer", "", "recurrent layer, from 0", [](auto& r) -> auto& { return r.bin.layer; });
  f.integer(
      "distance_from", "steps", "from the last step, inclusive", [](auto& r) -> auto& { return r.bin.distance_from; });
  f.integer(
      "distance_to", "steps", "from the last step, inclusive", [](auto& r) -> auto& { return r.bin.distance_to; });
  f.real(
      "norm", "", "root mean square over sequences and steps of the norm of dL/dh_t",
      [](auto& r) -> auto& { return r.bin.norm; });
  return f;
}

RowFormat<Committed> committed_rows() {
  RowFormat<Committed> f("/committed", "how many rows of each table count; what lies behind may be torn");
  f.integer(
      "trials", "rows", "that count", [](auto& r) -> auto& { return r.trials; });
  f.integer(
      "epochs", "rows", "that count", [](auto& r) -> auto& { return r.epochs; });
  f.integer(
      "gradient_flow", "rows", "that count", [](auto& r) -> auto& { return r.gradient_flow; });
  f.integer(
      "metrics", "rows", "that count", [](auto& r) -> auto& { return r.metrics; });
  f.integer(
      "segments", "rows", "that count", [](auto& r) -> auto& { return r.segments; });
  f.integer(
      "segment_results", "rows", "that count", [](auto& r) -> auto& { return r.segment_results; });
  f.integer(
      "timing", "rows", "that count", [](auto& r) -> auto& { return r.timing; });
  f.checksum();
  return f;
}

Tables::Tables(std::span<const search::Dimension> dimensions, std::span<const FurtherMetric> further_metrics,
               TableUse use)
    : trials(trial_format(dimensions, further_metrics)),
      epochs(epoch_rows("/epochs")),
      gradient_flow(gradient_flow_rows("/gradient_flow")),
      metrics(metric_format()),
      segments(segment_format()),
      segment_results(segment_result_format(further_metrics)),
      timing(timing_format()) {
  if (use == TableUse::sealed) return;
  epochs.checksum();
  gradient_flow.checksum();
  metrics.checksum();
  segments.checksum();
  segment_results.checksum();
  timing.checksum();
}

std::vector<TableFormat> results_format(std::span<const search::Dimension> dimensions,
                                        std::span<const FurtherMetric> further_metrics) {
  const Tables t(dimensions, further_metrics, TableUse::sealed);
  return {shown(t.trials),   shown(t.epochs),          shown(t.gradient_flow), shown(t.metrics),
          shown(t.segments), shown(t.segment_results), shown(t.timing)};
}

}  // namespace seqsweep::store
