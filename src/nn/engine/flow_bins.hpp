// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seqsweep/nn/network.hpp"

#include "nn/engine/memory.hpp"
#include "nn/engine/row_block.hpp"

namespace seqsweep::nn::engine {

/// How much of the loss gradient survives its way back through time: root mean squares of dh_t by distance from the
/// sequence's last step, the quantity that Bengio, Simard, Frasconi ("Learning long-term dependencies with gradient
/// descent is difficult", 1994) prove to vanish or explode.
class FlowBins {
 public:
  FlowBins(int num_layers, int num_steps);

  /// dh [rows × H] of a part's sequences at step t.
  void add(int layer, int t, const Part& part, Rows dh, int hidden_size);
  [[nodiscard]] std::vector<GradientFlowBin> roots() const;

 private:
  struct Sum {
    double squares = 0, rows = 0;
  };
  [[nodiscard]] Sum& sum(int layer, std::size_t bin);

  int num_layers_, num_steps_;
  std::size_t num_bins_;
  std::vector<Sum> sums_;  ///< [layers × bins]
};

}  // namespace seqsweep::nn::engine
