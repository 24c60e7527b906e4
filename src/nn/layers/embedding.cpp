// SPDX-License-Identifier: Apache-2.0
#include "nn/layers/embedding.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::nn {

template <class Scalar>
void embed(const Scalar* parameters, const Tensor& table, const SequenceBatch& batch, View<Scalar> X) {
  const auto rows = tensor_view(parameters, table);  // [vocabulary × E]
  for (Index n = 0; n < X.rows(); ++n) {
    const auto token = batch.tokens[static_cast<std::size_t>(n)];
    SEQSWEEP_EXPECT(token >= 0 && token < table.rows,
                    fmt::format("token {} is not in a vocabulary of {}", token, table.rows));
    X.row(n) = rows.row(token);
  }
}

template <class Scalar>
void embed_backward(const SequenceBatch& batch, const Tensor& table, ConstView<Scalar> dX, Scalar* gradient) {
  auto d_rows = tensor_view(gradient, table);  // [vocabulary × E]
  d_rows.setZero();
  for (Index n = 0; n < dX.rows(); ++n) d_rows.row(batch.tokens[static_cast<std::size_t>(n)]) += dX.row(n);
}

template void embed(const float*, const Tensor&, const SequenceBatch&, View<float>);
template void embed(const double*, const Tensor&, const SequenceBatch&, View<double>);
template void embed_backward(const SequenceBatch&, const Tensor&, ConstView<float>, float*);
template void embed_backward(const SequenceBatch&, const Tensor&, ConstView<double>, double*);

}  // namespace seqsweep::nn
