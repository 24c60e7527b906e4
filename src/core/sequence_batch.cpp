// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/sequence_batch.hpp"

#include <algorithm>
#include <functional>

#include "seqsweep/core/error.hpp"

namespace seqsweep {

void pack_lengths(SequenceBatch& batch) {
  const auto& lengths = batch.lengths;
  SEQSWEEP_EXPECT(std::is_sorted(lengths.begin(), lengths.end(), std::greater<>{}), "batch lengths must fall");
  SEQSWEEP_EXPECT(lengths.empty() || lengths.back() > 0, "a sequence has no steps");
  batch.num_sequences = static_cast<int>(lengths.size());
  batch.num_steps = lengths.empty() ? 0 : lengths.front();
  batch.rows_at.assign(static_cast<std::size_t>(batch.num_steps), 0);
  batch.offset_at.assign(static_cast<std::size_t>(batch.num_steps) + 1, 0);
  int rows = batch.num_sequences;
  for (int t = 0; t < batch.num_steps; ++t) {
    while (rows > 0 && lengths[static_cast<std::size_t>(rows) - 1] <= t) --rows;
    batch.rows_at[static_cast<std::size_t>(t)] = rows;
    batch.offset_at[static_cast<std::size_t>(t) + 1] = batch.offset_at[static_cast<std::size_t>(t)] + rows;
  }
}

}  // namespace seqsweep
