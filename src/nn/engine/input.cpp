// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/input.hpp"

#include <algorithm>
#include <numeric>

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
    const Part& part = block.part(p);
    for (int t = 0; t < block.num_steps(); ++t) {
      const auto rows = static_cast<std::size_t>(part.rows_at(t));
      if (rows == 0) break;
      const std::size_t from = part.batch_row(t), to = static_cast<std::size_t>(block.first_row(p, t));
      if (table_ == nullptr) {
        kernels::copy_rows({part.batch->features.data() + from * width_, rows, width_, x.row(to), stride_});
        continue;
      }
      const float* table = parameters_ + table_->offset;
      for (std::size_t row = 0; row < rows; ++row) {
        const auto token = static_cast<std::size_t>(part.batch->tokens[from + row]);
        kernels::copy_rows({table + token * width_, 1, width_, x.row(to + row), stride_});
      }
    }
  }
  return x;
}

void Input::begin_gradient(std::span<const Part> parts, GradientBlock& gradient) {
  gradient.touched.clear();
  gradient.rows.clear();
  if (table_ == nullptr) return;
  const auto row_of = [&](std::int32_t token) -> std::int32_t& {
    return row_of_token_[static_cast<std::size_t>(token)];
  };
  for (const std::int32_t token : touched_) row_of(token) = kernels::no_row;
  touched_.clear();
  for (const Part& part : parts)
    for (const std::int32_t token : part.batch->tokens) {
      if (row_of(token) != kernels::no_row) continue;
      row_of(token) = 0;
      touched_.push_back(token);
    }
  std::sort(touched_.begin(), touched_.end());
  for (std::size_t i = 0; i < touched_.size(); ++i) row_of(touched_[i]) = static_cast<std::int32_t>(i);
  gradient.touched.assign(touched_.begin(), touched_.end());
  gradient.rows.resize(touched_.size() * width_);
}

void Input::find_places(const RowBlock& block) {
  const auto for_each_place = [&](auto&& visit) {
    for (std::size_t p = 0; p < block.num_parts(); ++p) {
      const Part& part = block.part(p);
      for (int t = 0; t < block.num_steps() && part.rows_at(t) > 0; ++t) {
        const std::int32_t* tokens = part.batch->tokens.data() + part.batch_row(t);
        for (int row = 0; row < part.rows_at(t); ++row) {
          const auto touched = static_cast<std::size_t>(row_of_token_[static_cast<std::size_t>(tokens[row])]);
          visit(touched, Place{p, static_cast<std::size_t>(block.first_row(p, t) + row)});
        }
      }
    }
  };
  // Sorting by counting. Where a row's places begin moves to their end, which is where the next row's begin.
  places_.resize(static_cast<std::size_t>(block.num_packed()));
  places_end_.assign(touched_.size() + 1, 0);
  for_each_place([&](std::size_t touched, const Place&) { ++places_end_[touched + 1]; });
  std::partial_sum(places_end_.begin(), places_end_.end(), places_end_.begin());
  for_each_place([&](std::size_t touched, const Place& place) { places_[places_end_[touched]++] = place; });
}

void Input::backward(const RowBlock& block, const PartTree& tree, Rows dX, GradientBlock& gradient) {
  find_places(block);
  part_sums_.reserve(block.num_parts() * width_);
  const auto sum_of = [&](std::size_t part) { return std::span(part_sums_.data() + part * width_, width_); };
  std::size_t begin = 0;
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    const auto places = std::span(places_).subspan(begin, places_end_[i] - begin);
    begin = places_end_[i];
    const std::span<float> row(gradient.rows.data() + i * width_, width_);
    const bool is_of_one_part = places.empty() || places.front().part == places.back().part;
    if (!is_of_one_part) std::fill_n(part_sums_.data(), block.num_parts() * width_, 0.0F);
    for (const Place& place : places)
      kernels::add({dX.row(place.row), width_}, is_of_one_part ? row : sum_of(place.part));
    if (!is_of_one_part) std::ranges::copy(tree.add_up(sum_of), row.begin());
  }
}

std::size_t Input::memory_bytes() const {
  return x_.bytes() + part_sums_.bytes() + (row_of_token_.capacity() + touched_.capacity()) * sizeof(std::int32_t) +
         places_.capacity() * sizeof(Place) + places_end_.capacity() * sizeof(std::size_t);
}

}  // namespace seqsweep::nn::engine
