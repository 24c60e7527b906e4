// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/gradient_block.hpp"

#include <algorithm>
#include <cstddef>

#include "seqsweep/core/error.hpp"

#include "nn/kernels/elementwise.hpp"

namespace seqsweep::nn {
namespace {

/// The number of rows in `left` or `right`, both rising.
std::size_t count_union(std::span<const std::int32_t> left, std::span<const std::int32_t> right) {
  std::size_t count = left.size() + right.size();
  for (std::size_t l = 0, r = 0; l < left.size() && r < right.size();) {
    if (left[l] == right[r]) --count;
    const bool left_moves = left[l] <= right[r], right_moves = right[r] <= left[l];
    l += left_moves ? 1 : 0;
    r += right_moves ? 1 : 0;
  }
  return count;
}

}  // namespace

// Adds or copies the rows of `left`, and merges the row numbers from the back, where there is room.
void add_rows(const Tensor& embedding, const GradientBlock& left, GradientBlock& right) {
  const auto row_size = static_cast<std::size_t>(embedding.columns);
  std::size_t l = left.touched.size(), r = right.touched.size();
  std::size_t end = count_union(left.touched, right.touched);
  right.touched.resize(end);
  while (l > 0) {
    const std::int32_t row = left.touched[l - 1];
    if (r > 0 && right.touched[r - 1] > row) {
      right.touched[--end] = right.touched[--r];
      continue;
    }
    const std::size_t offset = embedding.offset + static_cast<std::size_t>(row) * row_size;
    const std::span<const float> from = std::span(left.values).subspan(offset, row_size);
    const std::span<float> to = std::span(right.values).subspan(offset, row_size);
    if (r > 0 && right.touched[r - 1] == row) {
      kernels::add(from, to);
      --r;
    } else {
      std::copy(from.begin(), from.end(), to.begin());
    }
    right.touched[--end] = row;
    --l;
  }
}

void add_elements(const GradientBlock& left, GradientBlock& right, std::size_t begin, std::size_t end) {
  SEQSWEEP_EXPECT(end <= left.values.size() && end <= right.values.size(), "a gradient block is too small");
  kernels::add(std::span(left.values).subspan(begin, end - begin), std::span(right.values).subspan(begin, end - begin));
}

const Tensor* embedding_of(const ParameterLayout& layout) {
  for (const Tensor& tensor : layout.tensors)
    if (tensor.name == "embedding.weight") return &tensor;
  return nullptr;
}

void add(const ParameterLayout& layout, const GradientBlock& left, GradientBlock& right) {
  const Tensor* embedding = embedding_of(layout);
  if (embedding == nullptr) return add_elements(left, right, 0, layout.size);
  add_elements(left, right, 0, embedding->offset);
  add_elements(left, right, embedding->offset + embedding->size(), layout.size);
  add_rows(*embedding, left, right);
}

}  // namespace seqsweep::nn
