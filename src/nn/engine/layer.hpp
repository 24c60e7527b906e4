// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "nn/engine/dropout.hpp"
#include "nn/engine/recurrent.hpp"

namespace seqsweep::nn::engine {

/// One recurrent layer: dropout of its input, one or two directions, its output and the gradient of its input.
class Layer {
 public:
  Layer(const NetworkSpec& spec, const ParameterLayout& layout, const kernels::CellKernels& cell, int layer);

  void load(const float* parameters);
  /// x [N × D] is kept by reference until backward. Returns y [N × H·directions].
  Rows forward(const RowBlock& block, Rows x, const std::optional<RandomKey>& dropout, Tape tape);
  /// Returns dX [N × D]; null data if this is the first layer over features, whose input needs no gradient.
  Rows backward(const RowBlock& block, const OutputGradient& dy, bool is_first, const BackwardHooks& hooks);
  void write_gradient(const PartTree& tree, DenseGradient gradient);

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  std::vector<Direction> directions_;
  Dropout dropout_;
  bool dropped_ = false;
  bool wants_dX_;
  std::size_t hidden_columns_;  ///< from one direction's columns of y to the other's
  std::size_t x_stride_, y_stride_;
  Rows x_;  ///< what the directions read: given, or dropped_x_
  Floats dropped_x_, y_, dX_;
};

}  // namespace seqsweep::nn::engine
