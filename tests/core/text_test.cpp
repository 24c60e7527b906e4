// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/text.hpp"

#include <gtest/gtest.h>

#include "seqsweep/core/shortened.hpp"

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

TEST(Text, a_number_has_one_sign) {
  EXPECT_EQ(parse_real("+5"), 5);
  for (const char* text : {"+-5", "-+5", "--5", "++5", "+", "-"}) {
    EXPECT_FALSE(parse_real(text)) << text;
    EXPECT_FALSE(parse_integer(text)) << text;
  }
}

TEST(Text, shortest_reads_back_as_the_same_double) {
  for (const double x : {0.1, 1e-5, 1.0 / 3, 123456789.123}) EXPECT_EQ(parse_real(shortest(x)), x);
}

TEST(Text, long_texts_that_begin_alike_stay_apart_when_they_are_cut) {
  const std::string begin(100, 'a');
  EXPECT_EQ(shortened(begin, 100), begin);
  EXPECT_EQ(shortened(begin, 99).size(), 99u);
  EXPECT_NE(shortened(begin + "1", 96), shortened(begin + "2", 96));
  EXPECT_EQ(shortened(begin + "1", 96).substr(0, 88), begin.substr(0, 87) + "~");
  std::string umlauts;
  for (int i = 0; i < 60; ++i) umlauts += "ü";
  EXPECT_EQ(shortened(umlauts, 96).substr(0, 87), umlauts.substr(0, 86) + "~") << "half a character is none";
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
