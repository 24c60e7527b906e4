// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seqsweep::data::importers {

/// How much of a point in time is written.
enum class Precision : std::uint8_t { year, quarter, month, day, time };

/// A point in time as it is written: what the clock of its place shows, and how far that clock is from UTC.
struct DateTime {
  std::int64_t seconds = 0;      ///< since 1970-01-01 00:00 of that clock [s]
  std::int32_t nanoseconds = 0;  ///< further; a leap second (23:59:60) is the second before it and 1e9 [ns]
  std::int32_t offset_s = 0;     ///< of that clock from UTC; 0 where none is written [s]
  bool has_offset = false;
  Precision precision = Precision::day;

  [[nodiscard]] std::int64_t utc_seconds() const { return seconds - offset_s; }
  /// Compares the instants, not the clocks.
  friend std::strong_ordering operator<=>(const DateTime& a, const DateTime& b) {
    const auto by_second = a.utc_seconds() <=> b.utc_seconds();
    return by_second != std::strong_ordering::equal ? by_second : a.nanoseconds <=> b.nanoseconds;
  }
  friend bool operator==(const DateTime& a, const DateTime& b) { return (a <=> b) == std::strong_ordering::equal; }
};

/// Reads ISO 8601 and what is near it, years 0001 to 9999: "2016-07-01", "2016/07/01 13:30", "20160701T133059,5+0100",
/// "2016-07-01 13:30:59.5 UTC", "2016-W26-5", "2016-183", "2016-07", "2016-Q3", "2016"; and Unix time, "1467379859" in
/// seconds or with three digits more in milliseconds. Fractions are exact down to a nanosecond; finer ones are refused.
[[nodiscard]] std::optional<DateTime> parse_date_time(std::string_view text);

/// Whether the text is a date of which the year is the last part: 01/07/2016, 1.7.16, 25-12-2016 12:00.
[[nodiscard]] bool has_year_last(std::string_view text);
/// Whether people would take the text for a date, though parse_date_time() may not: 2016-7-1, 01 Jul 2016, 1.7.16.
[[nodiscard]] bool looks_like_date(std::string_view text);

/// What is wrong with a text that parse_date_time() refuses, and how to write it.
[[nodiscard]] std::string date_problem(std::string_view text);

/// The point in time as ISO 8601 has it, as far as it was written: "2016-07-01 13:30:59.5+01:00", "2016-Q3".
[[nodiscard]] std::string text_of(const DateTime& time);

/// A period of which the position goes round a circle: (sin, cos) of 2π · position.
[[nodiscard]] std::vector<std::string> period_names();
/// Where in the period the clock of its place stands (13:30+01:00 is half past one), 0 … 1. `period` is one of
/// period_names().
[[nodiscard]] double position_in(std::string_view period, const DateTime& time);
/// Whether a time of that precision has a place in the period: a month has none in the week.
[[nodiscard]] bool has_position(std::string_view period, Precision precision);

}  // namespace seqsweep::data::importers
