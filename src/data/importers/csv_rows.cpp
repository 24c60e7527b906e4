// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "data/importers/date_time.hpp"
#include "data/progress.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

bool is_missing(std::string_view cell) {
  constexpr std::array<std::string_view, 8> marks = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"};
  return std::find(marks.begin(), marks.end(), trim(cell)) != marks.end();
}

// The column that is named, else the first whose first value is a date.
std::string time_column(CsvReader& reader, const Options& options) {
  if (options.has("time-column")) {
    auto name = options.text("time-column");
    static_cast<void>(reader.column(name, "time-column"));
    return name;
  }
  std::string found;
  if (reader.next())
    for (std::size_t c = 0; c < reader.header().size() && found.empty(); ++c)
      if (parse_date_time(reader.fields()[c])) found = reader.header()[c];
  reader.rewind();
  return found;
}

std::vector<std::string> checked_columns(const CsvReader& reader, const Options& options, const char* option) {
  auto names = options.list(option);
  for (const auto& name : names) static_cast<void>(reader.column(name, option));
  return names;
}

// One column being read.
struct NumberColumn {
  std::size_t index;
  std::vector<double>* values;
};

class RowReader {
 public:
  RowReader(CsvReader& reader, const CsvPlan& plan, const Options& options, CsvRows& rows)
      : reader_(reader),
        plan_(plan),
        rows_(rows),
        drops_rows_(options.text("missing") == "drop"),
        refuses_missing_(options.text("missing") == "error") {
    for (const auto* names : {&plan.features, &plan.targets})
      for (const auto& name : *names)
        if (!rows.numbers.contains(name)) numbers_.push_back({reader.column(name, "features"), &rows.numbers[name]});
    for (const auto* names : {&plan.categories, &plan.labels})
      for (const auto& name : *names)
        if (!rows.texts.contains(name)) texts_.emplace_back(reader.column(name, "categorical"), &rows.texts[name]);
    if (!plan.time.empty()) time_ = reader.column(plan.time, "time-column");
    if (!plan.series.empty()) series_ = reader.column(plan.series, "group");
  }

  // Adds the reader's record, unless it is dropped.
  void add_row(std::vector<std::string>& series_of_row) {
    const auto& fields = reader_.fields();
    std::vector<double> values;
    for (const auto& column : numbers_) {
      values.push_back(number_in(column.index));
      if (std::isnan(values.back()) && drops_rows_) return;
    }
    for (std::size_t i = 0; i < numbers_.size(); ++i) numbers_[i].values->push_back(values[i]);
    for (const auto& [index, column] : texts_) column->emplace_back(trim(fields[index]));
    if (!plan_.time.empty()) rows_.times.push_back(time_in(time_));
    series_of_row.push_back(plan_.series.empty() ? std::string() : std::string(trim(fields[series_])));
    rows_.lines.push_back(reader_.line());
  }

 private:
  [[noreturn]] void refuse(std::size_t index, const std::string& problem) const {
    throw DataError(fmt::format("column '{}': {}", reader_.header()[index], problem), reader_.path(), reader_.line());
  }

  [[nodiscard]] double number_in(std::size_t index) const {
    const auto& cell = reader_.fields()[index];
    if (const auto value = parse_real(cell); value && std::isfinite(*value)) return *value;
    if (!is_missing(cell))
      refuse(index, fmt::format("'{}' is no number; name text columns in --categorical or --skip-columns", cell));
    if (refuses_missing_)
      refuse(index, fmt::format("the value is missing ('{}'); choose --missing ffill, zero or drop", cell));
    return missing;
  }

  [[nodiscard]] std::int64_t time_in(std::size_t index) const {
    const auto& cell = reader_.fields()[index];
    const auto time = parse_date_time(cell);
    if (!time) refuse(index, fmt::format("'{}' is no date; written as 2016-07-01 or 2016-07-01 13:30:00", cell));
    return *time;
  }

  CsvReader& reader_;
  const CsvPlan& plan_;
  CsvRows& rows_;
  bool drops_rows_, refuses_missing_;
  std::vector<NumberColumn> numbers_;
  std::vector<std::pair<std::size_t, std::vector<std::string>*>> texts_;
  std::size_t time_ = 0, series_ = 0;
};

template <class T>
void reorder(std::vector<T>& values, const std::vector<std::size_t>& order) {
  if (values.empty()) return;
  std::vector<T> ordered;
  ordered.reserve(values.size());
  for (const auto i : order) ordered.push_back(std::move(values[i]));
  values = std::move(ordered);
}

void order_by_series(CsvRows& rows, const std::vector<std::string>& series_of_row) {
  std::map<std::string, std::size_t> number_of;
  std::vector<std::size_t> number(series_of_row.size());
  for (std::size_t i = 0; i < number.size(); ++i) {
    const auto [at, is_new] = number_of.try_emplace(series_of_row[i], number_of.size());
    if (is_new) rows.series_name.push_back(series_of_row[i]);
    number[i] = at->second;
  }
  std::vector<std::size_t> order(number.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return number[a] < number[b]; });
  for (auto& [name, values] : rows.numbers) reorder(values, order);
  for (auto& [name, values] : rows.texts) reorder(values, order);
  reorder(rows.times, order);
  reorder(rows.lines, order);
  for (std::size_t i = 0; i < order.size(); ++i)
    if (i == 0 || number[order[i]] != number[order[i - 1]]) rows.series_begin.push_back(i);
  rows.series_begin.push_back(order.size());
}

void fill_missing(CsvRows& rows, const std::string& policy, const std::string& path) {
  for (auto& [name, values] : rows.numbers)
    for (std::size_t s = 0; s + 1 < rows.series_begin.size(); ++s)
      for (auto i = rows.series_begin[s]; i < rows.series_begin[s + 1]; ++i) {
        if (!std::isnan(values[i])) continue;
        if (policy == "ffill" && i == rows.series_begin[s])
          throw DataError(
              fmt::format("column '{}': the first value is missing, nothing to fill it with; see --skip-rows", name),
              path, rows.lines[i]);
        values[i] = policy == "ffill" ? values[i - 1] : 0.0;
      }
}

}  // namespace

CsvPlan plan_csv(CsvReader& reader, const Options& options) {
  CsvPlan plan;
  plan.time = time_column(reader, options);
  plan.categories = checked_columns(reader, options, "categorical");
  if (options.has("sequence-column") && options.has("group"))
    options.refuse("group", "is for windows of several series; with --sequence-column every sequence is whole");
  for (const char* option : {"sequence-column", "group"})
    if (options.has(option)) plan.series = reader.header()[reader.column(options.text(option), option)];
  if (options.has("class-column"))
    plan.labels.push_back(reader.header()[reader.column(options.text("class-column"), "class-column")]);
  if (options.has("test-where")) {
    const auto condition = options.text("test-where");
    plan.labels.push_back(reader.header()[reader.column(condition.substr(0, condition.find('=')), "test-where")]);
  }
  if (options.has("features")) {
    plan.features = checked_columns(reader, options, "features");
  } else {
    const auto skipped = checked_columns(reader, options, "skip-columns");
    std::set<std::string> taken(skipped.begin(), skipped.end());
    taken.insert(plan.categories.begin(), plan.categories.end());
    taken.insert(plan.labels.begin(), plan.labels.end());
    taken.insert({plan.time, plan.series});
    for (const auto& name : reader.header())
      if (!taken.contains(name)) plan.features.push_back(name);
  }
  if (options.has("target") && options.text("target") == "all-features")
    plan.targets = plan.features;
  else
    plan.targets = checked_columns(reader, options, "target");
  return plan;
}

CsvRows read_csv_rows(CsvReader& reader, const CsvPlan& plan, const Options& options) {
  const auto policy = options.choice("missing", {"error", "ffill", "zero", "drop"});
  const auto skip = options.integer("skip-rows", 0);
  const bool drops_duplicates = options.has("drop-duplicates");
  const auto key = drops_duplicates ? reader.column(options.text("drop-duplicates"), "drop-duplicates") : 0;
  CsvRows rows;
  RowReader row_reader(reader, plan, options, rows);
  std::vector<std::string> series_of_row;
  std::unordered_set<std::string> seen;
  Progress progress(fmt::format("reading {}", reader.path()));
  for (std::int64_t row = 0; reader.next(); ++row) {
    if (row < skip) continue;
    if (drops_duplicates && !seen.insert(reader.fields()[key]).second) continue;
    row_reader.add_row(series_of_row);
    if (row % 4096 == 0) progress.show(reader.share_read());
  }
  if (rows.num_rows() == 0) throw DataError("has no rows left to read", reader.path());
  order_by_series(rows, series_of_row);
  fill_missing(rows, policy, reader.path());
  return rows;
}

}  // namespace seqsweep::data::importers
