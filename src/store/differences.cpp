// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

#include "seqsweep/core/text.hpp"

#include "definition_text.hpp"
#include "tables.hpp"

namespace seqsweep::store {
namespace {

/// Collects lines up to a limit and counts the others.
class Lines {
 public:
  explicit Lines(std::size_t limit) : limit_(limit) {}
  void add(const std::string& line) {
    if (lines_.size() < limit_)
      lines_.push_back(line);
    else
      ++num_more_;
  }
  void compare(const std::string& what, const std::string& a, const std::string& b) {
    if (a != b) add(fmt::format("{}: '{}' against '{}'", what, a, b));
  }
  std::vector<std::string> take() {
    if (num_more_ > 0) lines_.push_back(fmt::format("… and {} more", num_more_));
    return std::move(lines_);
  }

 private:
  std::size_t limit_, num_more_ = 0;
  std::vector<std::string> lines_;
};

std::map<std::string, std::string> dimension_texts(const ResultsHeader& header) {
  std::map<std::string, std::string> texts;
  for (const auto& dimension : header.dimensions) texts[dimension.name] = dimension_text(dimension);
  return texts;
}

void compare_maps(Lines& lines, const std::string& what, const std::map<std::string, std::string>& a,
                  const std::map<std::string, std::string>& b) {
  std::set<std::string> keys;
  for (const auto* map : {&a, &b})
    for (const auto& [key, value] : *map) keys.insert(key);
  for (const auto& key : keys) {
    const auto in_a = a.find(key), in_b = b.find(key);
    if (in_a == a.end() || in_b == b.end())
      lines.add(fmt::format("{} {}: only in the {} file", what, key, in_b == b.end() ? "first" : "second"));
    else
      lines.compare(fmt::format("{} {}", what, key), in_a->second, in_b->second);
  }
}

std::string scores_text(const Scores& s) {
  std::string text;
  for (const double x : {s.loss, s.accuracy, s.mae, s.rmse, s.r2}) text += fmt::format(" {}", shortest(x));
  return text;
}

std::string further_text(const ResultsHeader& header) {
  std::vector<std::string> parts;
  for (const auto& [name, goal] : header.further_metrics)
    parts.push_back(fmt::format("{} {}", goal == search::Goal::minimize ? "minimize" : "maximize", name));
  return join(parts, ", ");
}

void compare_headers(Lines& lines, const ResultsHeader& a, const ResultsHeader& b) {
  compare_maps(lines, "setting", a.definition, b.definition);
  compare_maps(lines, "dimension", dimension_texts(a), dimension_texts(b));
  lines.compare("metric", a.metric, b.metric);
  if (a.goal != b.goal) lines.add("goal: one minimizes, the other maximizes");
  lines.compare("further metrics", further_text(a), further_text(b));
  lines.compare("trials", std::to_string(a.trials), std::to_string(b.trials));
  lines.compare("data set", a.dataset_name + " " + a.dataset_fingerprint, b.dataset_name + " " + b.dataset_fingerprint);
  lines.compare("origin of the data set", a.dataset_provenance, b.dataset_provenance);
  lines.compare("description of the data set", a.dataset_description, b.dataset_description);
  lines.compare("validation floor", scores_text(a.validation_floor), scores_text(b.validation_floor));
  lines.compare("test floor", scores_text(a.test_floor), scores_text(b.test_floor));
  lines.compare("floor rule", a.floor_rule, b.floor_rule);
  lines.compare("instruction set", a.instruction_set, b.instruction_set);
}

template <class Record>
void compare_rows(Lines& lines, const RowFormat<Record>& format, const std::string& name, const Record& a,
                  const Record& b) {
  std::vector<std::byte> row_a, row_b;
  format.encode(a, row_a);
  format.encode(b, row_b);
  if (row_a == row_b) return;
  for (const auto& column : format.type.columns) {
    const std::size_t bytes = column.kind == h5::Kind::text ? column.text_bytes : 8;
    if (std::memcmp(row_a.data() + column.offset, row_b.data() + column.offset, bytes) != 0)
      lines.add(fmt::format("{}, {}: {} against {}", name, column.name, shown_cell(column, row_a.data()),
                            shown_cell(column, row_b.data())));
  }
}

// `key` orders the records of both lists alike, `name` names one.
template <class Record, class Key, class Name>
void compare_tables(Lines& lines, const RowFormat<Record>& format, std::span<const Record> a, std::span<const Record> b,
                    Key key, Name name) {
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const bool is_only_in_a = j == b.size() || (i < a.size() && key(a[i]) < key(b[j]));
    const bool is_only_in_b = i == a.size() || (j < b.size() && key(b[j]) < key(a[i]));
    const auto where = [&](const char* file, const Record& record) {
      return fmt::format("{}{}: only in the {} file", format.path.substr(1) + ", ", name(record), file);
    };
    if (is_only_in_a)
      lines.add(where("first", a[i++]));
    else if (is_only_in_b)
      lines.add(where("second", b[j++]));
    else
      compare_rows(lines, format, format.path.substr(1) + ", " + name(a[i]), a[i], b[j]), ++i, ++j;
  }
}

// Segments lie in the order of decision: a difference in that order is one, too.
void compare_decisions(Lines& lines, const Tables& tables, const Results& a, const Results& b) {
  if (a.decisions.size() != b.decisions.size())
    lines.add(fmt::format("segments: {} decisions against {}", a.decisions.size(), b.decisions.size()));
  for (std::size_t i = 0; i < std::min(a.decisions.size(), b.decisions.size()); ++i)
    compare_rows(lines, tables.segments, fmt::format("segments, decision {}", i), a.decisions[i], b.decisions[i]);
}

std::string epoch_name(TrialId trial, int epoch) {
  return fmt::format("trial {}, epoch {}", trial.value, epoch);
}

}  // namespace

std::vector<std::string> differences(const Results& a, const Results& b, std::size_t limit) {
  Lines lines(limit);
  compare_headers(lines, a.header, b.header);
  const bool have_same_columns =
      dimension_texts(a.header) == dimension_texts(b.header) && a.header.further_metrics == b.header.further_metrics;
  if (!have_same_columns) return lines.take();
  Results left = a, right = b;
  make_canonical(left);
  make_canonical(right);
  const Tables tables(a.header, TableUse::sealed);
  const auto trials_a = trial_rows(left), trials_b = trial_rows(right);
  compare_tables(
      lines, tables.trials, std::span<const TrialRow>(trials_a), std::span<const TrialRow>(trials_b),
      [](const TrialRow& r) { return r.trial; },
      [](const TrialRow& r) { return fmt::format("trial {}", r.trial.value); });
  compare_decisions(lines, tables, left, right);
  compare_tables(
      lines, tables.segment_results, std::span<const SegmentRecord>(left.segments),
      std::span<const SegmentRecord>(right.segments),
      [](const auto& r) { return std::tuple(r.trial, r.to_epoch, r.from_epoch); },
      [](const auto& r) { return fmt::format("trial {}, epochs {} to {}", r.trial.value, r.from_epoch, r.to_epoch); });
  compare_tables(
      lines, tables.epochs, std::span<const EpochRecord>(left.epochs), std::span<const EpochRecord>(right.epochs),
      [](const auto& r) { return std::tuple(r.trial, r.epoch); },
      [](const auto& r) { return epoch_name(r.trial, r.epoch); });
  const auto flow_a = flow_rows(left.epochs), flow_b = flow_rows(right.epochs);
  compare_tables(
      lines, tables.gradient_flow, std::span<const FlowRow>(flow_a), std::span<const FlowRow>(flow_b),
      [](const auto& r) { return std::tuple(r.trial, r.epoch, r.bin.layer, r.bin.distance_from); },
      [](const auto& r) {
        return fmt::format("{}, layer {}, distance {}", epoch_name(r.trial, r.epoch), r.bin.layer, r.bin.distance_from);
      });
  const auto metrics_a = metric_rows(left.epochs), metrics_b = metric_rows(right.epochs);
  compare_tables(
      lines, tables.metrics, std::span<const MetricRow>(metrics_a), std::span<const MetricRow>(metrics_b),
      [](const auto& r) { return std::tuple(r.trial, r.epoch, r.metric.name); },
      [](const auto& r) { return fmt::format("{}, metric {}", epoch_name(r.trial, r.epoch), r.metric.name); });
  return lines.take();
}

}  // namespace seqsweep::store
