// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "data/importers/csv_order.hpp"
#include "data/importers/importers.hpp"
#include "data/progress.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

bool is_missing(std::string_view cell) {
  constexpr std::array<std::string_view, 12> marks = {"",     "NA", "N/A",  "null", "NULL", "?",
                                                      "None", "na", "#N/A", "<NA>", "NaT",  "n/a"};
  const auto text = trim(cell);
  const auto number = parse_real(text);  // nan, NaN, -nan
  return (number && std::isnan(*number)) || std::find(marks.begin(), marks.end(), text) != marks.end();
}

std::string number_problem(std::string_view cell) {
  if (looks_like_date(cell)) return date_problem(cell) + "; or name the column in --skip-columns";
  const auto comma = cell.find(',');
  if (comma != std::string_view::npos && comma == cell.rfind(',')) {
    auto with_point = std::string(cell);
    with_point[comma] = '.';
    if (parse_real(with_point)) return fmt::format("'{}' is no number; write decimal points, not commas", cell);
  }
  return fmt::format("'{}' is no number; name text columns in --categorical or --skip-columns", cell);
}

// Rows left out by a policy, to be counted and named.
struct Dropped {
  std::size_t count = 0;
  std::int64_t first_line = 0;
  void add(std::int64_t line) {
    if (count++ == 0) first_line = line;
  }
  void report(const std::string& path, const std::string& why) const {
    if (count > 0)
      log::info(fmt::format("{}: {} row{} left out, the first in line {} ({})", path, count, count == 1 ? "" : "s",
                            first_line, why));
  }
};

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
    if (!plan.series.empty()) series_ = reader.column(plan.series, "group");
  }

  [[nodiscard]] std::string series() const {
    if (plan_.series.empty()) return {};
    std::string name(trim(reader_.fields()[series_]));
    if (name.empty()) refuse(series_, "is empty, so the row belongs to nothing; fill it in or take the row out");
    return name;
  }

  // What --drop-duplicates compares of column `index`: instants, however they are written, or texts.
  [[nodiscard]] std::string key(std::size_t index) const {
    if (index != plan_.time) return std::string(trim(reader_.fields()[index]));
    const auto time = time_in(index);
    return fmt::format("{} {}", time.utc_seconds(), time.nanoseconds);
  }

  // Adds the reader's record; false where it is dropped.
  bool add_row() {
    std::vector<double> values;
    for (const auto& column : numbers_) {
      values.push_back(number_in(column.index));
      if (std::isnan(values.back()) && drops_rows_) return false;
    }
    for (std::size_t i = 0; i < numbers_.size(); ++i) numbers_[i].values->push_back(values[i]);
    for (const auto& [index, column] : texts_) column->emplace_back(trim(reader_.fields()[index]));
    if (plan_.time) rows_.times.push_back(time_in(*plan_.time));
    rows_.lines.push_back(reader_.line());
    return true;
  }

 private:
  [[noreturn]] void refuse(std::size_t index, const std::string& problem) const {
    throw DataError(fmt::format("{}: {}", reader_.title(index), problem), reader_.path(), reader_.line());
  }

  [[nodiscard]] double number_in(std::size_t index) const {
    const auto& cell = reader_.fields()[index];
    if (is_missing(cell)) {
      if (refuses_missing_)
        refuse(index, fmt::format("the value is missing ('{}'); choose --missing ffill, zero or drop", cell));
      return missing;
    }
    const auto value = parse_real(cell);
    if (!value) refuse(index, number_problem(cell));
    if (std::isinf(*value) && cell.find_first_of("0123456789") == std::string::npos)
      refuse(index,
             fmt::format("'{}' is not finite, and no mean could be taken; write a number, or leave the cell empty "
                         "and choose --missing",
                         trim(cell)));
    if (!fits_float(*value))
      refuse(index,
             fmt::format("'{}' is beyond 3.4e38, the largest of 32-bit numbers; repair it or scale the column", cell));
    return *value;
  }

  [[nodiscard]] DateTime time_in(std::size_t index) const {
    const auto& cell = reader_.fields()[index];
    const auto time = parse_date_time(cell);
    if (!time) refuse(index, date_problem(cell));
    if (rows_.times.empty()) return *time;
    const auto& first = rows_.times.front();
    const auto precision = [](const DateTime& t) { return std::min(t.precision, Precision::day); };
    if (precision(*time) != precision(first))
      refuse(index, fmt::format("'{}' after '{}' (line {}): write all alike, as years, quarters, months or days", cell,
                                text_of(first), rows_.lines.front()));
    if (time->has_offset != first.has_offset)
      refuse(index,
             fmt::format("'{}' has {} offset from UTC, but line {} has {}; write all with one or all without", cell,
                         time->has_offset ? "an" : "no", rows_.lines.front(), first.has_offset ? "one" : "none"));
    return *time;
  }

  CsvReader& reader_;
  const CsvPlan& plan_;
  CsvRows& rows_;
  bool drops_rows_, refuses_missing_;
  std::vector<NumberColumn> numbers_;
  std::vector<std::pair<std::size_t, std::vector<std::string>*>> texts_;
  std::size_t series_ = 0;
};

// The number that stands in for a missing one.
double filling(const CsvRows& rows, const std::string& column, std::size_t row, std::size_t series,
               const std::string& path) {
  const auto& values = rows.numbers.at(column);
  if (row > rows.series_begin[series]) return values[row - 1];
  const auto& name = rows.series_name[series];
  throw DataError(fmt::format("column '{}': the first value{} is missing, nothing to fill it with; see --skip-rows, or "
                              "choose --missing zero or drop",
                              column, name.empty() ? "" : " of '" + name + "'"),
                  path, rows.lines[row]);
}

void fill_missing(CsvRows& rows, const std::string& policy, const std::string& path) {
  std::vector<std::string> filled;
  for (auto& [name, values] : rows.numbers) {
    std::size_t count = 0;
    for (std::size_t s = 0; s < rows.num_series(); ++s)
      for (auto i = rows.series_begin[s]; i < rows.series_begin[s + 1]; ++i)
        if (std::isnan(values[i])) {
          values[i] = policy == "ffill" ? filling(rows, name, i, s, path) : 0.0;
          ++count;
        }
    if (count > 0) filled.push_back(fmt::format("{} in '{}'", count, name));
  }
  if (!filled.empty())
    log::info(fmt::format("{}: missing numbers are filled (--missing {}), as inputs and as targets alike: {}", path,
                          policy, join(filled, ", ")));
}

// 32-bit numbers end at 1e-38, and what varies by so little could not be normalized: the network would see zeros.
void refuse_tiny_columns(const CsvRows& rows, const std::string& path) {
  constexpr double least = 1e-29;
  for (const auto& [name, values] : rows.numbers) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double range = *high - *low;
    if (range > 0 && range < least && range > 1e-7 * std::max(std::abs(*low), std::abs(*high)))
      throw DataError(fmt::format("column '{}': its values differ by {:.2g} at most, which is too little for 32-bit "
                                  "numbers; write it in a smaller unit, so that they are above 1e-20",
                                  name, range),
                      path);
  }
}

}  // namespace

CsvRows read_csv_rows(CsvReader& reader, const CsvPlan& plan, const Options& options) {
  const auto policy = options.choice("missing", {"error", "ffill", "zero", "drop"});
  const auto skip = options.integer("skip-rows", 0);
  const bool drops_duplicates = options.has("drop-duplicates");
  const auto key = drops_duplicates ? reader.column(options.text("drop-duplicates"), "drop-duplicates") : 0;
  CsvRows rows;
  RowReader row_reader(reader, plan, options, rows);
  std::vector<std::string> series_of_row;
  std::unordered_set<std::string> seen;
  Dropped duplicates, without_number;
  Progress progress(fmt::format("reading {}", reader.path()));
  for (std::int64_t row = 0; reader.next(); ++row) {
    if (row % 4096 == 0) progress.show(reader.share_read());
    if (row < skip) continue;
    auto series = row_reader.series();
    auto seen_as = drops_duplicates ? series + '\n' + row_reader.key(key) : std::string();
    if (drops_duplicates && seen.contains(seen_as)) {
      duplicates.add(reader.line());
    } else if (!row_reader.add_row()) {
      without_number.add(reader.line());  // and is nothing that a later row could repeat
    } else {
      if (drops_duplicates) seen.insert(std::move(seen_as));
      series_of_row.push_back(std::move(series));
    }
  }
  duplicates.report(reader.path(), "--drop-duplicates " + (drops_duplicates ? options.text("drop-duplicates") : ""));
  without_number.report(reader.path(), "--missing drop");
  if (rows.num_rows() == 0) throw DataError("has no rows left to read", reader.path());
  order_rows(rows, series_of_row, plan, reader);
  fill_missing(rows, policy, reader.path());
  refuse_tiny_columns(rows, reader.path());
  return rows;
}

}  // namespace seqsweep::data::importers
