// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/flow_bins.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace seqsweep::nn::engine {
namespace {

/// Bins 0, 1, 2–3, 4–7 …: bin i > 0 holds 2^(i-1) … 2^i - 1.
std::size_t bin_of(int distance) {
  return static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(distance)));
}

}  // namespace

FlowBins::FlowBins(int num_layers, int num_steps)
    : num_layers_(num_layers),
      num_steps_(num_steps),
      num_bins_(bin_of(num_steps - 1) + 1),
      sums_(static_cast<std::size_t>(num_layers) * num_bins_) {}

FlowBins::Sum& FlowBins::sum(int layer, std::size_t bin) {
  return sums_[static_cast<std::size_t>(layer) * num_bins_ + bin];
}

void FlowBins::add(int layer, int t, const Part& part, Rows dh, int hidden_size) {
  for (int row = 0; row < part.rows_at(t); ++row) {
    Sum& to = sum(layer, bin_of(part.length(row) - 1 - t));
    const float* values = dh.row(static_cast<std::size_t>(row));
    for (int unit = 0; unit < hidden_size; ++unit) to.squares += static_cast<double>(values[unit]) * values[unit];
    to.rows += 1;
  }
}

std::vector<GradientFlowBin> FlowBins::roots() const {
  std::vector<GradientFlowBin> bins;
  for (int layer = 0; layer < num_layers_; ++layer)
    for (std::size_t i = 0; i < num_bins_; ++i) {
      const Sum& from_sum = sums_[static_cast<std::size_t>(layer) * num_bins_ + i];
      const int from = i == 0 ? 0 : 1 << (i - 1);
      const int to = i == 0 ? 0 : std::min(2 * from, num_steps_) - 1;
      bins.push_back({layer, from, to, std::sqrt(from_sum.squares / from_sum.rows)});
    }
  return bins;
}

}  // namespace seqsweep::nn::engine
