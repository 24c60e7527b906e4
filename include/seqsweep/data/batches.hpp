// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/core/random.hpp"

namespace seqsweep::data {

/// The order of one epoch: which sequences make up batch b, and which of those shard s. A function of the sequences and
/// the key alone.
///
/// The last batch may be smaller. Shard s of a batch of n sequences holds its sequences s·n/S … (s+1)·n/S - 1, so
/// shards may be empty in small batches.
class EpochPlan {
 public:
  /// Of these sequences of a split, shuffled by `key`.
  EpochPlan(std::vector<std::uint32_t> sequences, int batch_size, int num_shards, RandomKey key);

  [[nodiscard]] int num_batches() const;
  [[nodiscard]] std::span<const std::uint32_t> batch(int b) const;
  [[nodiscard]] std::span<const std::uint32_t> shard(int b, int s) const;

 private:
  std::vector<std::uint32_t> order_;
  int batch_size_, num_shards_;
};

/// The default number of shards of a batch: one per 8 sequences, a power of two, at most 16, at least 1.
[[nodiscard]] int default_shards(int batch_size);

}  // namespace seqsweep::data
