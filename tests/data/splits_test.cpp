// SPDX-License-Identifier: Apache-2.0
#include "data/splits.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include <fmt/format.h>

#include "data/rounding.hpp"
#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Fractions default_fractions = {0.7, 0.15, 0.15};

Counts counts_of(const std::vector<Split>& splits) {
  Counts counts{};
  for (const auto split : splits) ++counts[static_cast<std::size_t>(split)];
  return counts;
}

// Classes 0, 1, … of so many things each, one after another.
std::vector<std::int32_t> strata_of(const std::vector<std::size_t>& sizes) {
  std::vector<std::int32_t> strata;
  for (std::size_t k = 0; k < sizes.size(); ++k) strata.insert(strata.end(), sizes[k], static_cast<std::int32_t>(k));
  return strata;
}

std::vector<Counts> counts_by_stratum(const std::vector<std::int32_t>& strata, const std::vector<Split>& splits) {
  std::vector<Counts> counts(static_cast<std::size_t>(strata.empty() ? 0 : strata.back() + 1));
  for (std::size_t i = 0; i < strata.size(); ++i)
    ++counts[static_cast<std::size_t>(strata[i])][static_cast<std::size_t>(splits[i])];
  return counts;
}

TEST(Splits, thirty_classes_of_three_sequences_are_not_cut_60_0_30) {
  const auto strata = strata_of(std::vector<std::size_t>(30, 3));
  const auto splits = draw_splits(strata, default_fractions, RandomKey(1));
  EXPECT_THAT(counts_of(splits), ElementsAre(63, 14, 13));
  for (const auto& counts : counts_by_stratum(strata, splits)) {
    EXPECT_GE(counts[0], 2U);
    EXPECT_LE(counts[1], 1U);
    EXPECT_LE(counts[2], 1U);
  }
}

TEST(Splits, ties_go_to_training_first_and_then_to_validation) {
  EXPECT_THAT(largest_remainders(1, {0.5, 0.25, 0.25}), ElementsAre(1, 0, 0));
  EXPECT_THAT(largest_remainders(2, {0.5, 0.25, 0.25}), ElementsAre(1, 1, 0));
  EXPECT_THAT(largest_remainders(5, {0.9, 0.1, 0}), ElementsAre(5, 0, 0));
  EXPECT_THAT(largest_remainders(10, default_fractions), ElementsAre(7, 2, 1));
  EXPECT_THAT(largest_remainders(3, default_fractions), ElementsAre(2, 1, 0));
  EXPECT_THAT(largest_remainders(1000, default_fractions), ElementsAre(700, 150, 150));
}

TEST(Splits, every_part_has_its_share_of_all_and_of_each_class_to_within_one) {
  std::mt19937 random(7);
  const std::vector<Fractions> all_fractions = {default_fractions,  {0.9, 0.1, 0},     {0.8, 0, 0.2},
                                                {0.34, 0.33, 0.33}, {0.1, 0.45, 0.45}, {1, 0, 0}};
  for (int round = 0; round < 600; ++round) {
    const auto& fractions = all_fractions[static_cast<std::size_t>(round) % all_fractions.size()];
    std::vector<std::size_t> sizes(1 + random() % 12);
    for (auto& size : sizes) size = 1 + random() % (round % 3 == 0 ? 3 : 40);
    const auto strata = strata_of(sizes);
    const auto splits = draw_splits(strata, fractions, RandomKey(static_cast<std::uint64_t>(round)));
    EXPECT_EQ(counts_of(splits), largest_remainders(strata.size(), fractions)) << round;
    const auto by_stratum = counts_by_stratum(strata, splits);
    for (std::size_t k = 0; k < sizes.size(); ++k)
      for (std::size_t p = 0; p < 3; ++p)
        EXPECT_LT(std::abs(static_cast<double>(by_stratum[k][p]) - fractions[p] * static_cast<double>(sizes[k])), 1)
            << round << ' ' << k << ' ' << p;
  }
}

TEST(Splits, a_class_is_without_training_only_where_training_is_too_small_for_all_classes) {
  const auto many = strata_of(std::vector<std::size_t>(20, 1));  // 14 for training
  const auto of_many = counts_by_stratum(many, draw_splits(many, default_fractions, RandomKey(1)));
  EXPECT_EQ(std::ranges::count_if(of_many, [](const Counts& counts) { return counts[0] == 0; }), 6);
  // Whoever rounds by remainders alone gives the three classes of one to validation and test, of share 0.35 each.
  const auto few = strata_of({1, 1, 1, 33, 29, 28});
  const auto of_few = counts_by_stratum(few, draw_splits(few, {0.3, 0.35, 0.35}, RandomKey(1)));
  for (const auto& counts : of_few) EXPECT_GT(counts[0], 0U);
}

TEST(Splits, which_class_is_without_training_is_drawn_and_not_the_last_by_name) {
  const auto strata = strata_of(std::vector<std::size_t>(20, 1));
  std::vector<std::size_t> times_untrained(20);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto splits = draw_splits(strata, default_fractions, RandomKey(seed));
    for (std::size_t k = 0; k < 20; ++k) times_untrained[k] += splits[k] == Split::train ? 0 : 1;
  }
  for (const auto times : times_untrained) EXPECT_THAT(times, testing::AllOf(testing::Gt(10U), testing::Lt(50U)));
}

TEST(Splits, where_the_shares_are_whole_numbers_the_draw_is_the_first_of_a_shuffle_by_class) {
  const auto strata = strata_of({20, 40});
  const auto splits = draw_splits(strata, default_fractions, RandomKey(3));
  std::size_t begin = 0;
  for (const std::size_t k : {0U, 1U}) {
    std::vector<std::size_t> members(k == 0 ? 20 : 40);
    std::iota(members.begin(), members.end(), begin);
    begin += members.size();
    shuffle(std::span(members), RandomKey(3).fold(Purpose::split).fold(k).stream());
    for (std::size_t i = 0; i < members.size(); ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(members.size());
      EXPECT_EQ(splits[members[i]], share < 0.7 ? Split::train : share < 0.85 ? Split::validation : Split::test);
    }
  }
}

TEST(Splits, series_cut_each_by_itself_have_the_shares_of_all_together) {
  const std::vector<std::size_t> sizes(40, 3);
  const auto rows = split_ends(sizes, default_fractions);
  Counts totals{};
  for (const auto& ends : rows) {
    EXPECT_EQ(ends[2], 3U);
    EXPECT_LE(ends[0], ends[1]);
    totals = {totals[0] + ends[0], totals[1] + ends[1] - ends[0], totals[2] + ends[2] - ends[1]};
  }
  EXPECT_THAT(totals, ElementsAre(84, 18, 18));
  const std::vector<std::size_t> one = {1461};
  EXPECT_THAT(split_ends(one, default_fractions), ElementsAre(split_ends(1461, default_fractions)));
}

TEST(Splits, classes_that_no_training_sequence_has_are_named) {
  const TemporaryDirectory dir;
  std::string lines;
  for (int k = 0; k < 10; ++k) lines += fmt::format("one two\tclass{}\n", k);
  const auto table = import_files("text", {dir.write("a.tsv", lines)});
  EXPECT_EQ(table.num_sequences(Split::train), 7U);
  EXPECT_EQ(table.num_sequences(Split::validation), 2U);
  ASSERT_EQ(table.remarks.size(), 1U);
  EXPECT_THAT(table.remarks[0], HasSubstr("3 of 10 classes have no training sequence"));
  for (std::size_t i = 7; i < 10; ++i)
    EXPECT_THAT(table.remarks[0], HasSubstr(table.header.output_names[static_cast<std::size_t>(table.classes[i])]));
}

TEST(Splits, a_single_class_is_said_to_be_nothing_to_tell_apart) {
  const TemporaryDirectory dir;
  const auto table = import_files("text", {dir.write("a.tsv", "one\tgood\ntwo\tgood\nthree\tgood\nfour\tgood\n")});
  ASSERT_EQ(table.remarks.size(), 1U);
  EXPECT_THAT(table.remarks[0], HasSubstr("all sequences are of one class, good"));
}

TEST(Splits, shares_that_nearly_add_up_to_one_leave_nobody_over) {
  const TemporaryDirectory dir;
  std::string lines;
  for (int i = 0; i < 300; ++i) lines += "0 1 2\n";
  const auto table =
      import_files("piano_roll", {dir.write("a.txt", lines)}, {{"split", {"0.3333335,0.3333333,0.3333333"}}});
  for (const Split split : all_splits) EXPECT_EQ(table.num_sequences(split), 100U);
}

}  // namespace
}  // namespace seqsweep::data
