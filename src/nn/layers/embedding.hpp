// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/layout.hpp"
#include "nn/notation.hpp"

namespace seqsweep::nn {

/// Rows of the embedding table, one for each token: X [N × E].
template <class Scalar>
void embed(const Scalar* parameters, const Tensor& table, const SequenceBatch& batch, View<Scalar> X);

/// Writes the table's gradient: each row of dX [N × E] is added to its token's row, in packed order.
template <class Scalar>
void embed_backward(const SequenceBatch& batch, const Tensor& table, ConstView<Scalar> dX, Scalar* gradient);

}  // namespace seqsweep::nn
