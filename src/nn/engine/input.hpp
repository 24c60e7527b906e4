// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/nn/gradient_block.hpp"

#include "nn/engine/memory.hpp"
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

  /// Lists a batch's tokens in gradient.touched and begins their rows with zeros. `part`: of the blocks that follow.
  void begin_gradient(std::size_t part, const SequenceBatch& batch, GradientBlock& gradient);
  /// Adds the rows of dX [N × E] that belong to a part to the gradient rows of its tokens.
  void backward(const RowBlock& block, std::size_t part, Rows dX, GradientBlock& gradient) const;

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  const Tensor* table_ = nullptr;  ///< [vocabulary × E]; null for features
  std::size_t width_;              ///< D or E
  std::size_t stride_;
  const float* parameters_ = nullptr;
  Floats x_;
  /// Where tokens stand among a batch's touched rows.
  std::vector<std::int32_t> row_of_token_;               ///< [vocabulary] no_row: not seen
  std::vector<std::vector<std::int32_t>> gradient_row_;  ///< [parts][N of the batch]
};

}  // namespace seqsweep::nn::engine
