// SPDX-License-Identifier: Apache-2.0
//
// What programs print, and what is read of it.
#include "../../src/trial/metric_lines.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seqsweep::trial {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

LineReading read(const std::string& line, const std::string& metric = "loss") {
  return read_metric_line(line, metric);
}

// The value of the metric; NaN also where it is no metric line, which tests of NaN must rule out.
double value_of(const std::string& line) {
  const auto reading = read(line);
  EXPECT_TRUE(reading.found) << line << " " << reading.problem;
  if (reading.found) EXPECT_EQ(reading.found->fault, "") << line;
  return reading.found ? reading.found->value : store::not_applicable;
}

std::string problem_of(const std::string& line) {
  const auto reading = read(line);
  EXPECT_FALSE(reading.found) << line;
  return reading.problem;
}

std::string fault_of(const std::string& line) {
  const auto reading = read(line);
  EXPECT_TRUE(reading.found) << line;
  return reading.found ? reading.found->fault : "";
}

TEST(MetricLine, is_a_json_object_with_the_metric) {
  EXPECT_EQ(value_of("  {\"loss\": 1e-3, \"epoch\": 7}\r"), 1e-3);
  EXPECT_EQ(read("{\"loss\": 1, \"epoch\": 7}").found->epoch, 7);
  for (const auto* other : {"loss: 0.5", "{\"val_loss\": 0.5}", "{\"best\": \"loss\"}", "", "'loss'"})
    EXPECT_THAT(problem_of(other), IsEmpty()) << other;
}

TEST(MetricLine, an_escaped_backslash_before_a_quote_ends_the_string) {
  EXPECT_EQ(value_of(R"({"path": "a\\", "loss": 0.5, "other": NaN})"), 0.5);
  EXPECT_EQ(value_of(R"({"path": "say \"NaN\", please", "loss": 0.5})"), 0.5);
  EXPECT_TRUE(std::isnan(value_of(R"({"name": "NaN\\\\", "loss": NaN})")));
}

TEST(MetricLine, nan_and_infinity_are_read_as_python_c_and_javascript_print_them) {
  for (const auto* word : {"NaN", "nan", "-nan", "Infinity", "-Infinity", "inf", "-inf", "INF", "+Infinity", "null",
                           "1e999", "-1e999", "\"nan\"", "\"-Infinity\"", "\"inf\""})
    EXPECT_TRUE(std::isnan(value_of(std::string("{\"loss\": ") + word + "}"))) << word;
  EXPECT_EQ(value_of(R"({"note": "nan inf 1e999", "loss": 0.5})"), 0.5);
}

TEST(MetricLine, numbers_are_read_as_bc_awk_and_quoting_programs_print_them) {
  EXPECT_EQ(value_of("{\"loss\": .5}"), 0.5);
  EXPECT_EQ(value_of("{\"loss\": -.5}"), -0.5);
  EXPECT_EQ(value_of("{\"loss\": 1.}"), 1);
  EXPECT_EQ(value_of("{\"loss\": +1}"), 1);
  EXPECT_EQ(value_of("{\"loss\": 00.25}"), 0.25);
  EXPECT_EQ(value_of("{\"loss\": \"0.5\"}"), 0.5);
  EXPECT_EQ(value_of("{\"loss\": \" 1e-3 \"}"), 1e-3);
  EXPECT_EQ(value_of("{\"loss\": 1e-400}"), 0);
  EXPECT_EQ(value_of("{\"loss\": 12345678901234567890}"), 12345678901234567890.0);
  EXPECT_EQ(read("{\"loss\": 1, \"epoch\": \"3\"}").found->epoch, 3);
  EXPECT_EQ(read("{\"loss\": 1, \"epoch\": 3.0}").found->epoch, 3);
}

TEST(MetricLine, colors_a_byte_order_mark_and_foreign_bytes_do_not_hide_it) {
  EXPECT_EQ(value_of("\x1b[1;32m{\"loss\": 0.5}\x1b[0m"), 0.5);
  EXPECT_EQ(value_of("\xEF\xBB\xBF{\"loss\": 0.5}"), 0.5);
  EXPECT_EQ(value_of("{\"name\": \"K\xF6ln\", \"loss\": 0.5}"), 0.5) << "Latin-1";
  EXPECT_EQ(read("{\"gr\xC3\xB6\xC3\x9F"
                 "e\": 1}",
                 "gr\xC3\xB6\xC3\x9F"
                 "e")
                .found->value,
            1);
  EXPECT_EQ(read("{\"gr\\u00f6\\u00dfe\": 1}",
                 "gr\xC3\xB6\xC3\x9F"
                 "e")
                .found->value,
            1)
      << "as json.dumps escapes it";
}

TEST(MetricLine, titles_and_other_orders_to_a_terminal_do_not_hide_it) {
  EXPECT_EQ(value_of("\x1b]0;training\a{\"loss\": 0.5}"), 0.5);
  EXPECT_EQ(value_of("\x1b]0;training\x1b\\{\"loss\": 0.5}"), 0.5);
  EXPECT_EQ(value_of("\x1b(B\x1b[m{\"loss\": 0.5}\x1b(B"), 0.5) << "tput sgr0";
  EXPECT_EQ(value_of("{\"loss\": 0.5}\x1b"), 0.5) << "cut off";
}

TEST(MetricLine, a_value_that_is_no_number_is_a_fault_and_does_not_diverge) {
  EXPECT_EQ(fault_of("{\"loss\": true}"), "its line says \"loss\": true, which is no number");
  EXPECT_EQ(fault_of("{\"loss\": [0.5]}"), "its line says \"loss\": [0.5], which is no number");
  EXPECT_EQ(fault_of("{\"loss\": {\"mean\": 0.5}}"), "its line says \"loss\": {\"mean\":0.5}, which is no number");
  EXPECT_EQ(fault_of("{\"loss\": \"n/a\"}"), "its line says \"loss\": \"n/a\", which is no number");
  EXPECT_EQ(fault_of("{\"loss\": \"0x10\"}"), "its line says \"loss\": \"0x10\", which is no number");
}

TEST(MetricLine, an_epoch_that_is_no_whole_number_is_a_fault) {
  for (const auto* epoch : {"1.5", "\"first\"", "null", "true", "1e300", "NaN", "[1]"})
    EXPECT_THAT(fault_of(std::string("{\"loss\": 1, \"epoch\": ") + epoch + "}"),
                HasSubstr("; epochs are whole numbers"))
        << epoch;
  EXPECT_EQ(read("{\"loss\": 1, \"epoch\": -7}").found->epoch, -7) << "whose fault the segment tells";
}

TEST(MetricLine, what_names_the_metric_and_cannot_be_read_says_why) {
  EXPECT_EQ(problem_of("{\"loss\": 0.5"), "is no JSON object");
  EXPECT_EQ(problem_of("{\"loss\": abc}"), "is no JSON object");
  EXPECT_EQ(problem_of("{\"loss\": 0.5} {\"loss\": 0.4}"), "is no JSON object");
  EXPECT_EQ(problem_of("{'epoch': 1, 'loss': 0.5}"), "is no JSON: it has single quotes");
  EXPECT_EQ(problem_of("{\"epoch\": 1, \"metrics\": {\"loss\": 0.5}}"), "has it inside another object");
  EXPECT_EQ(problem_of("INFO {\"loss\": 0.5}"), "is no JSON object alone on its line");
  EXPECT_EQ(problem_of("[{\"loss\": 0.5}]"), "is no JSON object alone on its line");
  EXPECT_EQ(problem_of("  \"loss\" : 0.5,"), "is a part of an object: print all of it on one line");
  EXPECT_EQ(problem_of("{\"loss\": 1, \"loss\": 2}"), "has \"loss\" twice");
  EXPECT_EQ(problem_of("{\"epoch\": 1, \"loss\": 1, \"epoch\": 2}"), "has \"epoch\" twice");
  EXPECT_EQ(value_of("{\"loss\": 1, \"inner\": {\"loss\": 2}, \"a\": 1, \"a\": 2}"), 1);
}

TEST(MetricLine, of_more_than_64_kB_is_read_and_beyond_16_MiB_says_so) {
  EXPECT_EQ(value_of("{\"weights\": \"" + std::string(200'000, 'x') + "\", \"loss\": 0.5}"), 0.5);
  std::string line = "{\"loss\": 0.5, \"weights\": \"";
  line.resize(longest_line, 'x');
  EXPECT_EQ(problem_of(line), "is longer than 16 MiB");
}

TEST(MetricLine, numbers_that_are_not_recorded_are_counted) {
  std::string many = "{\"loss\": 1";
  for (int i = 10; i < 40; ++i) many += ", \"m" + std::to_string(i) + "\": 1";
  EXPECT_EQ(read(many + "}").found->metrics.size(), most_metrics);
  EXPECT_EQ(read(many + "}").found->num_left_out, 31 - most_metrics);
  const auto reading = read("{\"loss\": 1, \"" + std::string(longest_metric, 'n') + "\": 2, \"" +
                            std::string(longest_metric + 1, 'n') + "\": 3}");
  EXPECT_EQ(reading.found->metrics.size(), 2u);
  EXPECT_EQ(reading.found->num_left_out, 1u);
}

TEST(Excerpt, is_short_and_whole_characters) {
  EXPECT_EQ(excerpt(" \x1b[31mred\x1b[0m "), "red");
  EXPECT_EQ(excerpt("K\xF6ln"), "K\xEF\xBF\xBDln");
  const auto text = excerpt(std::string(59, 'a') + "\xC3\xB6" + std::string(59, 'a'));
  EXPECT_EQ(text, std::string(59, 'a') + " …");
}

}  // namespace
}  // namespace seqsweep::trial
