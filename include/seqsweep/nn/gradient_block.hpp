// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/nn/parameters.hpp"

namespace seqsweep::nn {

/// The tensor whose gradient is made for touched rows alone; null if the network reads features.
[[nodiscard]] const Tensor* embedding_of(const ParameterLayout& layout);

/// A gradient whose embedding rows are zero but for the touched ones. The memory of the others is undefined.
struct GradientBlock {
  std::vector<float> values;          ///< [≥ P]; what stands behind the layout's elements is the owner's
  std::vector<std::int32_t> touched;  ///< rows of the embedding, rising, each once
};

/// right = left + right; its touched rows are then those of both. A row that only one side touched is copied, which is
/// what adding zero gives, bit for bit: a gradient is accumulated from +0 and so never holds -0.
/// Allocates nothing once right.touched has the capacity.
void add(const ParameterLayout& layout, const GradientBlock& left, GradientBlock& right);

// Its two parts. Elements begin … end - 1 of any kind but embedding rows, and the embedding rows.
void add_elements(const GradientBlock& left, GradientBlock& right, std::size_t begin, std::size_t end);
void add_rows(const Tensor& embedding, const GradientBlock& left, GradientBlock& right);

}  // namespace seqsweep::nn
