// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seqsweep/data/writer.hpp"
#include "seqsweep/nn/parameters.hpp"
#include "seqsweep/nn/spec.hpp"

namespace seqsweep::jobs {

/// A network and the sequences that it is trained on, as `bench engine` takes them from the command line.
struct BenchShape {
  std::string cell = "lstm";
  std::string activation = "tanh";  ///< of cell "rnn" only
  int num_features = 8;             ///< D
  int vocabulary = 0;               ///< 0: feature input
  int embedding_size = 64;          ///< of token input
  int hidden_size = 128;            ///< H
  int num_layers = 1;
  bool bidirectional = false;
  int num_outputs = 0;         ///< K; 0: one number, two classes, or for token input at every step the vocabulary
  bool has_step_head = false;  ///< a target per step instead of one per sequence
  int batch_size = 32;         ///< B [sequences]
  int num_steps = 100;         ///< T
  int min_steps = 0;           ///< lengths are uniform in min_steps … num_steps; 0: all are num_steps
};

/// rnn, lstm and gru with H = 32 … 512.
[[nodiscard]] std::vector<BenchShape> default_shapes();

/// "lstm H=128, I=8, B=32, T=100".
[[nodiscard]] std::string text_of(const BenchShape& shape);

/// Number input means mean squared error, token input cross-entropy.
[[nodiscard]] nn::NetworkSpec network_of(const BenchShape& shape);

/// Random sequences for so many batches, and one for validation. The same numbers at every call.
[[nodiscard]] data::SequenceTable random_table(const BenchShape& shape, int num_batches);

/// Floating-point operations of training on so many steps and sequences in all: two per multiply-add, each multiply-add
/// of the forward pass three times, but without the gradient of the input where nothing is learned from it (feature
/// input). Gate mathematics, loss and optimizer do not count.
[[nodiscard]] double training_flops(const nn::NetworkSpec& spec, const nn::ParameterLayout& layout, double num_steps,
                                    double num_sequences);

}  // namespace seqsweep::jobs
