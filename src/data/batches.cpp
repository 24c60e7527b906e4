// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/batches.hpp"

#include <algorithm>
#include <utility>

#include "seqsweep/core/error.hpp"

namespace seqsweep::data {

EpochPlan::EpochPlan(std::vector<std::uint32_t> sequences, int batch_size, int num_shards, RandomKey key)
    : order_(std::move(sequences)), batch_size_(batch_size), num_shards_(num_shards) {
  SEQSWEEP_EXPECT(batch_size >= 1 && num_shards >= 1, "a batch needs at least one sequence and one shard");
  shuffle(std::span(order_), key.stream());
}

int EpochPlan::num_batches() const {
  const auto size = static_cast<std::size_t>(batch_size_);
  return static_cast<int>((order_.size() + size - 1) / size);
}

std::span<const std::uint32_t> EpochPlan::batch(int b) const {
  SEQSWEEP_EXPECT(b >= 0 && b < num_batches(), "no such batch in this epoch");
  const auto size = static_cast<std::size_t>(batch_size_);
  const auto first = static_cast<std::size_t>(b) * size;
  return std::span(order_).subspan(first, std::min(size, order_.size() - first));
}

std::span<const std::uint32_t> EpochPlan::shard(int b, int s) const {
  SEQSWEEP_EXPECT(s >= 0 && s < num_shards_, "no such shard in this batch");
  const auto whole = batch(b);
  const auto shards = static_cast<std::size_t>(num_shards_), index = static_cast<std::size_t>(s);
  const auto first = index * whole.size() / shards, end = (index + 1) * whole.size() / shards;
  return whole.subspan(first, end - first);
}

int default_shards(int batch_size) {
  SEQSWEEP_EXPECT(batch_size >= 1, "a batch needs at least one sequence");
  int shards = 1;
  while (shards < 16 && shards * 2 * 8 <= batch_size) shards *= 2;
  return shards;
}

}  // namespace seqsweep::data
