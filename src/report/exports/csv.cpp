// SPDX-License-Identifier: Apache-2.0
// A table of the results file as RFC 4180 has it, but with lines that end in \n. Columns have the names that they have
// in the file (export_test.py compares them). What does not apply is an empty cell.
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include "formats.hpp"

namespace seqsweep::report {
namespace {

using store::EpochRecord;
using store::Results;
using store::SegmentRecord;
using store::TimingRecord;

std::string cell(std::int64_t value) {
  return std::to_string(value);
}
std::string cell(int value) {
  return std::to_string(value);
}
std::string cell(TrialId trial) {
  return std::to_string(trial.value);
}
std::string cell(double value) {
  return std::isnan(value) ? "" : shortest(value);
}
std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}
std::string cell(const std::string& text) {
  return cell(std::string_view(text));
}
std::string cell(const std::optional<search::Value>& value) {
  return value ? cell(search::text_of(*value)) : "";
}

template <class Row>
class CsvTable {
 public:
  /// `access` is a member of the row, or a function of it.
  template <class Access>
  void add(const std::string& name, Access access) {
    columns_.push_back({name, [access](const Row& row) { return cell(std::invoke(access, row)); }});
  }

  template <class Access>
  void add_scores(const std::string& prefix, Access access) {
    for (const std::string name : {"loss", "accuracy", "mae", "rmse", "r2"})
      add(prefix + name, [access, name](const Row& row) { return std::invoke(access, row).by_name(name); });
  }

  template <class Access>
  void add_further(const store::ResultsHeader& header, Access access) {
    for (std::size_t m = 0; m < header.further_metrics.size(); ++m)
      add(header.further_metrics[m].name, [access, m](const Row& row) {
        const std::vector<double>& further = std::invoke(access, row);
        return m < further.size() ? further[m] : store::not_applicable;
      });
  }

  void add_ends() {
    add("trial", &Row::trial);
    add("from_epoch", &Row::from_epoch);
    add("to_epoch", &Row::to_epoch);
  }

  [[nodiscard]] std::string text(std::span<const Row> rows) const {
    std::string text;
    for (const auto& column : columns_) add_cell(text, column, cell(column.name));
    for (const auto& row : rows)
      for (const auto& column : columns_) add_cell(text, column, column.of(row));
    return text;
  }

 private:
  struct Column {
    std::string name;
    std::function<std::string(const Row&)> of;
  };
  void add_cell(std::string& text, const Column& column, const std::string& cell) const {
    text += cell;
    text += &column == &columns_.back() ? '\n' : ',';
  }
  std::vector<Column> columns_;
};

std::string trials(const Results& results) {
  CsvTable<ExportedTrial> table;
  table.add("trial", [](const ExportedTrial& t) { return t.record->id; });
  table.add("state", [](const ExportedTrial& t) { return search::name_of(t.record->state); });
  table.add("reason", [](const ExportedTrial& t) { return t.record->reason; });
  table.add("epochs", [](const ExportedTrial& t) { return t.last.last_epoch; });
  table.add("value", [](const ExportedTrial& t) { return t.last.value; });
  table.add("best_epoch", [](const ExportedTrial& t) { return t.last.best_epoch; });
  table.add_further(
      results.header, [](const ExportedTrial& t) -> auto& { return t.last.further; });
  table.add_scores("test_", [](const ExportedTrial& t) { return t.last.test; });
  table.add("message", [](const ExportedTrial& t) { return t.last.message; });
  table.add("parent", [](const ExportedTrial& t) { return t.record->parent.trial; });
  table.add("parent_epoch", [](const ExportedTrial& t) { return t.record->parent.epoch; });
  for (std::size_t d = 0; d < results.header.dimensions.size(); ++d)
    table.add(results.header.dimensions[d].name, [d](const ExportedTrial& t) { return t.record->point.values.at(d); });
  return table.text(exported_trials(results));
}

std::string epochs(const Results& results) {
  CsvTable<EpochRecord> table;
  table.add("trial", &EpochRecord::trial);
  table.add("epoch", &EpochRecord::epoch);
  table.add("value", &EpochRecord::value);
  table.add("train_loss", &EpochRecord::train_loss);
  table.add_scores("val_", &EpochRecord::validation);
  table.add("learning_rate", &EpochRecord::learning_rate);
  table.add("gradient_norm_mean", &EpochRecord::gradient_norm_mean);
  table.add("gradient_norm_max", &EpochRecord::gradient_norm_max);
  table.add("clipped_fraction", &EpochRecord::clipped_fraction);
  return table.text(results.epochs);
}

std::string segments(const Results& results) {
  CsvTable<search::Segment> table;
  table.add_ends();
  table.add("virtual_start", &search::Segment::virtual_start);
  table.add("virtual_finish", &search::Segment::virtual_finish);
  table.add("reason", &search::Segment::reason);
  return table.text(results.decisions);
}

std::string segment_results(const Results& results) {
  CsvTable<SegmentRecord> table;
  table.add_ends();
  table.add("last_epoch", &SegmentRecord::last_epoch);
  table.add("ending", [](const SegmentRecord& r) { return search::name_of(r.ending); });
  table.add("value", &SegmentRecord::value);
  table.add("best_epoch", &SegmentRecord::best_epoch);
  table.add_further(results.header, &SegmentRecord::further);
  table.add_scores("test_", &SegmentRecord::test);
  table.add("message", &SegmentRecord::message);
  return table.text(results.segments);
}

std::string timing(const Results& results) {
  CsvTable<TimingRecord> table;
  table.add_ends();
  table.add("num_ranks", &TimingRecord::num_ranks);
  table.add("first_rank", &TimingRecord::first_rank);
  table.add("host", &TimingRecord::host);
  table.add("ranks", &TimingRecord::ranks);
  table.add("steps", &TimingRecord::steps);
  table.add("started", &TimingRecord::started_s);
  table.add("seconds", &TimingRecord::seconds);
  table.add("move_seconds", &TimingRecord::move_s);
  table.add("data_seconds", &TimingRecord::data_s);
  table.add("reduce_seconds", &TimingRecord::reduce_s);
  return table.text(results.timing);
}

constexpr std::array<std::string_view, 5> tables = {"trials", "epochs", "segments", "segment_results", "timing"};

std::string csv(const Results& results, std::string_view table) {
  constexpr std::array writers = {trials, epochs, segments, segment_results, timing};
  static_assert(writers.size() == tables.size());
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (tables[i] == table) return writers[i](results);
  throw ContractViolation("csv: no such table");
}

}  // namespace

const ExportFormat csv_format{".csv", tables, csv};

}  // namespace seqsweep::report
