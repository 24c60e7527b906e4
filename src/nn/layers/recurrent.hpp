// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "nn/cells/cell.hpp"
#include "nn/layout.hpp"
#include "nn/notation.hpp"

namespace seqsweep::nn {

/// One direction of one recurrent layer over a packed batch.
///
/// Forward walks t = 0 … T-1, reverse t = T-1 … 0; a sequence joins the walk at its own first (forward) or own last
/// (reverse) step with h = c = 0, exactly as PyTorch's packed sequences.
template <class Scalar>
class RecurrentDirection {
 public:
  RecurrentDirection(const NetworkSpec& spec, const ParameterLayout& layout, int layer, Direction direction);

  /// X: the layer's input [N × D]. Keeps the tape for backward.
  void forward(const Cell<Scalar>& cell, const Scalar* parameters, const SequenceBatch& batch, ConstView<Scalar> X);

  /// h_t of all steps [N × H].
  [[nodiscard]] ConstView<Scalar> H() const { return h_.read(); }
  /// To be filled before backward: the gradient that h_t gets from above [N × H]. After backward it holds the whole
  /// gradient, with what came through time.
  [[nodiscard]] View<Scalar> dH() { return dh_.all(); }
  [[nodiscard]] ConstView<Scalar> dH() const { return dh_.read(); }

  /// Writes its parts of the gradient block. Call once after each forward: it consumes the tape.
  void backward(const Cell<Scalar>& cell, const Scalar* parameters, const SequenceBatch& batch, ConstView<Scalar> X,
                Scalar* gradient);
  /// After backward: adds this direction's part of the input's gradient to dX [N × D].
  void add_dX(const Scalar* parameters, View<Scalar> dX) const;

 private:
  [[nodiscard]] std::vector<Index> walk(const SequenceBatch& batch) const;
  void carry_state(const SequenceBatch& batch, Index t, const Buffer<Scalar>& state, Buffer<Scalar>& state_prev) const;

  Direction direction_;
  Tensor W_ih_, W_hh_, b_ih_, b_hh_;
  Index hidden_size_;

  Buffer<Scalar> gates_;       // [N × G·H] a, then the activated gates, then da
  Buffer<Scalar> u_;           // [N × G·H] u, then du
  Buffer<Scalar> h_;           // [N × H]
  Buffer<Scalar> c_;           // [N × H] or [N × 0]
  Buffer<Scalar> h_prev_;      // [N × H] packed as the step that reads it, so that dW_hh is one product
  Buffer<Scalar> c_prev_;      // [N × H] or [N × 0]
  Buffer<Scalar> dh_;          // [N × H]
  Buffer<Scalar> carried_dh_;  // [B × H] on its way to the previous step
  Buffer<Scalar> carried_dc_;  // [B × H] or [B × 0]
};

/// One recurrent layer: one or two directions over the same input. Output [N × H·directions].
template <class Scalar>
class RecurrentLayer {
 public:
  RecurrentLayer(const NetworkSpec& spec, const ParameterLayout& layout, int layer);

  void forward(const Cell<Scalar>& cell, const Scalar* parameters, const SequenceBatch& batch, ConstView<Scalar> X,
               View<Scalar> Y);
  /// dY: gradient of the output [N × H·directions]. Writes the layer's parts of the gradient block.
  void backward(const Cell<Scalar>& cell, const Scalar* parameters, const SequenceBatch& batch, ConstView<Scalar> X,
                ConstView<Scalar> dY, Scalar* gradient);
  /// After backward: writes the gradient of the input [N × D].
  void write_dX(const Scalar* parameters, View<Scalar> dX) const;

  /// The forward direction; the reverse one, if any, comes second.
  [[nodiscard]] std::span<const RecurrentDirection<Scalar>> directions() const { return directions_; }

 private:
  std::vector<RecurrentDirection<Scalar>> directions_;
};

}  // namespace seqsweep::nn
