// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace seqsweep::nn {

/// Where the dense head reads: the final hidden state of each sequence, or the hidden state of every step.
enum class HeadPosition { last_step, every_step };

/// Everything that decides a network's shape, mathematics and initial weights. Names are those of the catalogues.
struct NetworkSpec {
  // Given by the data set.
  int num_features = 0;  ///< D; 0 for token input
  int vocabulary = 0;    ///< tokens are 0 … vocabulary-1; 0 for feature input
  int num_outputs = 1;   ///< K
  HeadPosition head = HeadPosition::last_step;
  std::string loss = "mse";

  // Chosen by the user or the search.
  int embedding_size = 64;  ///< for token input only
  std::string cell = "lstm";
  std::string activation = "tanh";  ///< of cell "rnn" only
  int hidden_size = 64;             ///< H, per direction
  int num_layers = 1;
  bool bidirectional = false;
  double dropout = 0;                         ///< probability, on what enters each layer but the first, and the head
  std::string initialisation = "xavier";      ///< W_ih, head and their like
  std::string recurrent_init = "orthogonal";  ///< W_hh
  double forget_bias = 1;                     ///< added to the LSTM's forget gate bias at initialisation
};

}  // namespace seqsweep::nn
