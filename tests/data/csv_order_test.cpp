// SPDX-License-Identifier: Apache-2.0
// The order of time is looked at, never believed.
#include <algorithm>

#include <fmt/format.h>

#include "data/csv_support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CsvOrder : public CsvText {
 protected:
  // v is 0 … 7 in the order of time.
  static std::string days(const std::vector<int>& order) {
    std::string text = "date,v\n";
    for (const int t : order) text += fmt::format("2020-01-0{},{}\n", t + 1, t);
    return text;
  }
};

const std::vector<int> oldest_first = {0, 1, 2, 3, 4, 5, 6, 7}, newest_first = {7, 6, 5, 4, 3, 2, 1, 0},
                       shuffled = {3, 0, 7, 1, 6, 2, 5, 4};

TEST_F(CsvOrder, rows_are_sorted_by_time_however_they_are_cut) {
  const Given base = {{"target", {"v"}}, {"window", {"2"}}};
  for (const Given& cut : {Given{{"split", {"0.5,0.25,0.25"}}}, Given{{"split-rows", {"4,6"}}},
                           Given{{"split-dates", {"2020-01-05,2020-01-07"}}}, Given{{"stride", {"2"}}}}) {
    const auto given = with(base, cut);
    const auto expected = import(days(oldest_first), given);
    for (const auto& order : {newest_first, shuffled}) {
      const auto table = import(days(order), given);
      EXPECT_EQ(table.features, expected.features);
      EXPECT_EQ(table.targets, expected.targets);
      EXPECT_EQ(table.sequences, expected.sequences);
      EXPECT_EQ(table.header.feature_mean, expected.header.feature_mean);
    }
  }
}

TEST_F(CsvOrder, that_rows_were_sorted_is_said) {
  const Given given = {{"target", {"v"}}, {"window", {"2"}}};
  EXPECT_THAT(said(days(newest_first), given),
              HasSubstr("the rows are newest first; they are sorted by column 'date'"));
  EXPECT_THAT(said(days(shuffled), given),
              HasSubstr("not in the order of time (line 3 is earlier than line 2); they are sorted by column 'date'"));
  EXPECT_EQ(said(days(oldest_first), given), "");
}

TEST_F(CsvOrder, each_group_is_sorted_by_itself) {
  const auto text = "date,g,v\n2020-01-03,a,3\n2020-01-02,b,20\n2020-01-02,a,2\n2020-01-03,b,30\n2020-01-01,a,1\n";
  const Given given = {{"group", {"g"}}, {"target", {"v"}}, {"features", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  EXPECT_THAT(import(text, given).features, ElementsAre(1, 2, 3, 20, 30));
  EXPECT_THAT(said(text, given), HasSubstr("the rows of 1 of 2 series of 'g'"));
}

TEST_F(CsvOrder, the_steps_of_a_whole_sequence_are_sorted_by_time) {
  const auto text = "id,at,v,y\n1,2020-01-01 00:02,2,1\n1,2020-01-01 00:01,1,1\n2,2020-01-01 00:01,3,2\n";
  const Given given = {{"sequence-column", {"id"}}, {"target", {"y"}}, {"split", {"1,0"}}};
  EXPECT_THAT(import(text, given).features, testing::UnorderedElementsAre(1, 2, 3));
  const auto table = import(text, given);
  const auto longer =
      std::find_if(table.sequences.begin(), table.sequences.end(), [](const auto& row) { return row.length == 2; });
  ASSERT_NE(longer, table.sequences.end());
  EXPECT_EQ(table.features[static_cast<std::size_t>(longer->start)], 1);
}

TEST_F(CsvOrder, the_number_to_predict_of_a_whole_sequence_is_that_of_its_last_time) {
  const auto text = "id,at,v,y\n1,2020-01-02,2,20\n1,2020-01-01,1,10\n";
  const Given given = {{"sequence-column", {"id"}}, {"target", {"y"}}, {"split", {"1,0"}}};
  EXPECT_THAT(import(text, given).targets, ElementsAre(20));
  EXPECT_THAT(said(text, given), HasSubstr("column 'y' changes within sequence '1'"));
}

TEST_F(CsvOrder, missing_numbers_are_filled_forward_in_time) {
  const auto text = "date,v\n2020-01-03,NA\n2020-01-02,2\n2020-01-01,1\n";
  EXPECT_THAT(import(text, {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}, {"missing", {"ffill"}}}).features,
              ElementsAre(1, 2, 2));
}

TEST_F(CsvOrder, a_date_that_repeats_asks_for_the_group) {
  const Given given = {{"target", {"v"}}, {"features", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  const auto text = "date,g,h,v\n2020-01-01,a,x,1\n2020-01-02,a,x,2\n2020-01-01,b,x,3\n2020-01-02,b,x,4\n";
  const auto error = data_error(text, given);
  EXPECT_THAT(error, HasSubstr("data.csv:4: column 'date': 2020-01-01 is in line 2, too"));
  EXPECT_THAT(error, HasSubstr("--group"));
  EXPECT_THAT(error, HasSubstr("--drop-duplicates date"));
  EXPECT_THAT(import(text, with(given, {{"group", {"g"}}})).features, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(data_error(text, with(given, {{"group", {"h"}}})),
              HasSubstr("2020-01-01 of h 'x' is in line 2, too; 'h' does not tell all series apart"));
  EXPECT_THAT(import(text, with(given, {{"drop-duplicates", {"date"}}})).features, ElementsAre(1, 2));
  EXPECT_THAT(import(text, with(given, {{"time-column", {"none"}}})).features, ElementsAre(1, 2, 3, 4));
}

TEST_F(CsvOrder, a_row_that_is_dropped_is_not_repeated_by_the_next_one) {
  const auto text = "date,v\n2020-01-01,\n2020-01-01,10\n2020-01-02,20\n2020-01-03,30\n";
  const Given given = {
      {"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}, {"drop-duplicates", {"date"}}, {"missing", {"drop"}}};
  EXPECT_THAT(import(text, given).features, ElementsAre(10, 20, 30));
}

TEST_F(CsvOrder, one_instant_written_in_two_ways_repeats) {
  const auto text = "date,v\n2020-01-01T12:00Z,1\n2020-01-01T13:00+01:00,2\n2020-01-01T13:00Z,3\n";
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  EXPECT_THAT(data_error(text, given), HasSubstr("data.csv:3: column 'date'"));
  EXPECT_THAT(import(text, with(given, {{"drop-duplicates", {"date"}}})).features, ElementsAre(1, 3));
}

TEST_F(CsvOrder, a_date_of_the_whole_sequence_is_not_the_time_of_its_steps) {
  const auto text = "id,taken,v,y\n1,2020-01-02,1,1\n1,2020-01-02,2,1\n2,2020-01-01,3,2\n2,2020-01-01,4,2\n";
  const Given given = {{"sequence-column", {"id"}}, {"target", {"y"}}, {"split", {"1,0"}}};
  EXPECT_THAT(import(text, given).features, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(data_error(text, with(given, {{"time-column", {"taken"}}})), HasSubstr("is in line 2, too"));
}

TEST_F(CsvOrder, offsets_are_written_in_all_rows_or_in_none) {
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  EXPECT_THAT(data_error("date,v\n2020-01-01T12:00+01:00,1\n2020-01-01T13:00,2\n", given),
              HasSubstr("data.csv:3: column 'date': '2020-01-01T13:00' has no offset from UTC, but line 2 has one"));
  const auto mixed = "date,v\n2020-01-01T13:00+02:00,1\n2020-01-01T12:00Z,3\n2020-01-01T12:30+01:00,2\n";
  EXPECT_THAT(import(mixed, given).features, ElementsAre(1, 2, 3));
  EXPECT_THAT(data_error("date,v\n2020-01,1\n2020-02-01,2\n2020-03,2\n", with(given, {{"time-column", {"date"}}})),
              HasSubstr("data.csv:3: column 'date': '2020-02-01' after '2020-01' (line 2)"));
}

TEST_F(CsvOrder, ambiguous_dates_are_refused_with_how_to_write_them) {
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  const auto text = "date,v\n01/07/2016,1\n02/07/2016,2\n";
  EXPECT_THAT(
      data_error(text, with(given, {{"time-column", {"date"}}})),
      HasSubstr(
          "data.csv:2: column 'date': '01/07/2016' has the year last, so that the day or the month may come first"));
  EXPECT_THAT(data_error(text, given), HasSubstr("write it as 2016-07-01"));
  EXPECT_THAT(said(text, with(given, {{"features", {"v"}}})), HasSubstr("column 'date' is not read as time"));
}

TEST_F(CsvOrder, time_in_digits_that_goes_back_is_warned_of_and_sorted_where_it_is_named) {
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  for (const std::string column :
       {"20200103,3\n20200102,2\n20200101,1\n", "1577923200,3\n1577836801,2\n1577836800,1\n"}) {
    EXPECT_THAT(said("date,v\n" + column, given), HasSubstr("may be time, and is read as a number"));
    const auto named = with(given, {{"time-column", {"date"}}});
    EXPECT_THAT(import("date,v\n" + column, named).features, ElementsAre(1, 2, 3));
  }
  EXPECT_THAT(said("d,v\n20200103,3\n20200102,2\n20200101,1\n", given),
              HasSubstr("column 'd' (20200103, …) may be time"));
  for (const auto* rising : {"date,v\n20200101,1\n20200102,2\n", "speed,v\n3,1\n2,2\n1,3\n"})
    EXPECT_EQ(said(rising, given), "") << rising;
}

TEST_F(CsvOrder, of_two_columns_of_dates_the_one_that_does_not_repeat_is_the_time) {
  const Given given = {{"target", {"v"}}, {"features", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  const auto text = "created,date,v\n2020-05-01,2020-01-02,2\n2020-05-01,2020-01-01,1\n2020-05-02,2020-01-03,3\n";
  EXPECT_THAT(import(text, given).features, ElementsAre(1, 2, 3));
  EXPECT_THAT(said(text, given), HasSubstr("2 columns hold dates; column 'date' is taken for the time of the rows"));
}

TEST_F(CsvOrder, an_hour_that_comes_twice_in_autumn_asks_for_offsets) {
  const auto text = "at,v\n2020-10-25 01:00,1\n2020-10-25 02:00,2\n2020-10-25 02:00,3\n";
  EXPECT_THAT(data_error(text, {{"target", {"v"}}, {"window", {"1"}}}), HasSubstr("write offsets from UTC"));
}

TEST_F(CsvOrder, ten_rows_a_second_have_no_gaps) {
  std::string text = "at,v\n";
  for (int t = 0; t < 30; ++t) text += fmt::format("2020-01-01 00:00:{:04.1f},{}\n", t / 10.0, t);
  const Given given = {{"target", {"v"}}, {"window", {"5"}}, {"split", {"1,0"}}, {"gaps", {"break"}}};
  EXPECT_EQ(import(text, given).sequences.size(), 25U);
  EXPECT_THAT(said(text, given), HasSubstr("the usual step is 0.1 s; there is no gap"));
}

TEST_F(CsvOrder, gaps_are_counted_whether_they_are_crossed_or_not) {
  const auto text = "date,v\n2020-01-01,1\n2020-01-02,2\n2020-01-05,3\n2020-01-06,4\n2020-01-07,5\n";
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  EXPECT_THAT(
      said(text, given),
      HasSubstr("the usual step is 1 day; 1 gap, the first before line 4 (2020-01-05 after 2020-01-02); windows "
                "cross them (see --gaps break)"));
  EXPECT_THAT(said(text, with(given, {{"gaps", {"break"}}})), HasSubstr("1 gap, the first before line 4"));
}

TEST_F(CsvOrder, rows_dropped_for_missing_numbers_leave_a_gap) {
  const auto text = "date,v\n2020-01-01,1\n2020-01-02,2\n2020-01-03,NA\n2020-01-04,4\n2020-01-05,5\n2020-01-06,6\n";
  const Given given = {
      {"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}, {"missing", {"drop"}}, {"gaps", {"break"}}};
  EXPECT_THAT(import(text, given).targets, ElementsAre(2, 5, 6));
  EXPECT_THAT(said(text, given), HasSubstr("1 row left out, the first in line 4 (--missing drop)"));
}

TEST_F(CsvOrder, duplicates_are_dropped_within_their_group) {
  const auto text = "date,g,v\n2020-01-01,a,1\n2020-01-01,b,10\n2020-01-02,a,2\n2020-01-01,a,9\n2020-01-02,b,20\n";
  const Given given = {{"group", {"g"}},  {"target", {"v"}},  {"features", {"v"}},
                       {"window", {"1"}}, {"split", {"1,0"}}, {"drop-duplicates", {"date"}}};
  EXPECT_THAT(import(text, given).features, ElementsAre(1, 2, 10, 20));
  EXPECT_THAT(said(text, given), HasSubstr("1 row left out, the first in line 5 (--drop-duplicates date)"));
}

TEST_F(CsvOrder, times_and_cuts_with_offsets_are_those_of_the_clock_as_written) {
  const auto text = "at,v\n2020-01-01T23:00+05:00,1\n2020-01-02T00:00+05:00,2\n2020-01-02T01:00+05:00,3\n";
  Given given = {{"target", {"v"}},
                 {"features", {"v"}},
                 {"window", {"1"}},
                 {"time-features", {"hour"}},
                 {"split-dates", {"2020-01-02T01:00,2020-01-03"}}};
  const auto table = import(text, given);
  EXPECT_EQ(table.num_sequences(Split::train), 1U);
  EXPECT_EQ(table.num_sequences(Split::validation), 1U);
  EXPECT_FLOAT_EQ(table.features[3 + 1], 0);  // midnight there: sine 0, cosine 1
  EXPECT_FLOAT_EQ(table.features[3 + 2], 1);
  given.back() = {"split-dates", {"2020-01-01T20:00Z,2020-01-03T00:00Z"}};  // 01:00 there
  EXPECT_EQ(import(text, given).sequences, table.sequences);
}

TEST_F(CsvOrder, cuts_that_no_row_reaches_are_refused) {
  const Given given = {{"target", {"v"}}, {"window", {"2"}}};
  EXPECT_THAT(config_error(days(oldest_first), with(given, {{"split-dates", {"2030-01-01,2031-01-01"}}})),
              HasSubstr("--split-dates: cuts nothing off: the last row is of 2020-01-08"));
  EXPECT_THAT(config_error(days(oldest_first), with(given, {{"split-dates", {"05/01/2020,07/01/2020"}}})),
              HasSubstr("write it as 2016-07-01"));
}

TEST_F(CsvOrder, a_column_that_is_named_may_hold_years_or_digits_alone) {
  const Given given = {
      {"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}, {"time-column", {"t"}}, {"gaps", {"break"}}};
  const auto features = [&](const std::string& text) { return import(text, given).features; };
  EXPECT_THAT(features("t,v\n2018,3\n2017,2\n2016,1\n"), ElementsAre(1, 2, 3));
  EXPECT_THAT(features("t,v\n20160702,2\n20160701,1\n"), ElementsAre(1, 2));
  const auto numbers = "t,v\n2018,3\n2017,2\n2016,1\n";
  EXPECT_THAT(import(numbers, {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}}).header.feature_names,
              ElementsAre("t", "v"));
  EXPECT_THAT(
      import("q,v\n2016-Q2,2\n2016-Q1,1\n", {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}}).features,
      ElementsAre(1, 2));
  EXPECT_THAT(said("part,v\n1234-05,2\n1234-99,1\n",
                   {{"target", {"v"}}, {"features", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}}),
              Not(HasSubstr("sorted")));
}

TEST_F(CsvOrder, the_column_of_dates_is_found_behind_skipped_rows_and_empty_cells) {
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}, {"skip-rows", {"1"}}};
  EXPECT_THAT(import("date,v\n[day],[m]\n2020-01-02,2\n2020-01-01,1\n", given).features, ElementsAre(1, 2));
}

}  // namespace
}  // namespace seqsweep::data
