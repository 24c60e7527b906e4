// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/dropout.hpp"

namespace seqsweep::nn::engine {

RandomStream Dropout::stream_of(RandomKey key, const Part& part, int row) const {
  const auto sequence = part.batch->sequence_ids[static_cast<std::size_t>(part.first + row)];
  return key.fold(static_cast<std::uint64_t>(layer_)).fold(sequence).stream();
}

void Dropout::draw_row(RandomStream& stream, std::size_t row) {
  const auto threshold = static_cast<std::uint32_t>(probability_ * 0x1.0p32);
  const auto kept = static_cast<float>(1 / (1 - probability_));
  float* mask = mask_.data() + row * width_;
  for (std::size_t unit = 0; unit < width_; ++unit) mask[unit] = stream.next_u32() < threshold ? 0.0F : kept;
}

void Dropout::draw_packed(RandomKey key, const RowBlock& block, std::span<const InputColumns> columns) {
  reserve(static_cast<std::size_t>(block.num_packed()), columns);
  for (std::size_t p = 0; p < block.num_parts(); ++p)
    for (int row = 0; row < block.part(p).rows; ++row) {
      RandomStream stream = stream_of(key, block.part(p), row);
      for (int t = 0; t < block.part(p).length(row); ++t)
        draw_row(stream, static_cast<std::size_t>(block.first_row(p, t) + row));
    }
}

void Dropout::draw_per_sequence(RandomKey key, const RowBlock& block, std::span<const InputColumns> columns) {
  reserve(static_cast<std::size_t>(block.num_sequences()), columns);
  for (std::size_t p = 0; p < block.num_parts(); ++p)
    for (int row = 0; row < block.part(p).rows; ++row) {
      RandomStream stream = stream_of(key, block.part(p), row);
      draw_row(stream, static_cast<std::size_t>(block.first_sequence(p) + row));
    }
}

void Dropout::reserve(std::size_t rows, std::span<const InputColumns> columns) {
  rows_ = rows;
  width_ = static_cast<std::size_t>(num_weight_columns(columns));
  mask_.reserve(rows_ * width_);
}

void Dropout::apply(Rows from, Rows to, std::span<const InputColumns> columns) const {
  for (std::size_t row = 0; row < rows_; ++row)
    for (const InputColumns& part : columns) {
      const float* mask = mask_.data() + row * width_ + static_cast<std::size_t>(part.weight_begin);
      const float* x = from.row(row) + part.begin;
      float* y = to.row(row) + part.begin;
      for (int unit = 0; unit < part.count; ++unit) y[unit] = x[unit] * mask[unit];
    }
}

}  // namespace seqsweep::nn::engine
