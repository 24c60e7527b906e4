// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_cuts.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "data/importers/time_steps.hpp"
#include "data/splits.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr auto no_time = "no column holds dates and times; name it with --time-column";

using Ends = std::array<std::size_t, 3>;

// The rows of one series.
struct Range {
  std::size_t begin = 0, end = 0;
};

// The two or three values of --split-rows or --split-dates.
template <class Cut, class Parse>
std::vector<Cut> cuts_of(const Options& given, const char* option, Parse&& parse) {
  std::vector<Cut> cuts;
  for (const auto& text : given.list(option)) {
    const std::optional<Cut> value = parse(text);
    if (!value || (!cuts.empty() && *value < cuts.back()))
      given.refuse(option, fmt::format("'{}' is no valid cut; give two or three in rising order", text));
    cuts.push_back(*value);
  }
  if (cuts.size() < 2 || cuts.size() > 3) given.refuse(option, "takes two or three cuts A,B[,C]");
  return cuts;
}

Ends ends_by_rows(const Options& given, std::size_t num_rows, const std::string& series, const std::string& path) {
  auto cuts = cuts_of<std::int64_t>(given, "split-rows", [](const std::string& text) { return parse_integer(text); });
  if (cuts.size() == 2) cuts.push_back(static_cast<std::int64_t>(num_rows));
  if (cuts[0] < 1) given.refuse("split-rows", "leaves nothing to train on");
  if (cuts[1] > static_cast<std::int64_t>(num_rows) || cuts[2] > static_cast<std::int64_t>(num_rows))
    throw DataError(fmt::format("{}has {} rows, fewer than --split-rows {}",
                                series.empty() ? "" : "group '" + series + "' ", num_rows, given.text("split-rows")),
                    path);
  return {static_cast<std::size_t>(cuts[0]), static_cast<std::size_t>(cuts[1]), static_cast<std::size_t>(cuts[2])};
}

// A cut without an offset is a time of the clock that the column writes down.
bool reaches(const DateTime& time, const DateTime& cut) {
  const auto clock = [](const DateTime& t) { return std::pair(t.seconds, t.nanoseconds); };
  return cut.has_offset ? time >= cut : clock(time) >= clock(cut);
}

std::vector<DateTime> dates_of(const Options& given, const CsvRows& rows) {
  if (rows.times.empty()) given.refuse("split-dates", no_time);
  auto dates = cuts_of<DateTime>(given, "split-dates", [&](const std::string& text) {
    const auto date = parse_date_time(text);
    if (!date) given.refuse("split-dates", date_problem(text));
    return date;
  });
  for (const auto& date : dates) {
    if (date.has_offset && !rows.times.front().has_offset)
      given.refuse("split-dates", fmt::format("'{}' has an offset from UTC, but the column of dates has none; write "
                                              "the cut as the column does",
                                              text_of(date)));
    if (date.has_offset != dates.front().has_offset)
      given.refuse("split-dates", "write an offset from UTC in all cuts or in none");
  }
  if (std::none_of(rows.times.begin(), rows.times.end(), [&](const auto& t) { return reaches(t, dates.front()); }))
    given.refuse("split-dates", fmt::format("cuts nothing off: the last row is of {}",
                                            text_of(*std::max_element(rows.times.begin(), rows.times.end()))));
  return dates;
}

Ends ends_by_dates(const std::vector<DateTime>& dates, const CsvRows& rows, Range series) {
  Ends ends = {0, 0, series.end - series.begin};
  for (std::size_t i = 0; i < dates.size(); ++i) {
    const auto first = rows.times.begin() + static_cast<std::ptrdiff_t>(series.begin),
               last = rows.times.begin() + static_cast<std::ptrdiff_t>(series.end);
    ends[i] = static_cast<std::size_t>(
        std::find_if(first, last, [&](const auto& time) { return reaches(time, dates[i]); }) - first);
  }
  ends[1] = std::max(ends[0], ends[1]);  // clocks may go back an hour
  ends[2] = std::max(ends[1], ends[2]);
  return ends;
}

// Where the parts of each series end, counted from its first row.
std::vector<Ends> ends_of(const CsvRows& rows, const Options& given, const std::string& path) {
  std::vector<std::size_t> sizes;
  for (std::size_t s = 0; s < rows.num_series(); ++s) sizes.push_back(rows.series_begin[s + 1] - rows.series_begin[s]);
  if (!given.has("split-rows") && !given.has("split-dates")) return split_ends(sizes, split_fractions(given));
  const auto dates = given.has("split-dates") ? dates_of(given, rows) : std::vector<DateTime>();
  std::vector<Ends> ends;
  for (std::size_t s = 0; s < sizes.size(); ++s)
    ends.push_back(dates.empty() ? ends_by_rows(given, sizes[s], rows.series_name[s], path)
                                 : ends_by_dates(dates, rows, {rows.series_begin[s], rows.series_begin[s + 1]}));
  return ends;
}

// Breaks a series that is already cut into its parts.
std::vector<Series> break_at_gaps(const Series& whole, Range range, std::vector<std::size_t> gaps) {
  std::vector<Series> pieces;
  gaps.push_back(range.end - range.begin);
  auto begin = whole.begin;
  for (const auto gap : gaps) {
    const auto stop = range.begin + gap;
    Series piece{begin, whole.ends};
    for (auto& e : piece.ends) e = std::clamp(e, begin, stop);
    pieces.push_back(piece);
    begin = stop;
  }
  return pieces;
}

std::vector<TimeSteps> time_steps(const CsvRows& rows) {
  std::vector<TimeSteps> steps(rows.num_series());
  if (rows.times.empty()) return steps;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const auto begin = rows.series_begin[s], end = rows.series_begin[s + 1];
    steps[s] = steps_in(std::span(rows.times).subspan(begin, end - begin));
  }
  return steps;
}

std::string some_of(const std::set<std::string>& texts) {
  constexpr std::size_t most = 4;
  const std::vector<std::string> all(texts.begin(), texts.end());
  const auto shown = std::span(all).first(std::min(most, all.size()));
  return join(shown, " or ") + (all.size() > most ? " …" : "");
}

void report_gaps(const CsvRows& rows, const std::vector<TimeSteps>& steps, bool breaks, const std::string& path) {
  std::set<std::string> usual;
  std::size_t num_gaps = 0, num_series = 0, first = 0;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (!steps[s].usual.empty()) usual.insert(steps[s].usual);
    if (!steps[s].gaps.empty() && num_series++ == 0) first = rows.series_begin[s] + steps[s].gaps.front();
    num_gaps += steps[s].gaps.size();
  }
  if (usual.empty() || (num_gaps == 0 && !breaks)) return;
  const auto step = fmt::format("the usual step is {}", some_of(usual));
  if (num_gaps == 0) return log::info(fmt::format("{}: {}; there is no gap", path, step));
  log::info(fmt::format("{}: {}; {} gap{}{}, the first before line {} ({} after {}); {}", path, step, num_gaps,
                        num_gaps == 1 ? "" : "s",
                        steps.size() > 1 ? fmt::format(" in {} of {} series", num_series, steps.size()) : "",
                        rows.lines[first], text_of(rows.times[first]), text_of(rows.times[first - 1]),
                        breaks ? "no window spans one" : "windows cross them (see --gaps break)"));
}

}  // namespace

std::vector<Series> cut_series(const CsvRows& rows, const Options& given, const std::string& path) {
  const bool breaks = given.choice("gaps", {"cross", "break"}) == "break";
  if (breaks && rows.times.empty()) given.refuse("gaps", no_time);
  const auto steps = time_steps(rows);
  const auto all_ends = ends_of(rows, given, path);
  std::vector<Series> series;
  for (std::size_t s = 0; s < rows.num_series(); ++s) {
    const Range range{rows.series_begin[s], rows.series_begin[s + 1]};
    auto ends = all_ends[s];
    for (auto& e : ends) e += range.begin;
    const Series whole{range.begin, ends};
    const auto pieces = breaks ? break_at_gaps(whole, range, steps[s].gaps) : std::vector<Series>{whole};
    series.insert(series.end(), pieces.begin(), pieces.end());
  }
  report_gaps(rows, steps, breaks, path);
  return series;
}

}  // namespace seqsweep::data::importers
