// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seqsweep/store/checkpoint.hpp"

namespace seqsweep::report {

/// One recurrent layer in one direction. G gates, packed as in PyTorch (nn/parameters.hpp).
struct DirectionWeights {
  std::span<const float> weight_ih;         ///< [G·H × D]
  std::span<const float> weight_hh;         ///< [G·H × H]
  std::span<const float> bias_ih, bias_hh;  ///< [G·H]

  [[nodiscard]] std::size_t num_inputs() const { return weight_ih.size() / bias_ih.size(); }  ///< D
};

/// The best epoch's weights of a checkpoint by PyTorch's names. The checkpoint must live as long.
class TrainedWeights {
 public:
  explicit TrainedWeights(const store::Checkpoint& checkpoint);

  [[nodiscard]] const std::vector<nn::Tensor>& tensors() const { return layout_.tensors; }
  [[nodiscard]] std::span<const float> tensor(std::string_view name) const;
  /// Forward, then reverse where the network has it.
  [[nodiscard]] std::vector<DirectionWeights> layer(int number) const;

 private:
  const store::Checkpoint& checkpoint_;
  nn::ParameterLayout layout_;
};

/// The same rows with the gates in another order: block g of the result is block order[g] of `packed`.
[[nodiscard]] std::vector<float> reordered_gates(std::span<const float> packed, std::span<const int> order);

/// [rows × columns] → [columns × rows].
[[nodiscard]] std::vector<float> transposed(std::span<const float> matrix, std::size_t columns);

/// Where the network is from, as pairs of a key and a text.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance(const store::Checkpoint& checkpoint);

}  // namespace seqsweep::report
