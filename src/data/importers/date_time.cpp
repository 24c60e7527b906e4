// SPDX-License-Identifier: Apache-2.0
#include "data/importers/date_time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::data::importers {
namespace {

using std::chrono::sys_days;

constexpr std::int64_t day_s = 86400;
constexpr std::int32_t second_ns = 1'000'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_at_front(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

// Digits of exactly that count at the front, taken off; negative where there are none.
int take_digits(std::string_view& text, std::size_t count) {
  if (digits_at_front(text) < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + (text[i] - '0');
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

struct Date {
  sys_days day;
  Precision precision = Precision::day;
};

std::optional<Date> date_of(int year, int month, int day, Precision precision = Precision::day) {
  if (month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return date.ok() ? std::optional(Date{date, precision}) : std::nullopt;
}

// "-Q3", "Q3".
std::optional<Date> take_quarter(std::string_view& text, int year) {
  const int quarter = take_digits(text, 1);
  return quarter < 1 || quarter > 4 ? std::nullopt : date_of(year, 3 * quarter - 2, 1, Precision::quarter);
}

// The weeks of ISO 8601: week 1 holds January 4th, day 1 is a Monday.
std::optional<Date> take_week(std::string_view& text, int year) {
  const auto monday_of_week_1 = [](int y) {
    const sys_days fourth = std::chrono::year(y) / std::chrono::January / 4;
    return fourth - (std::chrono::weekday(fourth) - std::chrono::Monday);
  };
  const int week = take_digits(text, 2);
  const bool has_day = take(text, "-") || digits_at_front(text) > 0;
  const int weekday = has_day ? take_digits(text, 1) : 1;
  if (week < 1 || weekday < 1 || weekday > 7) return std::nullopt;
  const auto day = monday_of_week_1(year) + std::chrono::days(7 * (week - 1) + weekday - 1);
  return day < monday_of_week_1(year + 1) ? std::optional(Date{day}) : std::nullopt;
}

std::optional<Date> take_day_of_year(std::string_view& text, int year) {
  const int day = take_digits(text, 3);
  const sys_days new_year = std::chrono::year(year) / std::chrono::January / 1;
  if (day < 1 || day > (std::chrono::year(year).is_leap() ? 366 : 365)) return std::nullopt;
  return Date{new_year + std::chrono::days(day - 1)};
}

std::optional<Date> take_date(std::string_view& text) {
  const int year = take_digits(text, 4);
  if (year < 1) return std::nullopt;
  if (text.empty()) return date_of(year, 1, 1, Precision::year);
  const char separator = text.front() == '-' || text.front() == '/' ? text.front() : '\0';
  if (separator != '\0') text.remove_prefix(1);
  if (separator != '/' && take(text, "Qq")) return take_quarter(text, year);
  if (separator != '/' && take(text, "W")) return take_week(text, year);
  if (separator != '/' && digits_at_front(text) == 3) return take_day_of_year(text, year);
  if (separator == '\0' && digits_at_front(text) != 4) return std::nullopt;  // 201607 might be a date of 2020
  const int month = take_digits(text, 2);
  if (separator != '\0' && text.empty()) return date_of(year, month, 1, Precision::month);
  if (separator != '\0' && !take(text, {&separator, 1})) return std::nullopt;
  return date_of(year, month, take_digits(text, 2));
}

struct TimeOfDay {
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
};

// ".5" or ",5" of a unit: of hours, minutes or seconds, whichever was written last.
bool take_fraction(std::string_view& text, int unit_s, TimeOfDay& time) {
  if (!take(text, ".,")) return true;
  const auto count = digits_at_front(text);
  if (count == 0) return false;
  std::int64_t billionths = 0;
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 9); ++i) {
    const int digit = i < count ? text[i] - '0' : 0;
    if (i < 9) billionths = billionths * 10 + digit;
    if (i >= 9 && digit != 0) return false;
  }
  text.remove_prefix(count);
  time.seconds += billionths * unit_s / second_ns;
  time.nanoseconds += static_cast<std::int32_t>(billionths * unit_s % second_ns);
  return true;
}

// "13", "13:30", "1330", "13:30:59.5", "24:00".
std::optional<TimeOfDay> take_time_of_day(std::string_view& text) {
  int unit_s = 3600;
  const int hour = take_digits(text, 2);
  int minute = 0, second = 0;
  const bool is_extended = text.starts_with(':');
  if (take(text, ":") || digits_at_front(text) > 0) {
    minute = take_digits(text, 2);
    unit_s = 60;
    if (is_extended ? take(text, ":") : digits_at_front(text) > 0) {
      second = take_digits(text, 2);
      unit_s = 1;
    }
  }
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
  const bool is_leap_second = second == 60;
  if (is_leap_second && minute % 15 != 14) return std::nullopt;  // 23:59:60 UTC, in offsets of quarters of an hour
  TimeOfDay time{hour * 3600 + minute * 60 + second - is_leap_second, is_leap_second ? second_ns : 0};
  if (!take_fraction(text, unit_s, time)) return std::nullopt;
  const bool is_after_midnight = time.seconds > day_s || (time.seconds == day_s && time.nanoseconds > 0);
  return is_after_midnight ? std::nullopt : std::optional(time);
}

// "Z", "+01:00", "-0330", "+01", " UTC". Nothing is no offset either; what is left over is the caller's.
bool take_offset(std::string_view& text, DateTime& time) {
  text = trim(text);
  time.has_offset = !text.empty();
  if (text.empty() || take(text, "Zz")) return true;
  if (text == "UTC" || text == "GMT") {
    text = {};
    return true;
  }
  const bool is_west = text.front() == '-';
  if (!take(text, "+-")) return false;
  const int hours = take_digits(text, 2);
  const int minutes = take(text, ":") || digits_at_front(text) > 0 ? take_digits(text, 2) : 0;
  if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) return false;
  time.offset_s = (is_west ? -1 : 1) * (hours * 3600 + minutes * 60);
  return true;
}

std::int64_t day_number(const DateTime& time) {
  return (time.seconds - (time.seconds % day_s + day_s) % day_s) / day_s;
}

// Seconds or milliseconds since 1970, of the years 2001 to 2033: no day in digits begins with a 1.
std::optional<DateTime> unix_time(std::string_view text) {
  const auto count = digits_at_front(text);
  if (count != text.size() || (count != 10 && count != 13) || text.front() != '1') return std::nullopt;
  const auto number = *parse_integer(text);
  const std::int64_t per_second = count == 10 ? 1 : 1000;
  DateTime time;
  time.seconds = number / per_second;
  time.nanoseconds = static_cast<std::int32_t>(number % per_second * (second_ns / per_second));
  time.has_offset = true;
  time.precision = Precision::time;
  return time;
}

}  // namespace

std::optional<DateTime> parse_date_time(std::string_view text) {
  text = trim(text);
  if (const auto time = unix_time(text)) return time;
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  DateTime time;
  time.seconds = date->day.time_since_epoch().count() * day_s;
  time.precision = date->precision;
  if (text.empty()) return time;
  if (date->precision != Precision::day || !take(text, "Tt ")) return std::nullopt;
  const auto of_day = take_time_of_day(text);
  if (!of_day || !take_offset(text, time) || !text.empty()) return std::nullopt;
  time.seconds += of_day->seconds;
  time.nanoseconds = of_day->nanoseconds;
  time.precision = Precision::time;
  return time;
}

bool has_year_last(std::string_view text) {
  text = trim(text);
  for (int part = 0; part < 2; ++part) {
    const auto count = digits_at_front(text);
    if (count < 1 || count > 2) return false;
    text.remove_prefix(count);
    if (!take(text, "/.-")) return false;
  }
  const auto count = digits_at_front(text);
  if (count != 2 && count != 4) return false;
  text.remove_prefix(count);
  return text.empty() || text.front() == ' ' || text.front() == 'T';
}

bool looks_like_date(std::string_view text) {
  text = trim(text);
  const auto is_in_dates = [](char c) { return is_digit(c) || c == '-' || c == '/' || c == '.'; };
  const auto end = std::find_if_not(text.begin(), text.end(), is_in_dates);
  const auto num_parts = std::count_if(text.begin(), end, [](char c) { return !is_digit(c); });
  const bool has_time_behind = end == text.end() || *end == ' ' || *end == 'T';
  const bool has_month_name = text.find_first_of("JFMASOND") != std::string_view::npos && num_parts == 0;
  return digits_at_front(text) > 0 && has_time_behind && (num_parts == 2 || (has_month_name && end != text.end()));
}

std::string date_problem(std::string_view text) {
  if (has_year_last(text))
    return fmt::format(
        "'{}' has the year last, so that the day or the month may come first; write it as 2016-07-01 "
        "(year, month, day)",
        trim(text));
  return fmt::format("'{}' is no date; written as 2016-07-01, 2016-07-01 13:30:00.5+02:00, 2016-07 or 2016-Q3", text);
}

std::string text_of(const DateTime& time) {
  const std::chrono::year_month_day date(sys_days(std::chrono::days(day_number(time))));
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month());
  if (time.precision == Precision::year) return fmt::format("{:04}", year);
  if (time.precision == Precision::quarter) return fmt::format("{:04}-Q{}", year, (month + 2) / 3);
  auto text = fmt::format("{:04}-{:02}", year, month);
  if (time.precision == Precision::month) return text;
  text += fmt::format("-{:02}", static_cast<unsigned>(date.day()));
  if (time.precision == Precision::day) return text;
  const auto of_day = time.seconds - day_number(time) * day_s;
  text +=
      fmt::format(" {:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60 + time.nanoseconds / second_ns);
  if (auto fraction = fmt::format("{:09}", time.nanoseconds % second_ns); time.nanoseconds % second_ns != 0)
    text += '.' + fraction.substr(0, fraction.find_last_not_of('0') + 1);
  if (time.has_offset)
    text += fmt::format("{}{:02}:{:02}", time.offset_s < 0 ? '-' : '+', std::abs(time.offset_s) / 3600,
                        std::abs(time.offset_s) / 60 % 60);
  return text;
}

std::vector<std::string> period_names() {
  return {"minute", "hour", "weekday", "month", "yearday"};
}

bool has_position(std::string_view period, Precision precision) {
  if (precision >= Precision::day) return true;
  return period == "month" && precision != Precision::year;
}

double position_in(std::string_view period, const DateTime& time) {
  const auto days = sys_days(std::chrono::days(day_number(time)));
  const std::chrono::year_month_day date(days);
  const auto second_of_day = time.seconds - day_number(time) * day_s;
  const double fraction = time.nanoseconds / static_cast<double>(second_ns);
  if (period == "minute") return (static_cast<double>(second_of_day % 3600) + fraction) / 3600;
  if (period == "hour") return (static_cast<double>(second_of_day) + fraction) / 86400;
  if (period == "weekday") return static_cast<double>(std::chrono::weekday(days).c_encoding()) / 7;
  if (period == "month") return (static_cast<double>(static_cast<unsigned>(date.month())) - 1) / 12;
  SEQSWEEP_EXPECT(period == "yearday", "no such period");
  const auto new_year = sys_days(date.year() / std::chrono::January / 1);
  return static_cast<double>((days - new_year).count()) / 365.25;
}

}  // namespace seqsweep::data::importers
