// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/nn/parameters.hpp"

namespace seqsweep::nn {

/// The gradient of a parameter block. Of the embedding, the first tensor if there is one, only the rows of tokens that
/// were seen are kept: those of all others are zero.
struct GradientBlock {
  std::vector<float> values;  ///< [≥ P - dense_begin]; what stands behind the layout's elements is the owner's
  std::vector<std::int32_t> touched;  ///< rows of the embedding, rising, each once
  std::vector<float> rows;            ///< [touched × E]
};

/// The tensor whose gradient is kept by rows; null if the network reads features.
[[nodiscard]] const Tensor* embedding_of(const ParameterLayout& layout);
/// Offset in the parameter block of values[0]: what the embedding takes.
[[nodiscard]] std::size_t dense_begin(const ParameterLayout& layout);

/// right = left + right; its touched rows are then those of both. A row that only one side touched is copied, which is
/// what adding zero gives, bit for bit: a gradient is accumulated from +0 and so never holds -0.
/// Allocates nothing once right has the capacity.
void add(const GradientBlock& left, GradientBlock& right);

// Its two parts: elements begin … end - 1 of values, and the rows.
void add_values(const GradientBlock& left, GradientBlock& right, std::size_t begin, std::size_t end);
void add_rows(const GradientBlock& left, GradientBlock& right);

/// right touches at least these rows (rising, each once) from now on; new ones are zero.
void touch(std::span<const std::int32_t> tokens, std::size_t row_size, GradientBlock& block);

/// The whole gradient [P].
[[nodiscard]] std::vector<float> to_dense(const ParameterLayout& layout, const GradientBlock& block);

}  // namespace seqsweep::nn
