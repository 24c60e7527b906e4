// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seqsweep/core/random.hpp"
#include "seqsweep/core/sequence_batch.hpp"
#include "seqsweep/nn/reference_network.hpp"

namespace seqsweep::nn {

/// Random input and targets that fit the spec. `lengths` must fall.
SequenceBatch random_batch(const NetworkSpec& spec, const std::vector<int>& lengths, RandomKey key);

/// Some sequences of a batch as a batch of their own; `chosen` in rising order.
SequenceBatch part_of(const NetworkSpec& spec, const SequenceBatch& batch, const std::vector<int>& chosen);

/// Small random parameters, biases too.
template <class Scalar>
std::vector<Scalar> random_parameters(const ParameterLayout& layout, RandomKey key) {
  auto stream = key.stream();
  std::vector<Scalar> parameters(layout.size);
  for (Scalar& w : parameters) w = static_cast<Scalar>(1.4 * stream.uniform() - 0.7);
  return parameters;
}

/// A spec, and what sets it apart.
struct NamedSpec {
  std::string name;
  NetworkSpec spec;
};

/// Every cell (and activation) × one layer, two layers, bidirectional, embedding × loss × head position.
std::vector<NamedSpec> all_specs();

}  // namespace seqsweep::nn
