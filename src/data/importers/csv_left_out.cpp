// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_left_out.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::size_t most_names = 5;

struct Coverage {
  RowSet by_training, by_any;
};

Coverage coverage_of(const CsvRows& rows, std::span<const Series> series, const Forecast& forecast) {
  Coverage coverage{covered_rows(series, forecast, Split::train, rows.num_rows()), {}};
  coverage.by_any = coverage.by_training;
  for (const Split split : {Split::validation, Split::test}) {
    const auto covered = covered_rows(series, forecast, split, rows.num_rows());
    for (std::size_t row = 0; row < covered.size(); ++row)
      if (covered[row]) coverage.by_any[row] = true;
  }
  return coverage;
}

std::size_t count_in(const RowSet& set, std::size_t begin, std::size_t end) {
  const auto at = [&](std::size_t row) { return set.begin() + static_cast<std::ptrdiff_t>(row); };
  return static_cast<std::size_t>(std::count(at(begin), at(end), true));
}

// Things that have no window, the first ones by name.
struct LeftOut {
  std::vector<std::string> names;
  std::size_t num_rows = 0;
  bool are_short = true;  // all of them, so that no cut could give them one

  void add(std::string name, std::size_t rows, std::size_t needed) {
    names.push_back(std::move(name));
    num_rows += rows;
    are_short = are_short && rows < needed;
  }
  [[nodiscard]] std::string text() const {
    const auto shown = std::span(names).first(std::min(most_names, names.size()));
    const auto more = names.size() - shown.size();
    return join(shown, ", ") + (more > 0 ? fmt::format(", … ({} more)", more) : "");
  }
};

std::string rows_text(std::size_t count) {
  return fmt::format("{} row{}", count, count == 1 ? "" : "s");
}

std::string verb(std::size_t count) {
  return count == 1 ? "is" : "are";
}

void report(const LeftOut& left_out, std::size_t of, const char* things, std::size_t needed, const std::string& path) {
  if (left_out.names.empty()) return;
  const auto why = left_out.are_short ? fmt::format("shorter than window + horizon ({})", rows_text(needed))
                                      : fmt::format("without a window of which the horizon lies in one part");
  log::info(fmt::format("{}: {} of {} {} {} {} and left out ({}): {}", path, left_out.names.size(), of, things,
                        verb(left_out.names.size()), why, rows_text(left_out.num_rows), left_out.text()));
}

void report_groups(const CsvRows& rows, const Coverage& coverage, std::size_t needed, const std::string& path) {
  if (rows.num_series() < 2) return;
  LeftOut without_window, untrained;
  for (std::size_t s = 0; s < rows.num_series(); ++s) {
    const auto begin = rows.series_begin[s], end = rows.series_begin[s + 1];
    if (count_in(coverage.by_any, begin, end) == 0)
      without_window.add(rows.series_name[s], end - begin, needed);
    else if (count_in(coverage.by_training, begin, end) == 0)
      untrained.add(rows.series_name[s], end - begin, needed);
  }
  report(without_window, rows.num_series(), "groups", needed, path);
  if (!untrained.names.empty())
    log::info(fmt::format("{}: {} of {} groups have no training window, only later ones: {}", path,
                          untrained.names.size(), rows.num_series(), untrained.text()));
}

// Only where a series is broken into several.
void report_pieces(const CsvRows& rows, std::span<const Series> series, const Coverage& coverage, std::size_t needed,
                   const std::string& path) {
  if (series.size() == rows.num_series()) return;
  LeftOut without_window;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto begin = series[i].begin;
    const auto next = i + 1 < series.size() ? series[i + 1].begin : rows.num_rows();
    if (count_in(coverage.by_any, begin, next) > 0) continue;
    without_window.add(fmt::format("from line {}", rows.lines[begin]), next - begin, needed);
  }
  report(without_window, series.size(), "pieces between gaps", needed, path);
}

void report_rows(std::span<const Series> series, const Coverage& coverage, const std::string& path) {
  std::size_t count = 0;
  for (const auto& one : series) {
    const auto covered = count_in(coverage.by_any, one.begin, one.ends[2]);
    if (covered > 0) count += one.ends[2] - one.begin - covered;
  }
  if (count > 0)
    log::info(fmt::format("{}: {} other row{} {} in no window (between two, or behind the last)", path, count,
                          count == 1 ? "" : "s", verb(count)));
}

void report_parts(std::span<const Series> series, const Forecast& forecast, std::size_t num_rows,
                  const std::string& path) {
  for (const Split split : {Split::validation, Split::test}) {
    const auto part = static_cast<std::size_t>(split);
    std::size_t rows_in_part = 0;
    for (const auto& one : series) rows_in_part += one.ends[part] - one.ends[part - 1];
    if (rows_in_part > 0 && count_in(covered_rows(series, forecast, split, num_rows), 0, num_rows) == 0)
      log::warning(fmt::format("{}: the {} part has {} but no window that ends in it, so it is empty", path,
                               name_of(split), rows_text(rows_in_part)));
  }
}

}  // namespace

void report_left_out(const CsvRows& rows, std::span<const Series> series, const Forecast& forecast,
                     const std::string& path) {
  const auto coverage = coverage_of(rows, series, forecast);
  const auto needed = forecast.window + forecast.last_horizon;
  report_groups(rows, coverage, needed, path);
  report_pieces(rows, series, coverage, needed, path);
  report_rows(series, coverage, path);
  report_parts(series, forecast, rows.num_rows(), path);
}

}  // namespace seqsweep::data::importers
