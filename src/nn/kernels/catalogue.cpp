// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/kernels.hpp"

namespace seqsweep::nn::kernels {

CellKernels make_rnn_tanh_kernels();
CellKernels make_rnn_relu_kernels();
CellKernels make_rnn_sigmoid_kernels();
CellKernels make_lstm_kernels();
CellKernels make_gru_kernels();

std::span<const CatalogueEntry<MakeCellKernels>> cell_kernels_catalogue() {
  static constexpr CatalogueEntry<MakeCellKernels> catalogue[] = {
      {"rnn tanh", "simple recurrent network, tanh", make_rnn_tanh_kernels},
      {"rnn relu", "simple recurrent network, rectifier", make_rnn_relu_kernels},
      {"rnn sigmoid", "simple recurrent network, sigmoid", make_rnn_sigmoid_kernels},
      {"lstm", "long short-term memory", make_lstm_kernels},
      {"gru", "gated recurrent unit", make_gru_kernels},
  };
  return catalogue;
}

CellKernels cell_kernels_of(const NetworkSpec& spec) {
  const std::string name = spec.cell == "rnn" ? "rnn " + spec.activation : spec.cell;
  return find_in(cell_kernels_catalogue(), "cell", name).make();
}

}  // namespace seqsweep::nn::kernels
