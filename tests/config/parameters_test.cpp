// SPDX-License-Identifier: Apache-2.0
//
// [parameters] of commands: texts and numbers, names, and how many there may be.
#include "../../src/config/parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_file.hpp"
#include "error_cases.hpp"

namespace seqsweep::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string head = "[trial]\nobjective = command\ncommand = ./a\n[sweep]\nmetric = loss\n[parameters]\n";

TEST(WrittenAsNumber, is_what_the_number_gives_back) {
  for (const auto* text : {"0", "64", "-3", "0.5", "1.0", "-0.25", "1e-3", "1e-03", "1e-05", "1E-4", "2.5e-4", "1e3",
                           "1e20", "1e+20", "0.001", "1000", "9223372036854775807", "100.0"})
    EXPECT_TRUE(is_written_as_number(text)) << text;
  for (const auto* text : {"007",
                           "1.10",
                           "0.50",
                           "+5",
                           "nan",
                           "inf",
                           "-inf",
                           "NaN",
                           "0x10",
                           "true",
                           "1_000",
                           ".5",
                           "1.",
                           "10e-4",
                           "00",
                           "-0",
                           "9223372036854775808",
                           "12345678901234567890",
                           "0.1000000000000000055",
                           "1e999",
                           "",
                           "1e",
                           "abc",
                           "1.0.0",
                           "9007199254740993.0"})
    EXPECT_FALSE(is_written_as_number(text)) << text;
}

TEST(Parameters, that_are_written_as_no_number_are_texts_and_all_choices_of_one_alike) {
  const auto config = read_text(head +
                                "code = choice(007, 010)\nversion = choice(1.9, 1.10)\nname = choice(nan, inf)\n"
                                "rate = choice(1e-3, 1e-4)\nscale = choice(0.5, 1.0, 2)\nreal = uniform(0, 1)\n"
                                "flag = choice(true, false)\nsingle = 1.10\nplain = 64\n");
  EXPECT_THAT(config.base.command.texts,
              ElementsAre("code", "flag", "name", "parameters.code", "parameters.flag", "parameters.name",
                          "parameters.single", "parameters.version", "single", "version"));
  EXPECT_THAT(
      config.warnings,
      ElementsAre("parameters.code: {settings} has 007 as a text, since as a number it would be 7, and the other "
                  "choices, too",
                  "parameters.single: {settings} has 1.10 as a text, since as a number it would be 1.1",
                  "parameters.version: {settings} has 1.10 as a text, since as a number it would be 1.1, and the "
                  "other choices, too"));
}

TEST(Parameters, that_would_hide_behind_other_names_are_refused) {
  expect_errors({{"seed = choice(1, 2)\n",
                  "a.ini:7: parameters.seed hides behind {seed}, which every trial is given; give it another name"},
                 {"settings = a\n",
                  "a.ini:7: parameters.settings hides behind {settings}, which every trial is given; give it another "
                  "name"},
                 {"sweep.metric = a\n",
                  "a.ini:7: parameters.sweep.metric and sweep.metric would both be {sweep.metric}; give it another "
                  "name"}},
                head);
}

// A point travels in one message, and its columns are one message of HDF5's.
TEST(Parameters, are_as_many_as_work_to_the_end_and_more_are_refused_with_the_reason) {
  const auto with = [](int count, const std::string& value) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "p" + std::to_string(i) + " = " + value + "\n";
    return head + text;
  };
  EXPECT_EQ(read_text(with(360, "uniform(0, 1)")).space.size(), 360u);
  expect_errors(
      {{with(361, "uniform(0, 1)"),
        "a.ini:7: 361 dimensions are too many to search over: a point takes 3610 bytes (10 for a number, 6 and "
        "its length for a choice), and may take 3600; search over fewer, and leave the others to the program "
        "or to constants"}},
      "");
  EXPECT_EQ(read_text(with(3000, "0.5")).base.parameters.size(), 3000u);
  EXPECT_EQ(read_text(head + "x = choice(a, " + std::string(1000, 'b') + ")\n").space.size(), 1u);
  expect_errors(
      {{"x = choice(a, " + std::string(1001, 'b') + ")\n",
        "a.ini:7: parameters.x: a choice has 1001 bytes, and may have 1000; give it a short name, and let the "
        "program look up what that stands for"}},
      head);
}

TEST(Parameters, with_long_names_are_as_many_as_the_columns_hold) {
  std::string text = head;
  for (int i = 0; i < 300; ++i) text += std::string(200, 'n') + std::to_string(i) + " = uniform(0, 1)\n";
  try {
    (void)read_text(text);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("as columns of /trials, and may take"));
  }
}

TEST(Parameters, metric_names_are_as_long_as_a_results_file_keeps) {
  const auto with = [](std::size_t length) {
    return "[trial]\nobjective = command\ncommand = ./a\n[sweep]\ngoal = minimize\nmetric = " +
           std::string(length, 'm') + "\n";
  };
  EXPECT_NO_THROW((void)read_text(with(64)));
  expect_errors({{with(65), "a.ini:6: sweep.metric names '" + std::string(65, 'm') +
                                "' of 65 bytes, and a name may have 64; print it under a shorter one"}},
                "");
}

TEST(FirstEpoch, is_part_of_the_definition_where_it_is_not_1) {
  EXPECT_THAT(read_text(head + "x = 1\n").definition(), Not(Contains(testing::Key("trial.first_epoch"))));
  const auto config = read_text(head + "x = 1\n", {"trial.first_epoch=0"});
  EXPECT_EQ(config.base.command.first_epoch, 0);
  EXPECT_EQ(config.definition().at("trial.first_epoch"), "0");
  EXPECT_THROW((void)read_text(head + "x = 1\n", {"trial.first_epoch=2"}), ConfigError);
  EXPECT_THAT(read_text(head + "x = 1\n").warnings, IsEmpty());
}

}  // namespace
}  // namespace seqsweep::config
