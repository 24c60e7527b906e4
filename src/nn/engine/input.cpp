// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/input.hpp"

#include <algorithm>

#include "seqsweep/core/copy_row.hpp"

namespace seqsweep::nn::engine {

Input::Input(const NetworkSpec& spec, const ParameterLayout& layout)
    : table_(spec.vocabulary > 0 ? &tensor_named(layout, "embedding.weight") : nullptr),
      width_(static_cast<std::size_t>(input_width(spec, 0))),
      stride_(row_stride(width_)),
      row_of_token_(static_cast<std::size_t>(spec.vocabulary), kernels::no_row) {}

Rows Input::forward(const RowBlock& block) {
  x_.reserve(static_cast<std::size_t>(block.num_packed()) * stride_);
  const Rows x{x_.data(), stride_};
  for (std::size_t p = 0; p < block.num_parts(); ++p) {
    const SequenceBatch& batch = *block.part(p).batch;
    const auto source = [&](std::size_t row) {
      if (table_ == nullptr) return batch.features.data() + row * width_;
      return parameters_ + table_->offset + static_cast<std::size_t>(batch.tokens[row]) * width_;
    };
    for (int t = 0; t < block.num_steps(); ++t) {
      const int rows = block.part(p).rows_at(t);
      if (rows == 0) break;
      const std::size_t from = block.part(p).batch_row(t), to = static_cast<std::size_t>(block.first_row(p, t));
      for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row)
        copy_row(source(from + row), width_, x.row(to + row));
    }
  }
  return x;
}

void Input::begin_gradient(std::size_t part, const SequenceBatch& batch, GradientBlock& gradient) {
  auto& touched = gradient.touched;
  touched.clear();
  gradient.rows.clear();
  if (table_ == nullptr) return;
  const auto row_of = [&](std::int32_t token) -> std::int32_t& {
    return row_of_token_[static_cast<std::size_t>(token)];
  };
  for (const std::int32_t token : batch.tokens) {
    if (row_of(token) != kernels::no_row) continue;
    row_of(token) = 0;
    touched.push_back(token);
  }
  std::sort(touched.begin(), touched.end());
  gradient.rows.resize(touched.size() * width_);
  for (std::size_t i = 0; i < touched.size(); ++i) row_of(touched[i]) = static_cast<std::int32_t>(i);
  if (gradient_row_.size() <= part) gradient_row_.resize(part + 1);
  auto& rows = gradient_row_[part];
  rows.resize(batch.tokens.size());
  std::transform(batch.tokens.begin(), batch.tokens.end(), rows.begin(), row_of);
  for (const std::int32_t token : touched) row_of(token) = kernels::no_row;
}

void Input::backward(const RowBlock& block, std::size_t part, Rows dX, GradientBlock& gradient) const {
  const Part& of = block.part(part);
  for (int t = 0; t < block.num_steps() && of.rows_at(t) > 0; ++t)
    for (std::size_t row = 0; row < static_cast<std::size_t>(of.rows_at(t)); ++row) {
      const float* from = dX.row(static_cast<std::size_t>(block.first_row(part, t)) + row);
      const auto to_row = static_cast<std::size_t>(gradient_row_[part][of.batch_row(t) + row]);
      float* to = gradient.rows.data() + to_row * width_;
      for (std::size_t i = 0; i < width_; ++i) to[i] += from[i];
    }
}

std::size_t Input::memory_bytes() const {
  std::size_t entries = row_of_token_.capacity();
  for (const auto& rows : gradient_row_) entries += rows.capacity();
  return x_.bytes() + entries * sizeof(std::int32_t);
}

}  // namespace seqsweep::nn::engine
