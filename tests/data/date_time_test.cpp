// SPDX-License-Identifier: Apache-2.0
#include "data/importers/date_time.hpp"

#include <gmock/gmock.h>

#include "data/importers/time_steps.hpp"

namespace seqsweep::data::importers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t day_s = 86400;
constexpr std::int64_t first_of_july_2016 = 1467331200;  // 00:00 UTC

DateTime at(std::string_view text) {
  const auto time = parse_date_time(text);
  EXPECT_TRUE(time.has_value()) << text;
  return time.value_or(DateTime{});
}

std::vector<DateTime> all(std::initializer_list<std::string_view> texts) {
  std::vector<DateTime> times;
  for (const auto text : texts) times.push_back(at(text));
  return times;
}

TEST(DateTime, one_instant_is_read_from_every_form_of_iso_8601) {
  for (const auto* text : {"2016-07-01 13:30", "2016/07/01T13:30:00", "20160701T133000", "20160701T1330",
                           "2016-07-01T13:30:00.000", "2016-07-01T13,5", "2016-07-01 13:30Z", "2016-07-01 13:30:00 UTC",
                           "2016-07-01T14:30+01:00", "2016-07-01T14:30:00+0100", "2016-07-01 14:30:00 +01",
                           "2016-07-01T10:00-03:30", "2016-183 13:30", "2016-W26-5T13:30", "2016W265T1330"})
    EXPECT_EQ(at(text).utc_seconds(), first_of_july_2016 + 13 * 3600 + 1800) << text;
}

TEST(DateTime, fractions_of_a_second_are_exact) {
  EXPECT_EQ(at("2016-07-01 00:00:00.1").nanoseconds, 100'000'000);
  EXPECT_EQ(at("2016-07-01 00:00:00,123456789").nanoseconds, 123'456'789);
  EXPECT_EQ(at("2016-07-01 00:00:00.1000000000000").nanoseconds, 100'000'000);
  EXPECT_EQ(at("0001-01-01 00:00:00.000000001").nanoseconds, 1);
  EXPECT_LT(at("2016-07-01 00:00:00.1"), at("2016-07-01 00:00:00.2"));
  EXPECT_FALSE(parse_date_time("2016-07-01 00:00:00.0000000001"));  // finer than what is kept
}

TEST(DateTime, the_whole_span_of_years_is_kept) {
  EXPECT_EQ(at("0001-01-01").seconds, -62135596800);
  EXPECT_EQ(at("9999-12-31T23:59:59").seconds, 253402300799);
  EXPECT_EQ(at("2016-02-29").seconds - at("2016-02-28").seconds, day_s);
}

TEST(DateTime, the_end_of_a_day_and_leap_seconds_have_their_place) {
  EXPECT_EQ(at("2016-07-01T24:00"), at("2016-07-02T00:00"));
  EXPECT_LT(at("2016-12-31T23:59:59.9"), at("2016-12-31T23:59:60"));
  EXPECT_LT(at("2016-12-31T23:59:60.9"), at("2017-01-01T00:00:00"));
  EXPECT_EQ(at("2017-01-01T05:29:60+05:30"), at("2016-12-31T23:59:60Z"));
}

TEST(DateTime, months_quarters_and_years_are_their_first_day_and_know_what_they_are) {
  EXPECT_EQ(at("2016-07"), at("2016-07-01"));
  EXPECT_EQ(at("2016-Q3"), at("2016-07-01"));
  EXPECT_EQ(at("2016Q3"), at("2016-07-01"));
  EXPECT_EQ(at("2016"), at("2016-01-01"));
  EXPECT_EQ(at("2016-07").precision, Precision::month);
  EXPECT_EQ(at("2016Q3").precision, Precision::quarter);
  EXPECT_EQ(at("2016").precision, Precision::year);
  EXPECT_EQ(at("20160701").precision, Precision::day);
}

TEST(DateTime, what_could_mean_two_things_or_nothing_is_no_date) {
  for (const auto* text : {"",
                           "01/07/2016",
                           "1.7.2016",
                           "07-01-2016 12:00",
                           "201607",
                           "2016-13",
                           "2016-02-30",
                           "2015-02-29",
                           "2016-Q5",
                           "2016-Q3-01",
                           "2016-W54",
                           "2016-366x",
                           "2015-366",
                           "0000-01-01",
                           "2016-07-01 25:00",
                           "2016-07-01 24:01",
                           "2016-07-01 12:60",
                           "2016-07-01 12:10:60",
                           "2016-07-01T",
                           "2016-07-01 12:00+",
                           "2016-07-01 12:00+19:00",
                           "2016-07-01 12:00 CET",
                           "2016-07-01 1:00",
                           "2016-7-1",
                           "2016-07/01",
                           "12016-07-01",
                           "-2016-07-01",
                           "16-07-01"})
    EXPECT_FALSE(parse_date_time(text)) << text;
  for (const auto* text : {"01/07/2016", "1.7.2016", "1-7-16", "07-01-2016 12:00"})
    EXPECT_THAT(date_problem(text), testing::HasSubstr("write it as 2016-07-01 (year, month, day)")) << text;
  EXPECT_THAT(date_problem("25.12.2020"), testing::HasSubstr("has the year last"));
  for (const auto* text : {"1.5", "2016-07-01"}) EXPECT_FALSE(has_year_last(text)) << text;
  for (const auto* text : {"2020-1-1", "2020/1/1", "2020-01-01 0:00", "01 Jan 2020", "25.12.2020"})
    EXPECT_TRUE(looks_like_date(text)) << text;
  for (const auto* text : {"1.5", "-3", "12 apples", "abc", "1.5e3", "2020"})
    EXPECT_FALSE(looks_like_date(text)) << text;
}

TEST(DateTime, unix_time_is_seconds_or_milliseconds_since_1970) {
  EXPECT_EQ(at("1467379859"), at("2016-07-01 13:30:59Z"));
  EXPECT_EQ(at("1467379859250"), at("2016-07-01 13:30:59.25Z"));
  for (const auto* text : {"2016070113", "146737985", "14673798590", "-1467379859", "1467379859.5"})
    EXPECT_FALSE(parse_date_time(text)) << text;
}

TEST(DateTime, is_shown_as_far_as_it_was_written) {
  for (const auto* text : {"2016", "2016-Q3", "2016-07", "2016-07-01", "2016-07-01 13:30:00", "2016-07-01 13:30:59.05",
                           "2016-07-01 13:30:00-03:30", "2016-12-31 23:59:60", "0001-01-01 00:00:00.000000001"})
    EXPECT_EQ(text_of(at(text)), text);
}

TEST(DateTime, a_period_is_that_of_the_clock_as_written) {
  EXPECT_DOUBLE_EQ(position_in("hour", at("2016-07-01 18:00+09:00")), 0.75);
  EXPECT_DOUBLE_EQ(position_in("minute", at("2016-07-01 18:30:00.9")), 1800.9 / 3600);
  EXPECT_DOUBLE_EQ(position_in("weekday", at("2016-07-03 23:30-05:00")), 0);  // a Sunday there, a Monday in UTC
  EXPECT_DOUBLE_EQ(position_in("month", at("2016-Q3")), 0.5);
  EXPECT_FALSE(has_position("weekday", Precision::month));
  EXPECT_FALSE(has_position("month", Precision::year));
}

TEST(TimeSteps, tenths_of_a_second_are_steps) {
  const auto steps = steps_in(all({"2016-07-01 00:00:00.8", "2016-07-01 00:00:00.9", "2016-07-01 00:00:01.0",
                                   "2016-07-01 00:00:01.1", "2016-07-01 00:00:01.3"}));
  EXPECT_EQ(steps.usual, "0.1 s");
  EXPECT_THAT(steps.gaps, ElementsAre(4U));
}

TEST(TimeSteps, a_leap_second_is_a_second_and_no_gap) {
  const auto steps = steps_in(all({"2016-12-31 23:59:58Z", "2016-12-31 23:59:59Z", "2016-12-31 23:59:60Z",
                                   "2017-01-01 00:00:00Z", "2017-01-01 00:00:01Z", "2017-01-01 00:00:03Z"}));
  EXPECT_EQ(steps.usual, "1 second");
  EXPECT_THAT(steps.gaps, ElementsAre(5U));
}

TEST(TimeSteps, months_quarters_and_years_are_no_gaps) {
  const auto expect = [](std::initializer_list<std::string_view> texts, const char* usual, auto gaps) {
    const auto steps = steps_in(all(texts));
    EXPECT_EQ(steps.usual, usual);
    EXPECT_THAT(steps.gaps, gaps);
  };
  expect({"2016-01", "2016-02", "2016-03", "2016-04", "2016-06"}, "1 month", ElementsAre(4U));
  expect({"2015-12-31", "2016-01-31", "2016-02-29", "2016-03-31", "2016-04-30"}, "1 month", IsEmpty());
  expect({"2016-01-30", "2016-02-29", "2016-03-30", "2016-05-30"}, "1 month", ElementsAre(3U));
  expect({"2016-Q1", "2016-Q2", "2016-Q3", "2016-Q4", "2017-Q2"}, "3 months", ElementsAre(4U));
  expect({"2015-01-01", "2016-01-01", "2017-01-01", "2018-01-01", "2020-01-01"}, "1 year", ElementsAre(4U));
  expect({"2013", "2014", "2015"}, "1 year", IsEmpty());  // each of 365 days
}

TEST(TimeSteps, days_and_hours_go_on_when_summer_time_begins) {
  const auto daily = steps_in(all({"2016-03-25T00:00+01:00", "2016-03-26T00:00+01:00", "2016-03-27T00:00+01:00",
                                   "2016-03-28T00:00+02:00", "2016-03-29T00:00+02:00"}));
  EXPECT_EQ(daily.usual, "1 day");
  EXPECT_THAT(daily.gaps, IsEmpty());
  const auto hourly = steps_in(all({"2016-10-30T01:00+02:00", "2016-10-30T02:00+02:00", "2016-10-30T02:00+01:00",
                                    "2016-10-30T03:00+01:00", "2016-10-30T04:00+01:00"}));
  EXPECT_EQ(hourly.usual, "1 hour");
  EXPECT_THAT(hourly.gaps, IsEmpty());
}

TEST(TimeSteps, weekends_are_no_gaps_of_weekdays_but_holidays_are) {
  std::vector<DateTime> times;
  for (int week = 0; week < 3; ++week)
    for (int day = 0; day < 5; ++day) {
      DateTime time;
      time.seconds = (4 + 7 * week + day) * day_s;  // from Monday, 1970-01-05 on
      times.push_back(time);
    }
  EXPECT_EQ(steps_in(times).usual, "1 weekday");
  EXPECT_THAT(steps_in(times).gaps, IsEmpty());
  times.erase(times.begin() + 7);
  EXPECT_THAT(steps_in(times).gaps, ElementsAre(7U));
  times.resize(9);  // too few to tell a weekend from a gap
  EXPECT_EQ(steps_in(times).usual, "1 day");
}

TEST(TimeSteps, a_single_time_has_no_step) {
  EXPECT_EQ(steps_in(all({"2016-07-01"})).usual, "");
  EXPECT_THAT(steps_in({}).gaps, IsEmpty());
}

}  // namespace
}  // namespace seqsweep::data::importers
