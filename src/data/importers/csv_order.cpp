// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_order.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"

namespace seqsweep::data::importers {
namespace {

template <class T>
void reorder(std::vector<T>& values, const std::vector<std::size_t>& order) {
  if (values.empty()) return;
  std::vector<T> ordered;
  ordered.reserve(values.size());
  for (const auto i : order) ordered.push_back(std::move(values[i]));
  values = std::move(ordered);
}

void reorder(CsvRows& rows, const std::vector<std::size_t>& order) {
  for (auto& [name, values] : rows.numbers) reorder(values, order);
  for (auto& [name, values] : rows.texts) reorder(values, order);
  reorder(rows.times, order);
  reorder(rows.lines, order);
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
  reorder(rows, order);
  for (std::size_t i = 0; i < order.size(); ++i)
    if (i == 0 || number[order[i]] != number[order[i - 1]]) rows.series_begin.push_back(i);
  rows.series_begin.push_back(order.size());
}

struct Disorder {
  std::size_t num_series = 0;
  std::int64_t earlier_line = 0, later_line = 0;  // the first row that is earlier than the one before it, and that one
  bool is_backward = true;                        // every series runs from the newest row to the oldest
};

Disorder disorder_in(const CsvRows& rows) {
  Disorder found;
  for (std::size_t s = 0; s < rows.num_series(); ++s) {
    const auto begin = rows.times.begin() + static_cast<std::ptrdiff_t>(rows.series_begin[s]),
               end = rows.times.begin() + static_cast<std::ptrdiff_t>(rows.series_begin[s + 1]);
    const auto step_back = std::is_sorted_until(begin, end);
    if (!std::is_sorted(begin, end, std::greater<>())) found.is_backward = false;
    if (step_back == end) continue;
    if (found.num_series++ > 0) continue;
    const auto row = static_cast<std::size_t>(step_back - rows.times.begin());
    found.earlier_line = rows.lines[row];
    found.later_line = rows.lines[row - 1];
  }
  return found;
}

void sort_by_time(CsvRows& rows) {
  std::vector<std::size_t> order(rows.num_rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t s = 0; s < rows.num_series(); ++s)
    std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(rows.series_begin[s]),
                     order.begin() + static_cast<std::ptrdiff_t>(rows.series_begin[s + 1]),
                     [&](std::size_t a, std::size_t b) { return rows.times[a] < rows.times[b]; });
  reorder(rows, order);
}

void report_sorting(const CsvRows& rows, const Disorder& disorder, const CsvPlan& plan, const CsvReader& reader) {
  const auto what = plan.series.empty() ? std::string("the rows")
                                        : fmt::format("the rows of {} of {} series of '{}'", disorder.num_series,
                                                      rows.num_series(), plan.series);
  const auto how = disorder.is_backward ? std::string("newest first")
                                        : fmt::format("not in the order of time (line {} is earlier than line {})",
                                                      disorder.earlier_line, disorder.later_line);
  log::info(fmt::format("{}: {} are {}; they are sorted by {}", reader.path(), what, how, reader.title(*plan.time)));
}

// The row, of those that repeat the time of the row before them, that stands first in the file; N where there is none.
std::size_t first_repeat(const CsvRows& rows) {
  auto first = rows.num_rows();
  for (std::size_t s = 0; s < rows.num_series(); ++s)
    for (auto i = rows.series_begin[s] + 1; i < rows.series_begin[s + 1]; ++i)
      if (rows.times[i] == rows.times[i - 1] && (first == rows.num_rows() || rows.lines[i] < rows.lines[first]))
        first = i;
  return first;
}

// A date that stays the same all through each whole sequence tells when it was taken, not the order of its steps.
bool is_constant_within_series(const CsvRows& rows) {
  for (std::size_t s = 0; s < rows.num_series(); ++s)
    for (auto i = rows.series_begin[s] + 1; i < rows.series_begin[s + 1]; ++i)
      if (rows.times[i] != rows.times[i - 1]) return false;
  return true;
}

[[noreturn]] void refuse_repeat(const CsvRows& rows, std::size_t row, const CsvPlan& plan, const CsvReader& reader) {
  const auto s = static_cast<std::size_t>(std::upper_bound(rows.series_begin.begin(), rows.series_begin.end(), row) -
                                          rows.series_begin.begin() - 1);
  const auto where = plan.series.empty() ? "" : fmt::format(" of {} '{}'", plan.series, rows.series_name[s]);
  const auto remedy =
      plan.series.empty()
          ? std::string("name the column that tells several series apart in --group")
          : fmt::format("'{}' does not tell all series apart: make one column of all that does", plan.series);
  const bool may_be_autumn = rows.times[row].precision == Precision::time && !rows.times[row].has_offset;
  const auto& name = reader.header()[*plan.time];
  throw DataError(fmt::format("{}: {}{} is in line {}, too; {}{}, or keep the first of each with --drop-duplicates{} "
                              "(--time-column takes another column of dates, or none: rows stay as they are)",
                              reader.title(*plan.time), text_of(rows.times[row]), where, rows.lines[row - 1], remedy,
                              may_be_autumn ? ", write offsets from UTC if clocks went back (02:30+01:00)" : "",
                              name.empty() ? "" : ' ' + name),
                  reader.path(), rows.lines[row]);
}

}  // namespace

void order_rows(CsvRows& rows, const std::vector<std::string>& series_of_row, const CsvPlan& plan,
                const CsvReader& reader) {
  order_by_series(rows, series_of_row);
  if (!plan.time) return;
  if (plan.has_whole_sequences && !plan.is_time_named && is_constant_within_series(rows)) return;
  const auto disorder = disorder_in(rows);
  if (disorder.num_series > 0) sort_by_time(rows);
  if (const auto row = first_repeat(rows); row < rows.num_rows()) refuse_repeat(rows, row, plan, reader);
  if (disorder.num_series > 0) report_sorting(rows, disorder, plan, reader);
}

}  // namespace seqsweep::data::importers
