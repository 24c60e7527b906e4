// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "seqsweep/nn/parameters.hpp"
#include "seqsweep/nn/spec.hpp"

#include "nn/notation.hpp"

namespace seqsweep::nn {

enum class Direction { forward, reverse };

[[nodiscard]] inline int num_directions(const NetworkSpec& spec) {
  return spec.bidirectional ? 2 : 1;
}
/// Columns of what layer `layer` reads: D of the data, the embedding size, or the width of the layer below.
[[nodiscard]] int input_width(const NetworkSpec& spec, int layer);

/// The tensors of a network in PyTorch's order: embedding, layers with their directions, head.
[[nodiscard]] ParameterLayout make_layout(const NetworkSpec& spec, int num_gates);

/// "rnn.weight_ih_l0_reverse" from "weight_ih".
[[nodiscard]] std::string recurrent_tensor_name(std::string_view which, int layer, Direction direction);

[[nodiscard]] const Tensor& tensor_named(const ParameterLayout& layout, std::string_view name);

/// One tensor of a block as a matrix [rows × columns]; a bias as a row [1 × rows].
template <class Scalar>
[[nodiscard]] View<Scalar> tensor_view(Scalar* block, const Tensor& tensor) {
  if (tensor.is_bias) return {block + tensor.offset, 1, tensor.rows};
  return {block + tensor.offset, tensor.rows, tensor.columns};
}
template <class Scalar>
[[nodiscard]] ConstView<Scalar> tensor_view(const Scalar* block, const Tensor& tensor) {
  if (tensor.is_bias) return {block + tensor.offset, 1, tensor.rows};
  return {block + tensor.offset, tensor.rows, tensor.columns};
}

}  // namespace seqsweep::nn
