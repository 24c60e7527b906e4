// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/excerpt.hpp"

#include <algorithm>

#include "seqsweep/core/error.hpp"
#include "seqsweep/data/dataset.hpp"
#include "seqsweep/data/writer.hpp"

#include "data/support.hpp"

namespace seqsweep::data {
namespace {

using namespace testing_support;
using testing::ElementsAre;

TEST(Excerpt, of_a_share_has_the_nearest_number_of_sequences_and_at_least_a_batch) {
  EXPECT_EQ(sequences_in_share(1000, 1.0 / 16, 32), 63U) << "62.5 is rounded up";
  EXPECT_EQ(sequences_in_share(1000, 1.0 / 3, 32), 333U);
  EXPECT_EQ(sequences_in_share(1000, 1.0 / 16, 100), 100U);
  EXPECT_EQ(sequences_in_share(50, 0.5, 100), 50U) << "a batch may be larger than all";
  EXPECT_EQ(sequences_in_share(1000, 1, 32), 1000U);
  EXPECT_THROW((void)sequences_in_share(1000, 0, 32), ContractViolation);
  EXPECT_THROW((void)sequences_in_share(1000, 1.5, 32), ContractViolation);
}

TEST(Excerpt, is_a_part_of_every_larger_one_of_its_key) {
  std::vector<std::uint32_t> smaller;
  for (const std::size_t count : {1U, 2U, 10U, 57U, 99U, 100U}) {
    const auto excerpt = nested_excerpt(100, count, RandomKey(7));
    ASSERT_EQ(excerpt.size(), count);
    EXPECT_TRUE(std::is_sorted(excerpt.begin(), excerpt.end()));
    EXPECT_EQ(std::adjacent_find(excerpt.begin(), excerpt.end()), excerpt.end()) << "a sequence twice";
    EXPECT_TRUE(std::includes(excerpt.begin(), excerpt.end(), smaller.begin(), smaller.end())) << count;
    smaller = excerpt;
  }
  EXPECT_EQ(smaller.front(), 0U);
  EXPECT_EQ(smaller.back(), 99U);
}

TEST(Excerpt, is_another_one_for_another_key_and_takes_from_everywhere) {
  const auto excerpt = nested_excerpt(1000, 100, RandomKey(1));
  EXPECT_EQ(excerpt, nested_excerpt(1000, 100, RandomKey(1)));
  EXPECT_NE(excerpt, nested_excerpt(1000, 100, RandomKey(2)));
  const auto in_first_half = std::lower_bound(excerpt.begin(), excerpt.end(), 500U) - excerpt.begin();
  EXPECT_NEAR(static_cast<double>(in_first_half), 50, 20) << "four standard deviations of a fair draw";
}

TEST(Excerpt, of_a_sequence_has_the_nearest_number_of_steps_and_at_least_eight) {
  EXPECT_EQ(steps_in_share(100, 0.25), 25);
  EXPECT_EQ(steps_in_share(100, 1.0 / 16), 8);
  EXPECT_EQ(steps_in_share(5, 0.25), 5);
  EXPECT_EQ(steps_in_share(100, 1), 100);
}

// One feature that counts the steps of all sequences, of 12, 20 and 9 steps; the target of a step is its number, too.
SequenceTable counting(TargetPosition position) {
  SequenceTable table;
  auto& header = table.header;
  header.name = "counting";
  header.num_features = 1;
  header.feature_names = {"number"};
  header.feature_mean = header.target_mean = {0};
  header.feature_sd = header.target_sd = {1};
  header.target_position = position;
  for (int step = 0; step < 41; ++step) table.features.push_back(static_cast<float>(step));
  table.sequences = {{0, 12, 0}, {12, 20, 0}, {32, 9, 0}};
  if (position == TargetPosition::per_step)
    table.targets = table.features;
  else
    table.targets = {100, 200, 300};
  return table;
}

SequenceBatch gathered(TargetPosition position, double share_of_steps) {
  const TemporaryDirectory dir;
  write_dataset(counting(position), dir.file("a.h5"), IfExists::refuse);
  SequenceBatch batch;
  Dataset::load(dir.file("a.h5")).gather(Split::train, std::vector<std::uint32_t>{0, 1, 2}, batch, share_of_steps);
  return batch;
}

TEST(Window, of_sequences_with_one_target_is_their_end) {
  const auto batch = gathered(TargetPosition::per_sequence, 0.5);
  EXPECT_THAT(batch.sequence_ids, ElementsAre(1U, 0U, 2U));
  EXPECT_THAT(batch.lengths, ElementsAre(10, 8, 8));
  EXPECT_THAT(batch.targets, ElementsAre(200, 100, 300));
  EXPECT_THAT(std::vector(batch.features.begin(), batch.features.begin() + 3), ElementsAre(22, 4, 33)) << "first step";
  EXPECT_EQ(batch.features.back(), 31) << "the last step of the longest sequence";
  EXPECT_EQ(batch.features.size(), 26U);
}

TEST(Window, of_sequences_with_a_target_per_step_is_their_beginning) {
  const auto batch = gathered(TargetPosition::per_step, 0.5);
  EXPECT_THAT(batch.lengths, ElementsAre(10, 8, 8));
  EXPECT_THAT(std::vector(batch.features.begin(), batch.features.begin() + 3), ElementsAre(12, 0, 32)) << "first step";
  EXPECT_EQ(batch.targets, batch.features);
}

TEST(Window, of_all_steps_is_the_whole) {
  EXPECT_EQ(gathered(TargetPosition::per_step, 1).features.size(), 41U);
}

}  // namespace
}  // namespace seqsweep::data
