// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/batches.hpp"

#include <numeric>
#include <set>

#include <gmock/gmock.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::data {
namespace {

std::vector<std::uint32_t> copy_of(std::span<const std::uint32_t> values) {
  return {values.begin(), values.end()};
}

std::vector<std::uint32_t> first(std::size_t count) {
  std::vector<std::uint32_t> positions(count);
  std::iota(positions.begin(), positions.end(), 0U);
  return positions;
}

TEST(EpochPlan, every_sequence_is_in_exactly_one_batch) {
  const EpochPlan plan(first(103), 10, 4, RandomKey(1));
  EXPECT_EQ(plan.num_batches(), 11);
  std::multiset<std::uint32_t> seen;
  for (int b = 0; b < plan.num_batches(); ++b) seen.insert(plan.batch(b).begin(), plan.batch(b).end());
  EXPECT_THAT(seen, testing::ElementsAreArray(first(103)));
  EXPECT_EQ(plan.batch(10).size(), 3U);
}

TEST(EpochPlan, shards_cover_a_batch_exactly_once_and_in_order) {
  for (const int shards : {1, 2, 4, 8, 16}) {
    const EpochPlan plan(first(37), 12, shards, RandomKey(2));
    for (int b = 0; b < plan.num_batches(); ++b) {
      std::vector<std::uint32_t> joined;
      for (int s = 0; s < shards; ++s) {
        const auto part = plan.shard(b, s);
        joined.insert(joined.end(), part.begin(), part.end());
      }
      EXPECT_EQ(joined, copy_of(plan.batch(b))) << "batch " << b << " of " << shards << " shards";
    }
  }
}

TEST(EpochPlan, order_depends_on_the_key_and_on_nothing_else) {
  const auto order = [](RandomKey key, int shards) { return copy_of(EpochPlan(first(50), 50, shards, key).batch(0)); };
  EXPECT_EQ(order(RandomKey(3), 1), order(RandomKey(3), 8));
  EXPECT_NE(order(RandomKey(3), 1), order(RandomKey(4), 1));
  EXPECT_NE(order(RandomKey(3), 1), first(50));
}

TEST(EpochPlan, refuses_batches_and_shards_that_are_not_there) {
  const EpochPlan plan(first(5), 2, 2, RandomKey(1));
  EXPECT_THROW(static_cast<void>(plan.batch(3)), ContractViolation);
  EXPECT_THROW(static_cast<void>(plan.shard(0, 2)), ContractViolation);
}

TEST(EpochPlan, default_shards_are_powers_of_two_of_eight_sequences) {
  const std::vector<std::pair<int, int>> expected = {{1, 1},  {15, 1},  {16, 2},   {31, 2},
                                                     {32, 4}, {100, 8}, {128, 16}, {4096, 16}};
  for (const auto& [batch_size, shards] : expected) EXPECT_EQ(default_shards(batch_size), shards) << batch_size;
}

}  // namespace
}  // namespace seqsweep::data
