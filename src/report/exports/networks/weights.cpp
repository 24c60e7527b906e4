// SPDX-License-Identifier: Apache-2.0
#include "weights.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/version.hpp"
#include "seqsweep/nn/network.hpp"

namespace seqsweep::report {

TrainedWeights::TrainedWeights(const store::Checkpoint& checkpoint)
    : checkpoint_(checkpoint), layout_(nn::layout_of(checkpoint.network)) {
  SEQSWEEP_EXPECT(checkpoint.state.best_weights.size() == layout_.size, "the weights do not fit the network");
}

std::span<const float> TrainedWeights::tensor(std::string_view name) const {
  for (const auto& tensor : layout_.tensors)
    if (tensor.name == name) return std::span(checkpoint_.state.best_weights).subspan(tensor.offset, tensor.size());
  throw ContractViolation(fmt::format("no tensor is called '{}'", name));
}

std::vector<DirectionWeights> TrainedWeights::layer(int number) const {
  std::vector<DirectionWeights> directions;
  for (const std::string suffix : {"", "_reverse"}) {
    if (!suffix.empty() && !checkpoint_.network.bidirectional) continue;
    const auto of = [&](std::string_view which) { return tensor(fmt::format("rnn.{}_l{}{}", which, number, suffix)); };
    directions.push_back({of("weight_ih"), of("weight_hh"), of("bias_ih"), of("bias_hh")});
  }
  return directions;
}

std::vector<float> reordered_gates(std::span<const float> packed, std::span<const int> order) {
  const std::size_t block = packed.size() / order.size();
  std::vector<float> reordered;
  reordered.reserve(packed.size());
  for (const int gate : order) {
    const auto rows = packed.subspan(static_cast<std::size_t>(gate) * block, block);
    reordered.insert(reordered.end(), rows.begin(), rows.end());
  }
  return reordered;
}

std::vector<float> transposed(std::span<const float> matrix, std::size_t columns) {
  const std::size_t rows = matrix.size() / columns;
  std::vector<float> result(matrix.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) result[j * rows + i] = matrix[i * columns + j];
  return result;
}

std::vector<std::pair<std::string, std::string>> provenance(const store::Checkpoint& checkpoint) {
  std::vector<std::pair<std::string, std::string>> entries = {
      {"program_version", std::string(program_version)}, {"git_revision", std::string(git_revision)},
      {"dataset_name", checkpoint.dataset_name},         {"dataset_fingerprint", checkpoint.dataset_fingerprint},
      {"trial", std::to_string(checkpoint.trial.value)}, {"epoch", std::to_string(checkpoint.state.best_epoch)},
  };
  entries.insert(entries.end(), checkpoint.definition.begin(), checkpoint.definition.end());
  return entries;
}

}  // namespace seqsweep::report
