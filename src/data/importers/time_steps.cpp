// SPDX-License-Identifier: Apache-2.0
#include "data/importers/time_steps.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::data::importers {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::int64_t day_s = 86400;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t fewest_weekdays = 10;  // two weeks: fewer may miss a weekend by chance

// Of a ruler's unit: seconds and the nanoseconds beyond; months; weekdays.
struct Step {
  std::int64_t whole = 0;
  std::int64_t nanoseconds = 0;
  friend auto operator<=>(const Step&, const Step&) = default;
};

struct Measured {
  std::vector<Step> steps;  // [N - 1]
  std::string (*text_of)(const Step&);
};

std::string counted(std::int64_t count, const char* unit) {
  return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

std::string text_of_time(const Step& step) {
  if (step.nanoseconds != 0)
    return shortest(static_cast<double>(step.whole) +
                    static_cast<double>(step.nanoseconds) / static_cast<double>(second_ns)) +
           " s";
  constexpr std::array<std::pair<std::int64_t, const char*>, 3> units = {
      {{day_s, "day"}, {3600, "hour"}, {60, "minute"}}};
  for (const auto& [size, unit] : units)
    if (step.whole % size == 0 && step.whole != 0) return counted(step.whole / size, unit);
  return counted(step.whole, "second");
}

std::string text_of_months(const Step& step) {
  return step.whole % 12 == 0 ? counted(step.whole / 12, "year") : counted(step.whole, "month");
}

std::string text_of_weekdays(const Step& step) {
  return counted(step.whole, "weekday");
}

template <class Difference>
std::vector<Step> differences(std::span<const DateTime> times, Difference&& difference) {
  std::vector<Step> steps;
  for (std::size_t i = 1; i < times.size(); ++i) steps.push_back(difference(times[i - 1], times[i]));
  return steps;
}

// A leap second is a second that days are not counted with.
Step from_to(std::int64_t seconds, const DateTime& a, const DateTime& b) {
  const auto nanoseconds = std::int64_t{b.nanoseconds} - a.nanoseconds;
  if (a.nanoseconds >= second_ns && seconds > 0) ++seconds;
  const auto whole = nanoseconds >= 0 ? nanoseconds / second_ns : -((second_ns - 1 - nanoseconds) / second_ns);
  return {seconds + whole, nanoseconds - whole * second_ns};
}

Measured by_time(std::span<const DateTime> times) {
  return {differences(times, [](const DateTime& a,
                                const DateTime& b) { return from_to(b.utc_seconds() - a.utc_seconds(), a, b); }),
          text_of_time};
}

Measured by_clock(std::span<const DateTime> times) {
  return {differences(times, [](const DateTime& a, const DateTime& b) { return from_to(b.seconds - a.seconds, a, b); }),
          text_of_time};
}

sys_days day_of(const DateTime& time) {
  return std::chrono::floor<days>(std::chrono::sys_seconds(std::chrono::seconds(time.seconds)));
}

bool are_at_one_time_of_day(std::span<const DateTime> times) {
  const auto of_day = [](const DateTime& t) {
    return std::pair(t.seconds - day_of(t).time_since_epoch().count() * day_s, t.nanoseconds);
  };
  return std::all_of(times.begin(), times.end(), [&](const DateTime& t) { return of_day(t) == of_day(times[0]); });
}

std::optional<Measured> by_month(std::span<const DateTime> times) {
  if (!are_at_one_time_of_day(times)) return std::nullopt;
  using std::chrono::year_month_day;
  const auto date_of = [](const DateTime& time) { return year_month_day(day_of(time)); };
  std::chrono::day anchor{0};
  for (const auto& time : times) anchor = std::max(anchor, date_of(time).day());
  for (const auto& time : times) {
    const auto date = date_of(time);
    const auto last = year_month_day(date.year() / date.month() / std::chrono::last).day();
    if (date.day() != std::min(anchor, last)) return std::nullopt;
  }
  const auto month_of = [&](const DateTime& time) {
    return static_cast<int>(date_of(time).year()) * 12 + static_cast<int>(static_cast<unsigned>(date_of(time).month()));
  };
  return Measured{differences(times,
                              [&](const DateTime& a, const DateTime& b) {
                                return Step{month_of(b) - month_of(a), 0};
                              }),
                  text_of_months};
}

std::optional<Measured> by_weekday(std::span<const DateTime> times) {
  if (times.size() < fewest_weekdays || !are_at_one_time_of_day(times)) return std::nullopt;
  const auto weekday_of = [](const DateTime& time) { return std::chrono::weekday(day_of(time)).iso_encoding(); };
  if (std::any_of(times.begin(), times.end(), [&](const DateTime& t) { return weekday_of(t) > 5; }))
    return std::nullopt;
  const auto number_of = [&](const DateTime& time) {
    const auto monday = day_of(time).time_since_epoch().count() - static_cast<std::int64_t>(weekday_of(time)) + 1;
    return (monday + 3) / 7 * 5 + static_cast<std::int64_t>(weekday_of(time));  // 1970-01-01 was a Thursday
  };
  return Measured{differences(times,
                              [&](const DateTime& a, const DateTime& b) {
                                return Step{number_of(b) - number_of(a), 0};
                              }),
                  text_of_weekdays};
}

TimeSteps steps_of(const Measured& measured) {
  std::map<Step, std::size_t> frequency;
  for (const auto& step : measured.steps) ++frequency[step];
  const auto usual = std::max_element(frequency.begin(), frequency.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  TimeSteps found{measured.text_of(usual->first), {}};
  for (std::size_t i = 0; i < measured.steps.size(); ++i)
    if (measured.steps[i] != usual->first) found.gaps.push_back(i + 1);
  return found;
}

}  // namespace

TimeSteps steps_in(std::span<const DateTime> times) {
  if (times.size() < 2) return {};
  auto best = steps_of(by_time(times));
  // Where both fit alike, it is months: few of them may be of as many days by chance.
  const bool are_calendar_periods = times.front().precision < Precision::day;
  if (best.gaps.empty() && !are_calendar_periods) return best;
  for (const auto& measured : std::array{std::optional(by_clock(times)), by_month(times), by_weekday(times)}) {
    if (!measured) continue;
    auto steps = steps_of(*measured);
    const bool is_by_month = measured->text_of == text_of_months;
    if (steps.gaps.size() < best.gaps.size() + (is_by_month ? 1 : 0)) best = std::move(steps);
  }
  return best;
}

}  // namespace seqsweep::data::importers
