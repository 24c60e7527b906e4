// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/core/sequence_batch.hpp"

#include "nn/kernels/kernels.hpp"

namespace seqsweep::nn::engine {

/// Neighbouring sequences of one batch.
struct Part {
  const SequenceBatch* batch = nullptr;
  int first = 0;
  int rows = 0;

  [[nodiscard]] int rows_at(int t) const {
    return t < batch->num_steps ? std::clamp(batch->rows_at[static_cast<std::size_t>(t)] - first, 0, rows) : 0;
  }
  [[nodiscard]] int length(int row) const { return batch->lengths[static_cast<std::size_t>(first + row)]; }
  /// The batch's packed row of the part's first row at step t.
  [[nodiscard]] std::size_t batch_row(int t) const {
    return static_cast<std::size_t>(batch->offset_at[static_cast<std::size_t>(t)] + first);
  }
};

/// What one pass through the network computes: a few sequences, packed for themselves, of one batch or of several
/// shards. Rows do not know each other, so a large batch is passed in pieces whose tape stays in the cache, and small
/// shards are passed together, so that one hides the latency of another. Each step holds the active rows of the first
/// part, then those of the second …; sequences are counted in the same order.
class RowBlock {
 public:
  void assign(std::span<const Part> parts);

  /// Another number whenever the rows stand otherwise than those of the blocks before.
  [[nodiscard]] std::uint64_t shape() const { return shape_; }
  [[nodiscard]] int num_steps() const { return num_steps_; }
  [[nodiscard]] int num_sequences() const { return num_sequences_; }
  /// N
  [[nodiscard]] int num_packed() const { return num_packed_; }
  /// The rows of a step, cut where their neighbours in time are not neighbours.
  [[nodiscard]] std::span<const kernels::RowRun> runs(int t) const;

  [[nodiscard]] std::size_t num_parts() const { return parts_.size(); }
  [[nodiscard]] const Part& part(std::size_t p) const { return parts_[p]; }
  /// Packed row of a part's first row at step t.
  [[nodiscard]] int first_row(std::size_t p, int t) const {
    return first_row_[p * static_cast<std::size_t>(num_steps_) + static_cast<std::size_t>(t)];
  }
  [[nodiscard]] int first_sequence(std::size_t p) const { return first_sequence_[p]; }

 private:
  [[nodiscard]] bool is_shaped_like(std::span<const Part> parts) const;
  void append_run(const kernels::RowRun& run, std::size_t step_begin);

  std::vector<Part> parts_;
  std::vector<int> lengths_;         ///< [sequences]
  std::vector<int> first_sequence_;  ///< [parts]
  std::vector<int> first_row_;       ///< [parts × T]
  std::vector<kernels::RowRun> runs_;
  std::vector<std::size_t> runs_begin_;  ///< [T + 1]
  std::uint64_t shape_ = 0;
  int num_steps_ = 0, num_sequences_ = 0, num_packed_ = 0;
};

/// Steps in the order in which a direction walks over them.
struct Walk {
  int num_steps;
  bool is_reverse;

  /// The step at position i of the walk.
  [[nodiscard]] int at(int i) const { return is_reverse ? num_steps - 1 - i : i; }
};

}  // namespace seqsweep::nn::engine
