// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "seqsweep/nn/gradient_block.hpp"
#include "seqsweep/nn/network.hpp"

namespace seqsweep::nn {

/// A block that a pass must overwrite: NaN, and a row that no batch has touched.
inline GradientBlock dirty_block(const ParameterLayout& layout) {
  GradientBlock block;
  block.values.assign(layout.size - dense_begin(layout), std::numeric_limits<float>::quiet_NaN());
  if (const Tensor* embedding = embedding_of(layout)) {
    block.touched = {embedding->rows - 1};
    block.rows.assign(static_cast<std::size_t>(embedding->columns), std::numeric_limits<float>::quiet_NaN());
  }
  return block;
}

/// Network with the functions of ReferenceNetwork, so that one test can hold both to the same promise.
class EngineNetwork {
 public:
  explicit EngineNetwork(const NetworkSpec& spec) : network_(spec), block_(dirty_block(network_.layout())) {}

  [[nodiscard]] const NetworkSpec& spec() const { return network_.spec(); }
  [[nodiscard]] const ParameterLayout& layout() const { return network_.layout(); }
  [[nodiscard]] Network& network() { return network_; }
  void initialise(std::span<float> parameters, RandomKey key) const { network_.initialise(parameters, key); }

  ScoreSums forward_backward(std::span<const float> parameters, const SequenceBatch& batch, double loss_scale,
                             std::optional<DropoutKey> dropout, std::span<float> gradient) {
    network_.load(parameters);
    ShardPass pass{&batch, {}};
    network_.forward_backward({&pass, 1}, block_, loss_scale, dropout);
    std::ranges::copy(to_dense(layout(), block_), gradient.begin());
    return pass.scores;
  }
  ScoreSums evaluate(std::span<const float> parameters, const SequenceBatch& batch,
                     std::span<const float> target_scale = {}) {
    network_.load(parameters);
    return network_.evaluate(batch, target_scale);
  }
  void predict(std::span<const float> parameters, const SequenceBatch& batch, std::vector<float>& outputs) {
    network_.load(parameters);
    network_.predict(batch, outputs);
  }
  std::vector<GradientFlowBin> gradient_flow(std::span<const float> parameters, const SequenceBatch& batch) {
    network_.load(parameters);
    return network_.gradient_flow(batch);
  }

 private:
  Network network_;
  GradientBlock block_;
};

}  // namespace seqsweep::nn
