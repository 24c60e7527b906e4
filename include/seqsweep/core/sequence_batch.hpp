// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace seqsweep {

/// Some sequences of unequal length, packed: what `data` gathers and `nn` trains on.
///
/// Rows are sorted by falling length, and step t holds the first rows_at[t] of them, so there is no padding and no
/// mask. All per-step arrays are time-major and packed: step t begins at packed row offset_at[t].
///   N = offset_at[T] packed rows, B sequences, T the longest length, D features, K outputs.
/// (PyTorch's PackedSequence has the same layout.)
struct SequenceBatch {
  int num_sequences = 0;                    ///< B
  int num_steps = 0;                        ///< T
  std::vector<int> rows_at;                 ///< [T], falling
  std::vector<int> offset_at;               ///< [T + 1]
  std::vector<int> lengths;                 ///< [B], falling
  std::vector<std::uint32_t> sequence_ids;  ///< [B] position in its split; keys dropout masks

  std::vector<float> features;       ///< [N × D], normalised; empty for token input
  std::vector<std::int32_t> tokens;  ///< [N]; empty for feature input

  // One of the two, with R = B rows (target per sequence) or R = N rows (target per step, packed as the input).
  std::vector<float> targets;         ///< [R × K], normalised
  std::vector<std::int32_t> classes;  ///< [R], in 0 … K-1; negative: not scored
};

/// Fills rows_at, offset_at, num_sequences and num_steps from `lengths`, which must be falling and positive.
void pack_lengths(SequenceBatch& batch);

}  // namespace seqsweep
