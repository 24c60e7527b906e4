// SPDX-License-Identifier: Apache-2.0
#include "data/importers/date_time.hpp"

#include <array>
#include <chrono>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::data::importers {
namespace {

using std::chrono::sys_days;

// Digits of exactly that count at the front, taken off; negative where there are none.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "13", "13:30", "13:30:59.5", each with or without Z.
std::optional<std::int64_t> take_time_of_day(std::string_view text) {
  const int hour = take_digits(text, 2);
  const int minute = take(text, ":") ? take_digits(text, 2) : 0;
  const int second = take(text, ":") ? take_digits(text, 2) : 0;
  if (take(text, "."))
    while (take(text, "0123456789")) {
    }
  take(text, "Z");
  if (!text.empty() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  return hour * 3600 + minute * 60 + second;
}

}  // namespace

std::optional<std::int64_t> parse_date_time(std::string_view text) {
  text = trim(text);
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, "-/")) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 0 || !take(text, "-/")) return std::nullopt;
  const int day = take_digits(text, 2);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (day < 0 || !date.ok()) return std::nullopt;
  const std::int64_t midnight = sys_days(date).time_since_epoch().count() * std::int64_t{86400};
  if (text.empty()) return midnight;
  if (!take(text, "T ")) return std::nullopt;
  const auto seconds = take_time_of_day(text);
  return seconds ? std::optional(midnight + *seconds) : std::nullopt;
}

std::vector<std::string> period_names() {
  return {"minute", "hour", "weekday", "month", "yearday"};
}

double position_in(std::string_view period, std::int64_t seconds) {
  const auto days = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  const std::chrono::year_month_day date(days);
  const auto second_of_day = seconds - days.time_since_epoch().count() * std::int64_t{86400};
  if (period == "minute") return static_cast<double>(second_of_day % 3600) / 3600;
  if (period == "hour") return static_cast<double>(second_of_day) / 86400;
  if (period == "weekday") return static_cast<double>(std::chrono::weekday(days).c_encoding()) / 7;
  if (period == "month") return (static_cast<double>(static_cast<unsigned>(date.month())) - 1) / 12;
  SEQSWEEP_EXPECT(period == "yearday", "no such period");
  const auto new_year = sys_days(date.year() / std::chrono::January / 1);
  return static_cast<double>((days - new_year).count()) / 365.25;
}

}  // namespace seqsweep::data::importers
