// SPDX-License-Identifier: Apache-2.0
//
// Back-propagation through time over packed sequences.
//
//   a = X W_ihᵀ + b_ih                          all steps at once
//   u_t = h_prev W_hhᵀ + b_hh                   one step at a time, then the cell: h_t, c_t
//
//   dh_t = dh_t (from above) + dh (carried)     one step at a time, then the cell: da_t, du_t, dc, direct part of dh
//   dh (carried) = direct part + du_t W_hh
//   dW_ih = daᵀ X    db_ih = Σ da    dW_hh = duᵀ h_prev    db_hh = Σ du    dX = da W_ih     all steps at once
//
// Ronald Williams, Jing Peng, "An efficient gradient-based algorithm for on-line training of recurrent network
// trajectories", Neural Computation 2 (1990). Differs from the paper: never truncated.

#include "nn/layers/recurrent.hpp"

#include <algorithm>
#include <numeric>

namespace seqsweep::nn {

template <class Scalar>
RecurrentDirection<Scalar>::RecurrentDirection(const NetworkSpec& spec, const ParameterLayout& layout, int layer,
                                               Direction direction)
    : direction_(direction),
      W_ih_(tensor_named(layout, recurrent_tensor_name("weight_ih", layer, direction))),
      W_hh_(tensor_named(layout, recurrent_tensor_name("weight_hh", layer, direction))),
      b_ih_(tensor_named(layout, recurrent_tensor_name("bias_ih", layer, direction))),
      b_hh_(tensor_named(layout, recurrent_tensor_name("bias_hh", layer, direction))),
      hidden_size_(spec.hidden_size) {}

template <class Scalar>
std::vector<Index> RecurrentDirection<Scalar>::walk(const SequenceBatch& batch) const {
  std::vector<Index> steps(static_cast<std::size_t>(batch.num_steps));
  std::iota(steps.begin(), steps.end(), Index{0});
  if (direction_ == Direction::reverse) std::reverse(steps.begin(), steps.end());
  return steps;
}

/// Fills state_prev of step t: zero where a sequence joins the walk.
template <class Scalar>
void RecurrentDirection<Scalar>::carry_state(const SequenceBatch& batch, Index t, const Buffer<Scalar>& state,
                                             Buffer<Scalar>& state_prev) const {
  View<Scalar> to = state_prev.step(batch, t);
  const Index previous = direction_ == Direction::forward ? t - 1 : t + 1;
  Index carried = 0;
  if (previous >= 0 && previous < batch.num_steps) {
    const ConstView<Scalar> from = state.read_step(batch, previous);
    carried = std::min(from.rows(), to.rows());
    to.topRows(carried) = from.topRows(carried);
  }
  to.bottomRows(to.rows() - carried).setZero();
}

template <class Scalar>
void RecurrentDirection<Scalar>::forward(const Cell<Scalar>& cell, const Scalar* parameters, const SequenceBatch& batch,
                                         ConstView<Scalar> X) {
  const Index N = X.rows();
  const Index GH = W_hh_.rows;
  const Index cell_columns = cell.has_cell_state() ? hidden_size_ : 0;
  const auto W_hh = tensor_view(parameters, W_hh_);
  const auto b_hh = tensor_view(parameters, b_hh_);
  u_.shape(N, GH);
  for (Buffer<Scalar>* state : {&h_, &h_prev_, &dh_}) state->shape(N, hidden_size_);
  for (Buffer<Scalar>* state : {&c_, &c_prev_}) state->shape(N, cell_columns);

  View<Scalar> a = gates_.shape(N, GH);
  a.noalias() = X * tensor_view(parameters, W_ih_).transpose();
  a.rowwise() += tensor_view(parameters, b_ih_).row(0);
  for (const Index t : walk(batch)) {
    carry_state(batch, t, h_, h_prev_);
    carry_state(batch, t, c_, c_prev_);
    View<Scalar> u_t = u_.step(batch, t);
    u_t.noalias() = h_prev_.read_step(batch, t) * W_hh.transpose();
    u_t.rowwise() += b_hh.row(0);
    cell.forward({.gates = gates_.step(batch, t),
                  .u_t = u_.read_step(batch, t),
                  .h_prev = h_prev_.read_step(batch, t),
                  .c_prev = c_prev_.read_step(batch, t),
                  .h_t = h_.step(batch, t),
                  .c_t = c_.step(batch, t)});
  }
}

template <class Scalar>
void RecurrentDirection<Scalar>::backward(const Cell<Scalar>& cell, const Scalar* parameters,
                                          const SequenceBatch& batch, ConstView<Scalar> X, Scalar* gradient) {
  const auto W_hh = tensor_view(parameters, W_hh_);
  // Row b is zero until the walk meets sequence b.
  carried_dh_.shape(batch.num_sequences, hidden_size_).setZero();
  carried_dc_.shape(batch.num_sequences, cell.has_cell_state() ? hidden_size_ : 0).setZero();
  auto steps = walk(batch);
  std::reverse(steps.begin(), steps.end());
  for (const Index t : steps) {
    View<Scalar> dh_t = dh_.step(batch, t);
    View<Scalar> carried_dh = carried_dh_.rows(0, dh_t.rows());
    dh_t += carried_dh;
    cell.backward({.gates = gates_.step(batch, t),
                   .u_t = u_.step(batch, t),
                   .h_prev = h_prev_.read_step(batch, t),
                   .c_prev = c_prev_.read_step(batch, t),
                   .h_t = h_.read_step(batch, t),
                   .c_t = c_.read_step(batch, t),
                   .dh_t = dh_.read_step(batch, t),
                   .dc_t = carried_dc_.rows(0, dh_t.rows()),
                   .dh_prev = carried_dh});
    carried_dh.noalias() += u_.read_step(batch, t) * W_hh;
  }
  const ConstView<Scalar> da = gates_.read();
  const ConstView<Scalar> du = u_.read();
  tensor_view(gradient, W_ih_).noalias() = da.transpose() * X;
  tensor_view(gradient, b_ih_) = da.colwise().sum();
  tensor_view(gradient, W_hh_).noalias() = du.transpose() * h_prev_.read();
  tensor_view(gradient, b_hh_) = du.colwise().sum();
}

template <class Scalar>
void RecurrentDirection<Scalar>::add_dX(const Scalar* parameters, View<Scalar> dX) const {
  dX.noalias() += gates_.read() * tensor_view(parameters, W_ih_);
}

template <class Scalar>
RecurrentLayer<Scalar>::RecurrentLayer(const NetworkSpec& spec, const ParameterLayout& layout, int layer) {
  directions_.emplace_back(spec, layout, layer, Direction::forward);
  if (spec.bidirectional) directions_.emplace_back(spec, layout, layer, Direction::reverse);
}

template <class Scalar>
void RecurrentLayer<Scalar>::forward(const Cell<Scalar>& cell, const Scalar* parameters, const SequenceBatch& batch,
                                     ConstView<Scalar> X, View<Scalar> Y) {
  Index column = 0;
  for (auto& direction : directions_) {
    direction.forward(cell, parameters, batch, X);
    Y.middleCols(column, direction.H().cols()) = direction.H();
    column += direction.H().cols();
  }
}

template <class Scalar>
void RecurrentLayer<Scalar>::backward(const Cell<Scalar>& cell, const Scalar* parameters, const SequenceBatch& batch,
                                      ConstView<Scalar> X, ConstView<Scalar> dY, Scalar* gradient) {
  Index column = 0;
  for (auto& direction : directions_) {
    direction.dH() = dY.middleCols(column, direction.dH().cols());
    column += direction.dH().cols();
    direction.backward(cell, parameters, batch, X, gradient);
  }
}

template <class Scalar>
void RecurrentLayer<Scalar>::write_dX(const Scalar* parameters, View<Scalar> dX) const {
  dX.setZero();
  for (const auto& direction : directions_) direction.add_dX(parameters, dX);
}

template class RecurrentDirection<float>;
template class RecurrentDirection<double>;
template class RecurrentLayer<float>;
template class RecurrentLayer<double>;

}  // namespace seqsweep::nn
