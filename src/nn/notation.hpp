// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

#include "seqsweep/core/sequence_batch.hpp"

// The alphabet of this room.
//
//   T  steps of the longest sequence        D  input features (or embedding size) of a layer
//   B  sequences of a batch                 H  hidden units per direction
//   N  packed rows: steps of all sequences  K  outputs of the head
//   R  rows of the head: B or N             G  gates of a cell: 1 (rnn), 4 (lstm), 3 (gru)
//
//   x_t  input of step t [rows × D]         W_ih  input weights      [G·H × D]
//   h_t  hidden state    [rows × H]         W_hh  recurrent weights  [G·H × H]
//   c_t  cell state      [rows × H]         b_ih, b_hh  biases       [G·H]
//   a_t = x_t W_ihᵀ + b_ih                  u_t = h_{t-1} W_hhᵀ + b_hh           [rows × G·H]
//
//   gates i f g o (LSTM: input, forget, candidate, output), r z n (GRU: reset, update, new)
//   dv   gradient of the loss with respect to v: dh_t, dW_hh …
//
// `rows` at step t is rows_at[t] of the SequenceBatch: its first rows are the sequences still running.
// "Previous" (h_prev, c_prev) means one step earlier in the order of the walk: t-1 forward, t+1 in reverse.

namespace seqsweep::nn {

using Index = Eigen::Index;

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Contiguous rows of somebody else's memory.
template <class Scalar>
using View = Eigen::Map<Matrix<Scalar>>;
template <class Scalar>
using ConstView = Eigen::Map<const Matrix<Scalar>>;

/// Memory of one matrix. Keeps its capacity from batch to batch, and begins at an aligned address: which elements Eigen
/// computes with vector instructions, hence the bits, then follows from the shape alone.
template <class Scalar>
class Buffer {
 public:
  /// Gives the matrix a new shape. Its contents are undefined.
  View<Scalar> shape(Index rows, Index columns) {
    if (memory_.size() < rows * columns) memory_.resize(rows * columns);
    rows_ = rows;
    columns_ = columns;
    return all();
  }
  [[nodiscard]] View<Scalar> all() { return {memory_.data(), rows_, columns_}; }
  [[nodiscard]] ConstView<Scalar> read() const { return {memory_.data(), rows_, columns_}; }
  [[nodiscard]] View<Scalar> rows(Index first, Index count) {
    return {memory_.data() + first * columns_, count, columns_};
  }
  /// The rows of step t in a packed matrix [N × columns].
  [[nodiscard]] View<Scalar> step(const SequenceBatch& batch, Index t) {
    const auto i = static_cast<std::size_t>(t);
    return rows(batch.offset_at[i], batch.rows_at[i]);
  }
  [[nodiscard]] ConstView<Scalar> read_step(const SequenceBatch& batch, Index t) const {
    const auto i = static_cast<std::size_t>(t);
    return {memory_.data() + batch.offset_at[i] * columns_, batch.rows_at[i], columns_};
  }

 private:
  Eigen::Array<Scalar, Eigen::Dynamic, 1> memory_;
  Index rows_ = 0;
  Index columns_ = 0;
};

/// N
[[nodiscard]] inline Index num_packed_rows(const SequenceBatch& batch) {
  return batch.offset_at.empty() ? 0 : batch.offset_at.back();
}

/// The packed row of a sequence's last step.
[[nodiscard]] inline Index last_row_of(const SequenceBatch& batch, Index sequence) {
  const int last_step = batch.lengths[static_cast<std::size_t>(sequence)] - 1;
  return batch.offset_at[static_cast<std::size_t>(last_step)] + sequence;
}

}  // namespace seqsweep::nn
