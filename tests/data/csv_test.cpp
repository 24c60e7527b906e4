// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include "data/csv_support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

class Csv : public CsvText {
 protected:
  // t = 0 … 9, x = t², s alternates between a and b; dates are the days from 2020-01-01 on.
  static std::string ten_rows() {
    std::string text = "date,t,x,s\n";
    for (int t = 0; t < 10; ++t)
      text += fmt::format("2020-01-{:02},{},{},{}\n", t + 1, t, t * t, t % 2 == 0 ? "a" : "b");
    return text;
  }
};

TEST_F(Csv, windows_belong_to_the_part_of_their_target_and_look_back) {
  const auto table =
      import(ten_rows(), {{"features", {"t"}}, {"target", {"x"}}, {"window", {"3"}}, {"split-rows", {"6,8"}}});
  EXPECT_THAT(starts(table, Split::train), ElementsAre(0, 1, 2));    // targets in rows 3, 4, 5
  EXPECT_THAT(starts(table, Split::validation), ElementsAre(3, 4));  // 6, 7
  EXPECT_THAT(starts(table, Split::test), ElementsAre(5, 6));        // 8, 9
  EXPECT_THAT(table.targets, ElementsAre(9, 16, 25, 36, 49, 64, 81));
}

TEST_F(Csv, all_horizons_lie_in_one_part) {
  const auto table = import(
      ten_rows(),
      {{"features", {"t"}}, {"target", {"x,t"}}, {"window", {"2"}}, {"horizon", {"1..2"}}, {"split-rows", {"5,8,10"}}});
  EXPECT_THAT(table.header.output_names, ElementsAre("x+1", "t+1", "x+2", "t+2"));
  EXPECT_THAT(starts(table, Split::train), ElementsAre(0, 1));
  EXPECT_THAT(starts(table, Split::validation), ElementsAre(3, 4));
  EXPECT_THAT(starts(table, Split::test), ElementsAre(6));
  EXPECT_THAT(std::vector<float>(table.targets.begin(), table.targets.begin() + 4), ElementsAre(4, 2, 9, 3));
}

TEST_F(Csv, a_single_far_horizon_is_that_row_alone) {
  const auto table =
      import(ten_rows(),
             {{"target", {"t"}}, {"skip-columns", {"s"}}, {"window", {"2"}}, {"horizon", {"4"}}, {"split", {"1,0"}}});
  EXPECT_THAT(table.targets, ElementsAre(5, 6, 7, 8, 9));
  EXPECT_THAT(table.header.feature_names, ElementsAre("t", "x"));  // the date is recognised and left out
}

TEST_F(Csv, statistics_come_from_the_training_part_alone) {
  const Given given = {
      {"features", {"t"}}, {"target", {"x"}}, {"categorical", {"s"}}, {"window", {"2"}}, {"split-rows", {"5,7"}}};
  const auto table = import(ten_rows(), given);
  EXPECT_FLOAT_EQ(table.header.feature_mean[0], 2);
  EXPECT_FLOAT_EQ(table.header.feature_sd[0], std::sqrt(2.0F));
  EXPECT_FLOAT_EQ(table.header.target_mean[0], 6);  // of 0, 1, 4, 9, 16
  auto text = std::string("date,t,x,s\n");
  for (int t = 0; t < 10; ++t)  // only rows outside the training part differ, wildly
    text += t < 5 ? fmt::format("2020-01-0{},{},{},{}\n", t + 1, t, t * t, t % 2 == 0 ? "a" : "b")
                  : fmt::format("2020-02-0{},1e6,-1e6,zzz\n", t);
  const auto other = import(text, given);
  EXPECT_EQ(other.header.feature_mean, table.header.feature_mean);
  EXPECT_EQ(other.header.feature_sd, table.header.feature_sd);
  EXPECT_EQ(other.header.target_mean, table.header.target_mean);
  EXPECT_EQ(other.header.target_sd, table.header.target_sd);
  EXPECT_EQ(other.header.feature_names, table.header.feature_names);  // no column for the unseen category
  EXPECT_EQ(other.features[7 * 3 + 1], 0.0F);
  EXPECT_EQ(other.features[7 * 3 + 2], 0.0F);
}

TEST_F(Csv, a_difference_has_the_same_normalised_error_as_the_value_itself) {
  const auto text = "v\n0\n0\n5\n5\n5\n0\n0\n9\n9\n9\n";
  Given given = {{"target", {"v"}}, {"window", {"2"}}, {"split", {"0.6,0.4"}}};
  const auto plain = import(text, given);
  given.push_back({"difference", {}});
  const auto difference = import(text, given);
  EXPECT_EQ(difference.header.target_sd, plain.header.target_sd);
  EXPECT_THAT(plain.header.target_mean, ElementsAre(2.5));
  EXPECT_THAT(difference.header.target_mean, ElementsAre(0));
  EXPECT_THAT(difference.targets, ElementsAre(5, 0, 0, -5, 0, 9, 0, 0));
  for (const auto* table : {&plain, &difference}) {
    EXPECT_EQ(table->header.floor_rule, "persistence (nothing changes)");
    EXPECT_DOUBLE_EQ(table->header.floors[1].rmse, 4.5);
  }
  EXPECT_EQ(difference.header.floors[1].loss, plain.header.floors[1].loss);
}

// Horizons beyond one season look back two: nothing that the network does not see yet.
TEST_F(Csv, a_seasonal_difference_is_relative_to_the_same_phase_of_the_last_season_seen) {
  const auto text = "v\n10\n20\n30\n11\n22\n33\n14\n25\n36\n";
  Given given = {{"target", {"v"}}, {"window", {"4"}}, {"horizon", {"1..4"}}, {"split", {"1,0"}}, {"difference", {}}};
  given.push_back({"season", {"3"}});
  const auto table = import(text, given);
  EXPECT_THAT(table.targets, ElementsAre(22 - 20, 33 - 30, 14 - 11, 25 - 20,  // the window ends at row 3
                                         33 - 30, 14 - 11, 25 - 22, 36 - 30));
  const auto same = "v\n10\n20\n30\n10\n20\n30\n10\n20\n30\n";
  EXPECT_EQ(import(same, given).header.floor_rule, "persistence (as a season of 3 steps ago)");
  given.back() = {"season", {"5"}};
  EXPECT_THROW(import(text, given), ConfigError);
}

TEST_F(Csv, stacked_targets_are_series_of_their_own_each_standardised_by_its_own_training_rows) {
  const auto text = "a,b\n1,100\n3,300\n5,500\n7,700\n9,900\n11,1100\n";
  const auto table =
      import(text, {{"target", {"a,b"}}, {"window", {"2"}}, {"split-rows", {"4,6"}}, {"stack-targets", {}}});
  EXPECT_EQ(table.header.num_features, 1);
  EXPECT_EQ(table.header.num_outputs, 1);
  EXPECT_EQ(table.num_sequences(Split::train), 4U);  // two windows of each column; none spans both
  EXPECT_EQ(table.num_sequences(Split::validation), 4U);
  const auto sd = static_cast<float>(std::sqrt(5.0));
  EXPECT_FLOAT_EQ(table.features[0], -3 / sd);  // (1 - 4) / sd of 1, 3, 5, 7
  for (std::size_t row = 0; row < 6; ++row) EXPECT_FLOAT_EQ(table.features[row], table.features[6 + row]);
  EXPECT_THROW(import(text, {{"target", {"a"}}, {"features", {"b"}}, {"window", {"2"}}, {"stack-targets", {}}}),
               ConfigError);
}

TEST_F(Csv, dates_cut_the_series_and_become_circles) {
  const auto table = import(ten_rows(), {{"features", {"t"}},
                                         {"target", {"t"}},
                                         {"window", {"1"}},
                                         {"time-features", {"weekday"}},
                                         {"split-dates", {"2020-01-05,2020-01-08"}}});
  EXPECT_EQ(table.num_sequences(Split::train), 3U);
  EXPECT_EQ(table.num_sequences(Split::validation), 3U);
  EXPECT_EQ(table.num_sequences(Split::test), 3U);
  EXPECT_THAT(table.header.feature_names, ElementsAre("t", "weekday_sin", "weekday_cos"));
  const double angle = 2 * M_PI * 3 / 7;  // 2020-01-01 was a Wednesday
  EXPECT_FLOAT_EQ(table.features[1], static_cast<float>(std::sin(angle)));
  EXPECT_FLOAT_EQ(table.features[2], static_cast<float>(std::cos(angle)));
}

TEST_F(Csv, windows_stay_within_their_group) {
  const auto text = "g,v\na,1\nb,10\na,2\nb,20\na,3\nb,30\n";
  const auto table =
      import(text, {{"features", {"v"}}, {"target", {"v"}}, {"window", {"2"}}, {"group", {"g"}}, {"split", {"1,0"}}});
  EXPECT_THAT(table.features, ElementsAre(1, 2, 3, 10, 20, 30));
  EXPECT_THAT(table.targets, ElementsAre(3, 30));
}

TEST_F(Csv, no_window_spans_a_gap_when_told) {
  const auto text =
      "time,v\n2020-01-01 00:00,0\n2020-01-01 01:00,1\n2020-01-01 02:00,2\n2020-01-01 05:00,5\n2020-01-01 06:00,6\n";
  Given given = {{"features", {"v"}}, {"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  EXPECT_THAT(import(text, given).targets, ElementsAre(1, 2, 5, 6));
  given.push_back({"gaps", {"break"}});
  EXPECT_THAT(import(text, given).targets, ElementsAre(1, 2, 6));
}

TEST_F(Csv, missing_numbers_follow_the_policy) {
  const auto text = "v\n1\nNA\n3\n\n4\n";
  const auto features = [&](const std::string& policy) {
    return import(text, {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}, {"missing", {policy}}}).features;
  };
  EXPECT_THAT(features("ffill"), ElementsAre(1, 1, 3, 3, 4));  // an empty line of one column, too
  EXPECT_THAT(features("zero"), ElementsAre(1, 0, 3, 0, 4));
  EXPECT_THAT(features("drop"), ElementsAre(1, 3, 4));
  EXPECT_THAT(error_of<DataError>([&] { features("error"); }),
              HasSubstr("data.csv:3: column 'v': the value is missing"));
}

TEST_F(Csv, rows_are_skipped_before_duplicates_are_dropped) {
  const auto text = "k,v\n1,0\n1,1\n2,2\n2,3\n3,4\n";
  const auto table = import(text, {{"features", {"v"}},
                                   {"target", {"v"}},
                                   {"window", {"1"}},
                                   {"split", {"1,0"}},
                                   {"skip-rows", {"1"}},
                                   {"drop-duplicates", {"k"}}});
  EXPECT_THAT(table.features, ElementsAre(1, 2, 4));
}

TEST_F(Csv, quotes_crlf_byte_order_mark_and_separators_are_read) {
  const auto text = "\xEF\xBB\xBF\"a;b\";v\r\n\"x \"\"y\"\"\nz\";1\r\nw;2\r\n";
  const auto table = import(text, {{"features", {"v"}},
                                   {"categorical", {"a;b"}},
                                   {"target", {"v"}},
                                   {"window", {"1"}},
                                   {"split", {"1,0"}},
                                   {"separator", {";"}}});
  EXPECT_THAT(table.header.feature_names, ElementsAre("v", "a;b=w", "a;b=x \"y\"\nz"));
  EXPECT_THAT(table.features, ElementsAre(1, 0, 1, 2, 1, 0));
}

TEST_F(Csv, whole_sequences_have_a_class_each) {
  const auto text = "id,v,c,where\n1,1,up,A\n1,2,up,A\n2,3,down,B\n3,4,up,A\n3,5,up,A\n4,6,down,A\n";
  const Given given = {{"features", {"v"}},
                       {"sequence-column", {"id"}},
                       {"class-column", {"c"}},
                       {"test-where", {"where=B"}},
                       {"validation", {"0"}}};
  const auto table = import(text, given);
  EXPECT_THAT(table.header.output_names, ElementsAre("down", "up"));
  EXPECT_THAT(table.sequences, ElementsAre(schema::SequenceRow{0, 2, 0}, schema::SequenceRow{3, 2, 0},
                                           schema::SequenceRow{5, 1, 0}, schema::SequenceRow{2, 1, 2}));
  EXPECT_THAT(table.classes, ElementsAre(1, 1, 0, 0));
}

TEST_F(Csv, bad_files_give_the_line_and_the_reason) {
  const Given given = {{"features", {"a"}}, {"target", {"a"}}, {"window", {"1"}}};
  EXPECT_THAT(data_error("", given), HasSubstr("is empty"));
  EXPECT_THAT(data_error("a,b\n1,2\n3\n", given), HasSubstr("data.csv:3: has 1 fields, but the header names 2"));
  EXPECT_THAT(data_error("a,a\n1,2\n", given), HasSubstr("two columns are named 'a'"));
  EXPECT_THAT(data_error("a,b\n1,2\nx,2\n", given), HasSubstr("data.csv:3: column 'a': 'x' is no number"));
  EXPECT_THAT(data_error("a,b\n1,2\ninf,2\n", given), HasSubstr("data.csv:3: column 'a'"));
  EXPECT_THAT(data_error("a,b\n1,\"2\n3,4\n", given), HasSubstr("data.csv:2: a quoted field has no closing quote"));
  EXPECT_THAT(data_error("a,b\n", given), HasSubstr("no rows left"));
  EXPECT_THAT(data_error("a\n1\n2\n", {{"target", {"a"}}, {"window", {"9"}}}),
              HasSubstr("no training part has the 10 rows"));
  EXPECT_THAT(data_error("d,a\n2020-01-02,1\n2020-01-02,2\n",
                         {{"target", {"a"}}, {"window", {"1"}}, {"split-dates", {"2020-01-02,2020-01-03"}}}),
              HasSubstr("data.csv:3: column 'd': 2020-01-02 is in line 2, too"));
  EXPECT_THAT(
      data_error("i,c,a\n1,x,1\n1,y,2\n", {{"features", {"a"}}, {"sequence-column", {"i"}}, {"class-column", {"c"}}}),
      HasSubstr("data.csv:3: column 'c' changes from 'x' to 'y' within sequence '1'"));
  EXPECT_THAT(error_of<DataError>([&] { import_files("csv", {dir_.file("none.csv")}, given); }),
              HasSubstr("No such file"));
}

TEST_F(Csv, bad_options_are_named) {
  const Given base = {{"features", {"t"}}, {"target", {"x"}}, {"window", {"2"}}};
  const auto with = [&](const std::string& name, const std::string& value) {
    auto given = base;
    std::erase_if(given, [&](const auto& one) { return one.first == name; });
    given.push_back({name, {value}});
    return config_error(ten_rows(), given);
  };
  EXPECT_THAT(with("features", "tt"), HasSubstr("has no column 'tt'"));
  EXPECT_THAT(with("target", "y"), HasSubstr("--target"));
  EXPECT_THAT(with("window", "0"), HasSubstr("--window: takes a whole number from 1"));
  EXPECT_THAT(with("horizon", "4..1"), HasSubstr("--horizon"));
  EXPECT_THAT(with("split", "0.7,0.7"), HasSubstr("adds up to 1.4"));
  EXPECT_THAT(with("split", "0,1"), HasSubstr("nothing to train on"));
  EXPECT_THAT(with("split-rows", "8,6"), HasSubstr("rising order"));
  EXPECT_THAT(with("time-features", "decade"), HasSubstr("unknown period 'decade'"));
  EXPECT_THAT(with("missing", "guess"), HasSubstr("--missing: unknown value 'guess'"));
  EXPECT_THAT(with("class-column", "s"), HasSubstr("needs --sequence-column"));
  EXPECT_THAT(config_error(ten_rows(), {{"features", {"t"}}, {"window", {"2"}}}), HasSubstr("--target: is needed"));
}

}  // namespace
}  // namespace seqsweep::data
