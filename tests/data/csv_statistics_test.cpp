// SPDX-License-Identifier: Apache-2.0
// Mean, sd and categories come from the rows that a training window covers, as input or as target, once each.
#include <fmt/format.h>

#include "data/csv_support.hpp"
#include "data/windows.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CsvStatistics : public CsvText {
 protected:
  static void expect_moments(const SequenceTable& table, const std::vector<double>& of) {
    const auto [mean, sd] = mean_and_sd(of);
    EXPECT_FLOAT_EQ(table.header.feature_mean[0], static_cast<float>(mean));
    EXPECT_FLOAT_EQ(table.header.feature_sd[0], static_cast<float>(sd));
    EXPECT_FLOAT_EQ(table.header.target_mean[0], static_cast<float>(mean));
    EXPECT_FLOAT_EQ(table.header.target_sd[0], static_cast<float>(sd));
  }
};

TEST_F(CsvStatistics, a_group_shorter_than_the_window_is_not_in_the_statistics_and_is_named) {
  const auto text = "g,v,c\nlong,1,p\nlong,2,p\nlong,3,q\nlong,4,q\nshort,1000,secret\ntiny,-500,secret\n";
  const Given given = {{"group", {"g"}},       {"target", {"v"}}, {"features", {"v"}},
                       {"categorical", {"c"}}, {"window", {"2"}}, {"split", {"1,0"}}};
  const auto table = import(text, given);
  expect_moments(table, {1, 2, 3, 4});
  EXPECT_THAT(table.header.feature_names, ElementsAre("v", "c=p", "c=q"));
  EXPECT_THAT(said(text, given),
              HasSubstr("2 of 3 groups are shorter than window + horizon (3 rows) and left out (2 rows): short, tiny"));
}

TEST_F(CsvStatistics, a_piece_between_gaps_without_a_window_is_not_in_the_statistics_and_is_named) {
  const auto text =
      "t,v\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n2020-01-04,4\n2020-01-10,1000\n2020-01-20,5\n2020-01-21,6\n"
      "2020-01-22,7\n";
  const Given given = {{"target", {"v"}}, {"window", {"2"}}, {"split", {"1,0"}}, {"gaps", {"break"}}};
  expect_moments(import(text, given), {1, 2, 3, 4, 5, 6, 7});
  EXPECT_THAT(said(text, given), HasSubstr("1 of 3 pieces between gaps is shorter than window + horizon (3 rows) and "
                                           "left out (1 row): from line 6"));
}

TEST_F(CsvStatistics, rows_behind_the_last_window_of_a_stride_are_not_in_the_statistics) {
  const auto text = "v\n1\n2\n3\n4\n5\n6\n1000\n2000\n";  // windows of rows 1-2-3 and 4-5-6; 7 and 8 are left
  const Given given = {{"target", {"v"}}, {"window", {"2"}}, {"stride", {"3"}}, {"split", {"1,0"}}};
  expect_moments(import(text, given), {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(said(text, given), HasSubstr("2 other rows are in no window"));
}

TEST_F(CsvStatistics, rows_between_window_and_a_far_horizon_are_not_in_the_statistics) {
  const auto text = "v\n1\n2\n1000\n2000\n3\n";
  expect_moments(import(text, {{"target", {"v"}}, {"window", {"2"}}, {"horizon", {"3"}}, {"split", {"1,0"}}}),
                 {1, 2, 3});
}

TEST_F(CsvStatistics, in_an_ordinary_series_they_come_from_the_whole_training_part_and_nothing_is_said) {
  std::string text = "v\n";
  std::vector<double> training;
  for (int t = 0; t < 40; ++t) {
    text += fmt::format("{}\n", t * t % 17);
    if (t < 30) training.push_back(t * t % 17);
  }
  for (const std::string horizon : {"1", "4", "1..4"}) {
    const Given given = {{"target", {"v"}}, {"window", {"5"}}, {"horizon", {horizon}}, {"split-rows", {"30,35"}}};
    expect_moments(import(text, given), training);
    EXPECT_EQ(said(text, given), "");
  }
}

TEST_F(CsvStatistics, stacked_targets_are_standardised_by_the_rows_that_windows_cover) {
  const auto text = "g,a,b\nx,1,10\nx,2,20\nx,3,30\ny,500,-500\n";
  const auto table = import(
      text, {{"group", {"g"}}, {"target", {"a,b"}}, {"stack-targets", {}}, {"window", {"2"}}, {"split", {"1,0"}}});
  const auto sd = mean_and_sd({1, 2, 3}).second;
  EXPECT_FLOAT_EQ(table.features[0], static_cast<float>((1 - 2) / sd));
  EXPECT_FLOAT_EQ(table.features[4], static_cast<float>((1 - 2) / sd));  // of b, as of a
}

TEST_F(CsvStatistics, a_difference_has_the_sd_of_the_covered_rows) {
  const auto table = import("g,v\nx,1\nx,2\nx,5\ny,500\n", {{"group", {"g"}},
                                                            {"target", {"v"}},
                                                            {"features", {"v"}},
                                                            {"window", {"2"}},
                                                            {"difference", {}},
                                                            {"split", {"1,0"}}});
  EXPECT_FLOAT_EQ(table.header.target_sd[0], static_cast<float>(mean_and_sd({1, 2, 5}).second));
}

TEST_F(CsvStatistics, whole_sequences_take_statistics_categories_and_floor_from_the_training_part_alone) {
  const auto text = [](const char* last) {
    return fmt::format("id,part,v,c,y\n1,a,1,p,10\n1,a,2,q,10\n2,a,3,p,20\n3,b,{}\n", last);
  };
  const Given given = {{"sequence-column", {"id"}}, {"target", {"y"}},          {"features", {"v"}},
                       {"categorical", {"c"}},      {"test-where", {"part=b"}}, {"validation", {"0"}}};
  const auto table = import(text("1e6,secret,-1e6"), given);
  EXPECT_FLOAT_EQ(table.header.feature_mean[0], 2);
  EXPECT_FLOAT_EQ(table.header.target_mean[0], 15);
  EXPECT_FLOAT_EQ(table.header.target_sd[0], 5);
  EXPECT_THAT(table.header.feature_names, ElementsAre("v", "c=p", "c=q"));
  EXPECT_NEAR(table.header.floors[2].mae, 1e6 + 15, 0.1);  // the mean of the training part, 15
  EXPECT_EQ(import(text("5,p,7"), given).header.feature_sd, table.header.feature_sd);
}

TEST_F(CsvStatistics, the_majority_class_is_that_of_the_training_part) {
  const auto text = "id,part,v,c\n1,a,1,up\n2,a,2,up\n3,a,2,down\n4,b,1,down\n5,b,1,down\n6,b,1,down\n";
  const auto table = import(text, {{"sequence-column", {"id"}},
                                   {"class-column", {"c"}},
                                   {"features", {"v"}},
                                   {"test-where", {"part=b"}},
                                   {"validation", {"0"}}});
  EXPECT_EQ(table.header.floors[2].accuracy, 0);
  EXPECT_NEAR(table.header.floors[2].loss, -std::log(2.0 / 5), 1e-12);  // add-one smoothing: (1 + 1) / (3 + 2)
}

TEST_F(CsvStatistics, a_part_without_a_window_is_said_to_be_empty) {
  const auto text = "v\n1\n2\n3\n4\n5\n6\n";
  const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"horizon", {"1..2"}}, {"split-rows", {"4,5"}}};
  EXPECT_THAT(said(text, given), HasSubstr("the validation part has 1 row but no window"));
  EXPECT_THAT(said(text, given), HasSubstr("the test part has 1 row but no window"));
  EXPECT_THAT(said(text, with({{"target", {"v"}}, {"window", {"1"}}}, {{"split-rows", {"4,4"}}})),
              Not(HasSubstr("validation")));
}

TEST_F(CsvStatistics, groups_without_a_training_window_are_named) {
  std::string text = "g,day,v\n";
  for (int day = 1; day < 9; ++day) text += fmt::format("a,2020-01-0{0},{0}\n", day);
  for (int day = 5; day < 9; ++day) text += fmt::format("b,2020-01-0{0},{0}\n", day);
  const Given given = {
      {"group", {"g"}}, {"target", {"v"}}, {"window", {"2"}}, {"split-dates", {"2020-01-05,2020-01-08"}}};
  EXPECT_THAT(said(text, given), HasSubstr("1 of 2 groups have no training window, only later ones: b"));
}

TEST(CoveredRows, are_those_of_inputs_and_targets_of_the_part) {
  const std::array series = {Series{1, {6, 8, 10}}};
  Forecast forecast;
  forecast.window = 2;
  const auto rows = [&](Split split) { return covered_rows(series, forecast, split, 11); };
  EXPECT_EQ(rows(Split::train), (RowSet{false, true, true, true, true, true, false, false, false, false, false}));
  EXPECT_EQ(rows(Split::test), (RowSet{false, false, false, false, false, false, true, true, true, true, false}));
}

}  // namespace
}  // namespace seqsweep::data
