// SPDX-License-Identifier: Apache-2.0
// What stands in a file: line ends, encodings, numbers.
#include <clocale>

#include "data/csv_support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

class CsvCells : public CsvText {};

const Given given = {{"target", {"v"}}, {"window", {"1"}}, {"split", {"1,0"}}};

TEST_F(CsvCells, carriage_returns_alone_end_records) {
  EXPECT_THAT(import("v,w\r1,2\r3,4\r", given).features, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(import("\"v\",c\r1,\"two\nlines\"\r3,x\r", with(given, {{"categorical", {"c"}}})).header.feature_names,
              ElementsAre("v", "c=two\nlines", "c=x"));
  EXPECT_THAT(data_error("v,w\r1,2\rx,4\r", given), HasSubstr("data.csv:3: column 'v': 'x' is no number"));
  EXPECT_THAT(import("v,w\r\r\n1,2\r\r\n3,4\r\r\n", given).features, ElementsAre(1, 2, 3, 4));
}

TEST_F(CsvCells, a_byte_order_mark_before_a_quoted_header_is_no_part_of_the_name) {
  EXPECT_THAT(import("\xEF\xBB\xBF\"v\",w\n1,2\n3,4\n", given).header.feature_names, ElementsAre("v", "w"));
}

TEST_F(CsvCells, utf_16_is_read_or_named) {
  const std::string plain = "v\n1\n2\n";
  std::string little = "\xFF\xFE", big = "\xFE\xFF", bare;
  for (const char c : plain) {
    little += {c, '\0'};
    big += {'\0', c};
    bare += {c, '\0'};
  }
  EXPECT_THAT(import(little, given).features, ElementsAre(1, 2));
  EXPECT_THAT(import(big, given).features, ElementsAre(1, 2));
  EXPECT_THAT(data_error(bare, given), HasSubstr("looks like UTF-16 without a byte order mark"));
  EXPECT_THAT(data_error("v,w\n1,2\n3,\xB0\n", given), HasSubstr("data.csv:3: the byte 0xb0 is no UTF-8"));
}

TEST_F(CsvCells, numbers_beyond_32_bits_are_refused_with_line_and_column) {
  EXPECT_THAT(data_error("v,w\n1,2\n3,1e39\n", given), HasSubstr("data.csv:3: column 'w': '1e39' is beyond 3.4e38"));
  EXPECT_THAT(data_error("v,w\n1,2\n3,-inf\n", given), HasSubstr("data.csv:3: column 'w': '-inf' is not finite"));
  EXPECT_THAT(data_error("v,w\n1,2\n3,2020-1-1\n", given), HasSubstr("'2020-1-1' is no date; written as 2016-07-01"));
  EXPECT_THAT(data_error("v,w\n1,2\n-4e38,1\n", with(given, {{"features", {"w"}}})),
              HasSubstr("data.csv:3: column 'v': '-4e38' is beyond 3.4e38"));
  EXPECT_THAT(import("v\n3.4028234e38\n-3.4028234e38\n", given).features, ElementsAre(3.4028234e38F, -3.4028234e38F));
}

TEST_F(CsvCells, a_difference_beyond_32_bits_is_refused_with_its_line) {
  const auto difference = with(given, {{"difference", {}}});
  EXPECT_THAT(data_error("v,w\n1,2\n2,3\n3e38,4\n-3e38,5\n", difference),
              HasSubstr("data.csv:5: the change to this row (v+1)"));
  const Given two = {
      {"target", {"w,v"}}, {"window", {"1"}}, {"horizon", {"1..2"}}, {"split", {"1,0"}}, {"difference", {}}};
  EXPECT_THAT(data_error("v,w\n3e38,2\n1,2\n-3e38,4\n1,5\n", two),
              HasSubstr("data.csv:4: the change to this row (v+2)"));
}

TEST_F(CsvCells, nan_in_any_spelling_is_a_missing_number) {
  for (const std::string cell : {"nan", "NaN", "-nan", "-NaN", "NAN", "<NA>", "#N/A", "None", "NA", ""}) {
    const auto text = "v,w\n1,2\n3," + cell + "\n";
    EXPECT_THAT(data_error(text, given), HasSubstr("data.csv:3: column 'w': the value is missing ('" + cell + "')"));
    EXPECT_THAT(import(text, with(given, {{"missing", {"zero"}}})).features, ElementsAre(1, 2, 3, 0)) << cell;
  }
  EXPECT_THAT(data_error("v,w\n1,2\n3,inf\n", given), HasSubstr("data.csv:3: column 'w'"));
}

TEST_F(CsvCells, decimal_commas_are_explained) {
  EXPECT_THAT(data_error("v;w\n1;2\n3;4,5\n", with(given, {{"separator", {";"}}})),
              HasSubstr("data.csv:3: column 'w': '4,5' is no number; write decimal points, not commas"));
}

TEST_F(CsvCells, numbers_do_not_depend_on_the_locale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const auto* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"})
    if (std::setlocale(LC_ALL, name) != nullptr) break;
  EXPECT_THAT(import("v\n1.5\n2.25\n", given).features, ElementsAre(1.5F, 2.25F));
  std::setlocale(LC_ALL, before.c_str());
}

TEST_F(CsvCells, the_first_missing_number_of_a_group_names_it) {
  EXPECT_THAT(data_error("g,v\na,1\nb,NA\na,2\nb,3\n", with(given, {{"group", {"g"}}, {"missing", {"ffill"}}})),
              HasSubstr("data.csv:3: column 'v': the first value of 'b' is missing"));
}

TEST_F(CsvCells, an_empty_class_or_series_is_refused) {
  const Given whole = {{"sequence-column", {"id"}}, {"class-column", {"c"}}, {"features", {"v"}}, {"split", {"1,0"}}};
  EXPECT_THAT(data_error("id,v,c\n1,1,x\n2,2,\n", whole),
              HasSubstr("data.csv:3: column 'c': the class of sequence '2'"));
  EXPECT_THAT(data_error("id,v,c\n1,1,x\n,2,y\n", whole), HasSubstr("data.csv:3: column 'id': is empty"));
}

TEST_F(CsvCells, numbers_to_predict_are_no_classes) {
  std::string text = "id,v,c\n";
  for (int i = 0; i < 30; ++i) text += std::to_string(i) + ",1," + std::to_string(i * 0.37) + "\n";
  EXPECT_THAT(config_error(text, {{"sequence-column", {"id"}}, {"class-column", {"c"}}}),
              HasSubstr("if they are numbers to predict, name it in --target"));
}

TEST_F(CsvCells, filled_numbers_and_unseen_categories_are_counted) {
  const auto text = "v,c\n1,x\nNA,y\nNA,x\n4,x\n5,z\n6,w\n";
  const Given filling = {
      {"target", {"v"}}, {"categorical", {"c"}}, {"window", {"1"}}, {"missing", {"ffill"}}, {"split-rows", {"4,5"}}};
  EXPECT_THAT(import(text, filling).header.feature_names, ElementsAre("v", "c=x", "c=y"));
  EXPECT_THAT(said(text, filling), HasSubstr("as inputs and as targets alike: 2 in 'v'"));
  EXPECT_THAT(
      said(text, filling),
      HasSubstr("column 'c': 2 of 4 texts are not among the training rows; they are all zeros (2 rows): 'w' …"));
}

TEST_F(CsvCells, a_blank_line_of_a_single_column_is_a_missing_number_and_not_nothing) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (const auto* line : {"v", "1", "2", "", "", "5", "", ""}) text += line + end;
    EXPECT_THAT(data_error(text, given), HasSubstr("data.csv:4: column 'v': the value is missing"));
    EXPECT_THAT(import(text, with(given, {{"missing", {"ffill"}}})).features, ElementsAre(1, 2, 2, 2, 5));
    EXPECT_THAT(import(text, with(given, {{"missing", {"drop"}}})).features, ElementsAre(1, 2, 5));
  }
  EXPECT_THAT(import("v,w\n1,2\n\n3,4\n", given).features, ElementsAre(1, 2, 3, 4)) << "no row of two cells";
}

TEST_F(CsvCells, a_first_row_of_numbers_is_not_lost_to_the_names) {
  const Given all = {{"target", {"all-features"}}, {"window", {"1"}}, {"split", {"1,0"}}};
  EXPECT_THAT(data_error("0.1891,-0.5227\n0.2,0.3\n0.4,0.5\n", all),
              HasSubstr("data.csv:1: holds values (0.1891, -0.5227), but the first line must name the columns"));
  EXPECT_THAT(data_error("2016-07-01 00:00,5.2\n2016-07-01 01:00,5.3\n", all), HasSubstr("data.csv:1: holds values"));
  EXPECT_THAT(data_error("1e-3\n2e-3\n", all), HasSubstr("data.csv:1: holds values"));
  EXPECT_THAT(import("2019,2020\n1,2\n3,4\n", all).header.feature_names, ElementsAre("2019", "2020")) << "years";
  EXPECT_THAT(import("400.5,label\n1,2\n3,4\n", all).header.feature_names, ElementsAre("400.5", "label"));
}

// Magnetic fields of the brain are some 1e-13 T; a column times 1e-31 was taken for a constant.
TEST_F(CsvCells, a_column_in_too_large_a_unit_is_refused_and_not_zero) {
  const auto in_unit = [](const char* exponent) {
    std::string text = "v\n";
    for (const char digit : {'1', '2', '3', '5'}) text += digit + std::string(exponent) + "\n";
    return text;
  };
  for (const auto* exponent : {"e-31", "e-40", "e-46", "e-300"})
    EXPECT_THAT(data_error(in_unit(exponent), given), HasSubstr("column 'v': its values differ by 4e")) << exponent;
  for (const auto* exponent : {"e-13", "e-20", "e-28"}) {
    const auto table = import(in_unit(exponent), given);
    EXPECT_FLOAT_EQ((table.features[1] - table.features[0]) / table.header.feature_sd[0], 1 / std::sqrt(35.0F / 16))
        << exponent;
  }
  EXPECT_NO_THROW(import("v\n0\n0\n0\n", given)) << "constant";
  EXPECT_NO_THROW(import("v\n1\n1e-40\n2\n", given)) << "small among others";
}

TEST_F(CsvCells, columns_that_are_constant_in_training_are_named) {
  const auto text = "v,w,x\n1,7,1\n2,7,2\n3,7,3\n4,8,4\n5,9,5\n";
  EXPECT_THAT(said(text, {{"target", {"v"}}, {"window", {"1"}}, {"split-rows", {"3,4"}}}),
              HasSubstr("constant in the training rows, so that no network can learn from it: w\n"));
  EXPECT_THAT(said(text, given), testing::Not(HasSubstr("constant")));
}

}  // namespace
}  // namespace seqsweep::data
