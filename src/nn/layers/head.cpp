// SPDX-License-Identifier: Apache-2.0
#include "nn/layers/head.hpp"

namespace seqsweep::nn {
namespace {

/// final_state [B × H·directions] of the last layer's output Y [N × H·directions].
template <class Scalar>
void gather_final_states(const SequenceBatch& batch, ConstView<Scalar> Y, Index H, View<Scalar> final_state) {
  for (Index b = 0; b < final_state.rows(); ++b)
    final_state.row(b).leftCols(H) = Y.row(last_row_of(batch, b)).leftCols(H);
  const Index reverse_columns = Y.cols() - H;  // the reverse walk ends at step 0, packed row b
  final_state.rightCols(reverse_columns) = Y.topRows(final_state.rows()).rightCols(reverse_columns);
}

template <class Scalar>
void scatter_final_states(const SequenceBatch& batch, ConstView<Scalar> d_final_state, Index H, View<Scalar> dY) {
  dY.setZero();
  for (Index b = 0; b < d_final_state.rows(); ++b)
    dY.row(last_row_of(batch, b)).leftCols(H) = d_final_state.row(b).leftCols(H);
  const Index reverse_columns = dY.cols() - H;
  dY.topRows(d_final_state.rows()).rightCols(reverse_columns) = d_final_state.rightCols(reverse_columns);
}

}  // namespace

template <class Scalar>
Head<Scalar>::Head(const NetworkSpec& spec, const ParameterLayout& layout)
    : position_(spec.head),
      hidden_size_(spec.hidden_size),
      W_(tensor_named(layout, "head.weight")),
      b_(tensor_named(layout, "head.bias")),
      dropout_(spec.dropout, spec.num_layers) {}

template <class Scalar>
void Head<Scalar>::forward(const Scalar* parameters, const SequenceBatch& batch, ConstView<Scalar> Y,
                           std::optional<RandomKey> dropout) {
  const Index R = position_ == HeadPosition::last_step ? batch.num_sequences : Y.rows();
  View<Scalar> input = input_.shape(R, Y.cols());
  if (position_ == HeadPosition::last_step) {
    gather_final_states<Scalar>(batch, Y, hidden_size_, input);
    dropout_.forward_per_sequence(dropout, batch, input);
  } else {
    input = Y;
    dropout_.forward_packed(dropout, batch, input);
  }
  View<Scalar> outputs = outputs_.shape(R, W_.rows);
  outputs.noalias() = input * tensor_view(parameters, W_).transpose();
  outputs.rowwise() += tensor_view(parameters, b_).row(0);
  d_outputs_.shape(R, W_.rows);
}

template <class Scalar>
void Head<Scalar>::backward(const Scalar* parameters, const SequenceBatch& batch, View<Scalar> dY, Scalar* gradient) {
  const ConstView<Scalar> d_outputs = d_outputs_.read();
  tensor_view(gradient, W_).noalias() = d_outputs.transpose() * input_.read();
  tensor_view(gradient, b_) = d_outputs.colwise().sum();

  View<Scalar> d_input = d_input_.shape(d_outputs.rows(), W_.columns);
  d_input.noalias() = d_outputs * tensor_view(parameters, W_);
  dropout_.backward(d_input);
  if (position_ == HeadPosition::last_step)
    scatter_final_states<Scalar>(batch, d_input_.read(), hidden_size_, dY);
  else
    dY = d_input;
}

template class Head<float>;
template class Head<double>;

}  // namespace seqsweep::nn
