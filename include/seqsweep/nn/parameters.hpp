// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace seqsweep::nn {

/// One named tensor inside the flat parameter block. Row-major, PyTorch's name and shape:
/// "embedding.weight" [vocabulary × E], "rnn.weight_ih_l0" [G·H × D], "rnn.weight_hh_l0" [G·H × H],
/// "rnn.bias_ih_l0" [G·H], "rnn.bias_hh_l0" [G·H], "… _reverse", "head.weight" [K × H·directions], "head.bias" [K].
/// Gates are packed as in PyTorch: i, f, g, o (LSTM); r, z, n (GRU).
struct Tensor {
  std::string name;
  int rows = 0;
  int columns = 0;         ///< 1 for a bias
  std::size_t offset = 0;  ///< of the first element in the block
  bool is_bias = false;    ///< biases are not regularised

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns); }
};

/// All parameters of a network as one flat block. Gradients and optimizer slots have the same layout.
struct ParameterLayout {
  std::vector<Tensor> tensors;
  std::size_t size = 0;  ///< elements in the block
};

}  // namespace seqsweep::nn
