// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "seqsweep/nn/reference_network.hpp"

#include "nn/cells/cell.hpp"
#include "nn/layers/dropout.hpp"
#include "nn/layers/head.hpp"
#include "nn/layers/recurrent.hpp"
#include "nn/layout.hpp"
#include "nn/losses/loss.hpp"

namespace seqsweep::nn {

/// The chain: input or embedding → (dropout → recurrent layer)… → head.
template <class Scalar>
struct ReferenceNetwork<Scalar>::Body {
  explicit Body(const NetworkSpec& network_spec);

  /// Ends in head.outputs().
  void forward(std::span<const Scalar> new_parameters, const SequenceBatch& batch, std::optional<DropoutKey> dropout);
  /// Starts from head.d_outputs(), ends in `gradient`. Once after each forward.
  void backward(const SequenceBatch& batch);

  NetworkSpec spec;
  std::unique_ptr<Cell<Scalar>> cell;
  std::unique_ptr<Loss<Scalar>> loss;
  ParameterLayout layout;
  std::vector<RecurrentLayer<Scalar>> layers;
  Head<Scalar> head;

  // Copies: the caller's blocks may begin at any address (see Buffer).
  Buffer<Scalar> parameters;  // [1 × layout.size]
  Buffer<Scalar> gradient;    // [1 × layout.size]

 private:
  void check_batch(const SequenceBatch& batch) const;
  void read_input(const SequenceBatch& batch);

  std::vector<Dropout<Scalar>> dropouts_;    // [layers]; that of layer 0 has probability 0
  std::vector<Buffer<Scalar>> activations_;  // [layers + 1]: what enters each layer, dropped out; what leaves the last
  std::vector<Buffer<Scalar>> d_activations_;  // [2], taking turns
};

}  // namespace seqsweep::nn
