// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "seqsweep/core/random.hpp"

#include "nn/engine/memory.hpp"
#include "nn/engine/packing.hpp"
#include "nn/engine/row_block.hpp"

namespace seqsweep::nn::engine {

/// Inverted dropout of the rows that enter a layer or the head; the same masks as nn::Dropout, which says what they
/// depend on.
class Dropout {
 public:
  /// `layer`: what the values enter; the head counts as layer num_layers.
  Dropout(double probability, int layer) : probability_(probability), layer_(layer) {}

  [[nodiscard]] bool is_on(const std::optional<RandomKey>& key) const { return key && probability_ > 0; }

  /// Draws masks for the columns of each packed row (or of one row per sequence).
  void draw_packed(RandomKey key, const RowBlock& block, std::span<const InputColumns> columns);
  void draw_per_sequence(RandomKey key, const RowBlock& block, std::span<const InputColumns> columns);

  /// to = from ∘ mask, over as many rows as were drawn; may be the same memory.
  void apply(Rows from, Rows to, std::span<const InputColumns> columns) const;

  [[nodiscard]] std::size_t memory_bytes() const { return mask_.bytes(); }

 private:
  [[nodiscard]] RandomStream stream_of(RandomKey key, const Part& part, int row) const;
  void draw_row(RandomStream& stream, std::size_t row);
  void reserve(std::size_t rows, std::span<const InputColumns> columns);

  double probability_;
  int layer_;
  std::size_t rows_ = 0, width_ = 0;
  Floats mask_;  ///< [rows × width]: 0 or 1 / (1 - probability)
};

}  // namespace seqsweep::nn::engine
