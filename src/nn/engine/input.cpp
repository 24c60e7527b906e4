// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/input.hpp"

#include <algorithm>

namespace seqsweep::nn::engine {

Input::Input(const NetworkSpec& spec, const ParameterLayout& layout)
    : table_(spec.vocabulary > 0 ? &tensor_named(layout, "embedding.weight") : nullptr),
      width_(static_cast<std::size_t>(input_width(spec, 0))),
      stride_(row_stride(width_)),
      seen_in_(static_cast<std::size_t>(spec.vocabulary)) {}

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
        std::copy_n(source(from + row), width_, x.row(to + row));
    }
  }
  return x;
}

void Input::begin_gradient(const SequenceBatch& batch, float* gradient, std::vector<std::int32_t>& touched) {
  touched.clear();
  if (table_ == nullptr) return;
  ++num_batches_;
  for (const std::int32_t token : batch.tokens) {
    std::uint32_t& seen_in = seen_in_[static_cast<std::size_t>(token)];
    if (seen_in == num_batches_) continue;
    seen_in = num_batches_;
    touched.push_back(token);
    std::fill_n(gradient_row(gradient, token), width_, 0.0F);
  }
  std::sort(touched.begin(), touched.end());
}

void Input::backward(const RowBlock& block, std::size_t part, Rows dX, float* gradient) const {
  const Part& of = block.part(part);
  for (int t = 0; t < block.num_steps() && of.rows_at(t) > 0; ++t)
    for (std::size_t row = 0; row < static_cast<std::size_t>(of.rows_at(t)); ++row) {
      const float* from = dX.row(static_cast<std::size_t>(block.first_row(part, t)) + row);
      float* to = gradient_row(gradient, of.batch->tokens[of.batch_row(t) + row]);
      for (std::size_t i = 0; i < width_; ++i) to[i] += from[i];
    }
}

}  // namespace seqsweep::nn::engine
