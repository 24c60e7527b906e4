// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/nn/parameters.hpp"
#include "seqsweep/nn/spec.hpp"

#include "nn/notation.hpp"

namespace seqsweep::nn {

/// Fills the weights of one gate, or of the head: [fan_out × fan_in]. `num_hidden` is the width of the hidden state
/// that the weights write (W_ih, W_hh) or read (head).
using FillWeights = void (*)(Eigen::Ref<Matrix<double>> weights, int num_hidden, RandomStream& stream);

/// For W_ih and the head.
[[nodiscard]] std::span<const CatalogueEntry<FillWeights>> initialisation_catalogue();
/// For W_hh.
[[nodiscard]] std::span<const CatalogueEntry<FillWeights>> recurrent_init_catalogue();

/// The initial values of one tensor [rows × columns]. Depends on the spec, the key and the tensor's name and shape.
/// `forget_gate` is the gate of bias_ih that starts at spec.forget_bias; -1: none.
[[nodiscard]] Matrix<double> initial_values(const NetworkSpec& spec, const Tensor& tensor, int forget_gate,
                                            RandomKey key);

/// All of them: the whole block of a network.
template <class Scalar>
void initialise_parameters(const NetworkSpec& spec, const ParameterLayout& layout, RandomKey key,
                           std::span<Scalar> parameters);

}  // namespace seqsweep::nn
