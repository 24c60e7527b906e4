// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/layer.hpp"

namespace seqsweep::nn::engine {

Layer::Layer(const NetworkSpec& spec, const ParameterLayout& layout, const kernels::CellKernels& cell, int layer)
    : dropout_(layer == 0 ? 0 : spec.dropout, layer),
      wants_dX_(layer > 0 || spec.vocabulary > 0),
      hidden_columns_(padded(static_cast<std::size_t>(spec.hidden_size))) {
  directions_.emplace_back(spec, layout, cell, layer, nn::Direction::forward);
  if (spec.bidirectional) directions_.emplace_back(spec, layout, cell, layer, nn::Direction::reverse);
  const InputColumns& last = directions_.front().input_columns().back();
  x_stride_ = row_stride(static_cast<std::size_t>(last.begin + last.count));
  y_stride_ = row_stride(hidden_columns_ * directions_.size());
}

void Layer::load(const float* parameters) {
  for (Direction& direction : directions_) direction.load(parameters, wants_dX_);
}

Rows Layer::forward(const RowBlock& block, Rows x, const std::optional<RandomKey>& dropout, Tape tape) {
  const auto N = static_cast<std::size_t>(block.num_packed());
  x_ = x;
  dropped_ = dropout_.is_on(dropout);
  if (dropped_) {
    dropped_x_.reserve(N * x_stride_);
    x_ = {dropped_x_.data(), x_stride_};
    const auto columns = directions_.front().input_columns();
    dropout_.draw_packed(*dropout, block, columns);
    dropout_.apply(x, x_, columns);
  }
  y_.reserve(N * y_stride_);
  for (std::size_t d = 0; d < directions_.size(); ++d)
    directions_[d].forward(block, x_, {y_.data() + d * hidden_columns_, y_stride_}, tape);
  return {y_.data(), y_stride_};
}

Rows Layer::backward(const RowBlock& block, const OutputGradient& dy, bool is_first, const BackwardHooks& hooks) {
  Rows dX;
  if (wants_dX_) {
    dX_.reserve(static_cast<std::size_t>(block.num_packed()) * x_stride_);
    dX = {dX_.data(), x_stride_};
  }
  for (std::size_t d = 0; d < directions_.size(); ++d) {
    const std::size_t column = d * hidden_columns_;
    directions_[d].backward(block, {.x = x_,
                                    .y = {y_.data() + column, y_stride_},
                                    .dy = {{dy.rows.data + column, dy.rows.stride}, dy.at_end_only},
                                    .dX = dX,
                                    .adds_dX = d > 0,
                                    .is_first = is_first,
                                    .hooks = &hooks,
                                    .shows_dh = d == 0 && hooks.on_dh});
  }
  if (dropped_) dropout_.apply(dX, dX, directions_.front().input_columns());
  return dX;
}

void Layer::write_gradient(const PartTree& tree, DenseGradient gradient) {
  for (Direction& direction : directions_) direction.write_gradient(tree, gradient);
}

std::size_t Layer::memory_bytes() const {
  std::size_t bytes = dropout_.memory_bytes() + dropped_x_.bytes() + y_.bytes() + dX_.bytes();
  for (const Direction& direction : directions_) bytes += direction.memory_bytes();
  return bytes;
}

}  // namespace seqsweep::nn::engine
