// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "seqsweep/store/records.hpp"
#include "seqsweep/store/results_file.hpp"
#include "seqsweep/store/schema.hpp"

#include "row_format.hpp"

namespace seqsweep::store {

/// A row of /trials: a trial and where its last recorded segment left it.
struct TrialRow {
  TrialId trial;
  search::TrialState state = search::TrialState::running;
  std::string reason;  ///< of the state
  search::Point point;
  search::Parent parent;
  int epochs = 0;
  double value = not_applicable;
  int best_epoch = 0;
  std::vector<double> further;
  Scores test;
  std::string message;
};
[[nodiscard]] TrialRow row_of(const search::TrialRecord& trial, const SegmentRecord* last_segment);

/// A row of /gradient_flow.
struct FlowRow {
  TrialId trial;
  int epoch = 0;
  nn::GradientFlowBin bin;
};
[[nodiscard]] std::vector<FlowRow> flow_rows(std::span<const EpochRecord> epochs);
/// Gives each epoch its bins: each once, in order of layer and distance. Rows of other epochs are left out.
void attach(std::span<const FlowRow> rows, std::vector<EpochRecord>& epochs);

/// A row of /metrics.
struct MetricRow {
  TrialId trial;
  int epoch = 0;
  Metric metric;
};
[[nodiscard]] std::vector<MetricRow> metric_rows(std::span<const EpochRecord> epochs);
/// Gives each epoch its metrics, each once, in order of name.
void attach(std::span<const MetricRow> rows, std::vector<EpochRecord>& epochs);

[[nodiscard]] RowFormat<EpochRecord> epoch_rows(const std::string& path);
[[nodiscard]] RowFormat<FlowRow> gradient_flow_rows(const std::string& path);

/// Every table of a results file. In a live one each row that is written once has a checksum of its own: HDF5's are of
/// whole chunks, and one that grows could not be read where its writer was killed in the middle of it.
struct Tables {
  Tables(std::span<const search::Dimension> dimensions, std::span<const FurtherMetric> further_metrics, TableUse use);
  Tables(const ResultsHeader& header, TableUse use) : Tables(header.dimensions, header.further_metrics, use) {}
  RowFormat<TrialRow> trials;
  RowFormat<EpochRecord> epochs;
  RowFormat<FlowRow> gradient_flow;
  RowFormat<MetricRow> metrics;
  RowFormat<search::Segment> segments;
  RowFormat<SegmentRecord> segment_results;
  RowFormat<TimingRecord> timing;
};

/// Rows that count, by table: the one row of /committed.
struct Committed {
  std::int64_t trials = 0, epochs = 0, gradient_flow = 0, metrics = 0, segments = 0, segment_results = 0, timing = 0;
};
[[nodiscard]] RowFormat<Committed> committed_rows();

/// "loguniform(0.0001, 0.1) if model.cell in (rnn)".
[[nodiscard]] std::string dimension_text(const search::Dimension& dimension);
/// The columns of the dimensions, behind the others.
void add_point_columns(RowFormat<TrialRow>& format, std::span<const search::Dimension> dimensions);

/// The rows of /trials as the results have them.
[[nodiscard]] std::vector<TrialRow> trial_rows(const Results& results);

/// Each record once (the first), in canonical order.
void make_canonical(Results& results);
/// Each record once, in the order found.
void drop_repeats(Results& results);

}  // namespace seqsweep::store
