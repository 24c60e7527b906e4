// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/nn/gradient_block.hpp"

#include "nn/engine/memory.hpp"
#include "nn/engine/part_tree.hpp"
#include "nn/engine/row_block.hpp"
#include "nn/layout.hpp"

namespace seqsweep::nn::engine {

/// What the first layer reads: features as they are, or the embedding rows of tokens.
class Input {
 public:
  Input(const NetworkSpec& spec, const ParameterLayout& layout);

  /// Embedding rows are read from this block until the next load.
  void load(const float* parameters) { parameters_ = parameters; }
  /// x [N × D]
  Rows forward(const RowBlock& block);

  /// Lists the tokens of batches, the parts of the blocks that follow, in gradient.touched and begins their rows with
  /// zeros.
  void begin_gradient(std::span<const Part> parts, GradientBlock& gradient);
  /// Adds the rows of dX [N × E] to the gradient rows of their tokens.
  void backward(const RowBlock& block, const PartTree& tree, Rows dX, GradientBlock& gradient);

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Place {
    std::size_t part, row;  ///< row of dX
  };
  void find_places(const RowBlock& block);

  const Tensor* table_ = nullptr;  ///< [vocabulary × E]; null for features
  std::size_t width_;              ///< D or E
  std::size_t stride_;
  const float* parameters_ = nullptr;
  Floats x_;
  // Tokens of the shards being passed.
  std::vector<std::int32_t> touched_;       ///< rising, each once
  std::vector<std::int32_t> row_of_token_;  ///< [vocabulary] in touched_; no_row: not there
  // Where they stand in a block.
  std::vector<Place> places_;            ///< [N] by touched row, then by part and packed row
  std::vector<std::size_t> places_end_;  ///< [touched + 1]
  Floats part_sums_;                     ///< [parts × E]
};

}  // namespace seqsweep::nn::engine
