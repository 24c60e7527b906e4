// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/text.hpp"

#include <gtest/gtest.h>

namespace seqsweep {
namespace {

TEST(Text, nearest_name_finds_typing_errors_and_nothing_else) {
  const std::vector<std::string> cells = {"rnn", "lstm", "gru"};
  EXPECT_EQ(nearest_name("lsmt", cells), "lstm");
  EXPECT_EQ(nearest_name("gur", cells), "gru");
  EXPECT_EQ(nearest_name("transformer", cells), "");
  EXPECT_EQ(known_names("lsmt", cells), "(known: rnn, lstm, gru); did you mean 'lstm'?");
}

TEST(Text, parses_whole_numbers_only) {
  EXPECT_EQ(parse_integer(" 64 "), 64);
  EXPECT_EQ(parse_integer("+3"), 3);
  EXPECT_FALSE(parse_integer("64x"));
  EXPECT_FALSE(parse_integer("6.4"));
  EXPECT_FALSE(parse_integer(""));
  EXPECT_EQ(parse_real("1e-3"), 1e-3);
  EXPECT_FALSE(parse_real("1e-3s"));
}

TEST(Text, shortest_reads_back_as_the_same_double) {
  for (const double x : {0.1, 1e-5, 1.0 / 3, 123456789.123}) EXPECT_EQ(parse_real(shortest(x)), x);
}

TEST(Text, splits_joins_and_trims) {
  EXPECT_EQ(split("a,b,,c", ','), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(trim("  x y\t\r\n"), "x y");
  EXPECT_EQ(join(split("a,b", ','), " + "), "a + b");
}

TEST(Text, speaks_of_times_and_sizes_as_people_do) {
  EXPECT_EQ(human_seconds(0.85), "850 ms");
  EXPECT_EQ(human_seconds(250), "4 min 10 s");
  EXPECT_EQ(human_seconds(7500), "2 h 5 min");
  EXPECT_EQ(human_bytes(1.4e6), "1.4 MB");
}

TEST(Text, ordinals_end_as_they_are_spoken) {
  for (const auto* text : {"1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"})
    EXPECT_EQ(ordinal(std::stoul(text)), text);
}

}  // namespace
}  // namespace seqsweep
