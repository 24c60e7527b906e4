// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

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

  /// Begins the gradient rows of a batch's tokens with zeros and lists them, rising.
  void begin_gradient(const SequenceBatch& batch, float* gradient, std::vector<std::int32_t>& touched);
  /// Adds the rows of dX [N × E] that belong to a part to the gradient rows of its tokens.
  void backward(const RowBlock& block, std::size_t part, Rows dX, float* gradient) const;

  [[nodiscard]] std::size_t memory_bytes() const { return x_.bytes(); }

 private:
  [[nodiscard]] float* gradient_row(float* gradient, std::int32_t token) const {
    return gradient + table_->offset + static_cast<std::size_t>(token) * width_;
  }

  const Tensor* table_ = nullptr;  ///< [vocabulary × E]; null for features
  std::size_t width_;              ///< D or E
  std::size_t stride_;
  const float* parameters_ = nullptr;
  Floats x_;
  std::vector<std::uint32_t> seen_in_;  ///< [vocabulary] the last batch that had the token
  std::uint32_t num_batches_ = 0;
};

}  // namespace seqsweep::nn::engine
