// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "nn/layers/dropout.hpp"
#include "nn/layout.hpp"
#include "nn/notation.hpp"

namespace seqsweep::nn {

/// The dense layer that ends a network: outputs = input W_headᵀ + b_head, [R × K].
///
/// On every step its input is the last layer's output, packed. On the last step it is each sequence's final state
/// [B × H·directions]: forward of its last step, reverse of its first, as h_n of PyTorch.
template <class Scalar>
class Head {
 public:
  Head(const NetworkSpec& spec, const ParameterLayout& layout);

  /// Y: the last layer's output [N × H·directions].
  void forward(const Scalar* parameters, const SequenceBatch& batch, ConstView<Scalar> Y,
               std::optional<RandomKey> dropout);
  [[nodiscard]] ConstView<Scalar> outputs() const { return outputs_.read(); }
  /// To be filled before backward: the gradient of the outputs [R × K].
  [[nodiscard]] View<Scalar> d_outputs() { return d_outputs_.all(); }
  /// Writes its parts of the gradient block, and dY [N × H·directions].
  void backward(const Scalar* parameters, const SequenceBatch& batch, View<Scalar> dY, Scalar* gradient);

 private:
  HeadPosition position_;
  Index hidden_size_;
  Tensor W_, b_;
  Dropout<Scalar> dropout_;
  Buffer<Scalar> input_;      // [R × H·directions]
  Buffer<Scalar> d_input_;    // [R × H·directions]
  Buffer<Scalar> outputs_;    // [R × K]
  Buffer<Scalar> d_outputs_;  // [R × K]
};

}  // namespace seqsweep::nn
