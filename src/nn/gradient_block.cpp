// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/gradient_block.hpp"

#include <algorithm>

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

/// Merges the rows `tokens` into the block, from the back, where there is room: visit(i, row) writes or adds the i-th
/// of them, which is new (row then holds anything) or not.
template <class Visit>
void merge(std::span<const std::int32_t> tokens, std::size_t row_size, GradientBlock& block, Visit&& visit) {
  std::size_t l = tokens.size(), r = block.touched.size();
  std::size_t end = count_union(tokens, block.touched);
  block.touched.resize(end);
  block.rows.resize(end * row_size);
  const auto row = [&](std::size_t i) { return block.rows.data() + i * row_size; };
  while (l > 0) {
    --end;
    const bool has_it = r > 0 && block.touched[r - 1] >= tokens[l - 1];
    const bool is_shared = has_it && block.touched[r - 1] == tokens[l - 1];
    if (has_it) {
      --r;
      if (r != end) std::copy_n(row(r), row_size, row(end));
      block.touched[end] = block.touched[r];
      if (!is_shared) continue;
    }
    --l;
    block.touched[end] = tokens[l];
    visit(l, std::span(row(end), row_size), is_shared);
  }
}

}  // namespace

const Tensor* embedding_of(const ParameterLayout& layout) {
  for (const Tensor& tensor : layout.tensors)
    if (tensor.name == "embedding.weight") return &tensor;
  return nullptr;
}

std::size_t dense_begin(const ParameterLayout& layout) {
  const Tensor* embedding = embedding_of(layout);
  if (embedding == nullptr) return 0;
  SEQSWEEP_EXPECT(embedding->offset == 0, "the embedding is not the first tensor");
  return embedding->size();
}

void add_values(const GradientBlock& left, GradientBlock& right, std::size_t begin, std::size_t end) {
  SEQSWEEP_EXPECT(end <= left.values.size() && end <= right.values.size(), "a gradient block is too small");
  kernels::add(std::span(left.values).subspan(begin, end - begin), std::span(right.values).subspan(begin, end - begin));
}

void add_rows(const GradientBlock& left, GradientBlock& right) {
  if (left.touched.empty()) return;
  const std::size_t row_size = left.rows.size() / left.touched.size();
  merge(left.touched, row_size, right, [&](std::size_t i, std::span<float> row, bool is_shared) {
    const std::span<const float> from = std::span(left.rows).subspan(i * row_size, row_size);
    if (is_shared)
      kernels::add(from, row);
    else
      std::copy(from.begin(), from.end(), row.begin());
  });
}

void add(const GradientBlock& left, GradientBlock& right) {
  SEQSWEEP_EXPECT(left.values.size() == right.values.size(), "gradient blocks of different sizes");
  add_values(left, right, 0, left.values.size());
  add_rows(left, right);
}

void touch(std::span<const std::int32_t> tokens, std::size_t row_size, GradientBlock& block) {
  merge(tokens, row_size, block, [](std::size_t, std::span<float> row, bool is_shared) {
    if (!is_shared) std::fill(row.begin(), row.end(), 0.0F);
  });
}

std::vector<float> to_dense(const ParameterLayout& layout, const GradientBlock& block) {
  std::vector<float> gradient(layout.size);
  const std::size_t begin = dense_begin(layout);
  std::copy_n(block.values.begin(), layout.size - begin, gradient.begin() + static_cast<std::ptrdiff_t>(begin));
  for (std::size_t i = 0; i < block.touched.size(); ++i) {
    const std::size_t row_size = block.rows.size() / block.touched.size();
    std::copy_n(block.rows.data() + i * row_size, row_size,
                gradient.data() + static_cast<std::size_t>(block.touched[i]) * row_size);
  }
  return gradient;
}

}  // namespace seqsweep::nn
