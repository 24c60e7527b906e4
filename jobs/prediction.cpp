// SPDX-License-Identifier: Apache-2.0
#include "prediction.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/network.hpp"
#include "seqsweep/trial/training.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::size_t chunk_sequences = 64;  // as trial::evaluate_split, so that the sums have the same bits

void softmax(std::span<float> row) {
  const float largest = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (float& y : row) sum += y = std::exp(y - largest);
  for (float& y : row) y = static_cast<float>(y / sum);
}

// What the head puts out → what people read: physical units or probabilities.
void make_readable(const store::Checkpoint& checkpoint, std::vector<float>& outputs) {
  const auto K = static_cast<std::size_t>(checkpoint.network.num_outputs);
  for (std::size_t begin = 0; begin < outputs.size(); begin += K) {
    const std::span<float> row(outputs.data() + begin, K);
    if (checkpoint.network.loss == "cross_entropy") {
      softmax(row);
    } else if (checkpoint.network.loss == "bernoulli") {
      for (float& y : row) y = 1 / (1 + std::exp(-y));
    } else {
      for (std::size_t k = 0; k < K; ++k) row[k] = row[k] * checkpoint.target_sd[k] + checkpoint.target_mean[k];
    }
  }
}

// Packed row r of the batch (by step, then by falling length) for each row in order of sequence_ids, then of steps.
struct Unpacking {
  std::vector<std::int64_t> rows_of_sequence;  // [B]
  std::vector<std::size_t> packed_row;         // [R]
};

Unpacking unpack(const SequenceBatch& batch, bool is_per_step) {
  std::vector<std::size_t> order(batch.sequence_ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return batch.sequence_ids[a] < batch.sequence_ids[b]; });
  Unpacking unpacking;
  for (const auto b : order) {
    const int rows = is_per_step ? batch.lengths[b] : 1;
    unpacking.rows_of_sequence.push_back(rows);
    for (int t = 0; t < rows; ++t)
      unpacking.packed_row.push_back(
          is_per_step ? static_cast<std::size_t>(batch.offset_at[static_cast<std::size_t>(t)]) + b : b);
  }
  return unpacking;
}

template <class T>
std::vector<T> in_order(const std::vector<T>& packed, const std::vector<std::size_t>& packed_row, std::size_t columns) {
  std::vector<T> rows;
  if (packed.empty()) return rows;
  rows.reserve(packed_row.size() * columns);
  for (const auto row : packed_row)
    rows.insert(rows.end(), packed.begin() + static_cast<std::ptrdiff_t>(row * columns),
                packed.begin() + static_cast<std::ptrdiff_t>((row + 1) * columns));
  return rows;
}

PredictedRows readable_rows(const store::Checkpoint& checkpoint, const SequenceBatch& batch,
                            std::vector<float>& outputs) {
  const auto K = static_cast<std::size_t>(checkpoint.network.num_outputs);
  const auto unpacking = unpack(batch, checkpoint.network.head == nn::HeadPosition::every_step);
  make_readable(checkpoint, outputs);
  PredictedRows rows;
  rows.rows_of_sequence = unpacking.rows_of_sequence;
  rows.outputs = in_order(outputs, unpacking.packed_row, K);
  rows.classes = in_order(batch.classes, unpacking.packed_row, 1);
  rows.targets = in_order(batch.targets, unpacking.packed_row, K);
  if (checkpoint.network.loss == "mse") make_readable(checkpoint, rows.targets);
  return rows;
}

}  // namespace

void check_is_trained(const store::Checkpoint& checkpoint, const std::string& checkpoint_path) {
  const auto& network = checkpoint.network;
  const auto& weights = checkpoint.state.best_weights;
  if (weights.empty())
    throw StoreError("holds no finished epoch yet, so there are no trained weights; train it for longer",
                     checkpoint_path);
  const auto num_features = static_cast<std::size_t>(network.num_features);
  const auto num_outputs = static_cast<std::size_t>(network.num_outputs);
  // Before a network is made: a damaged file may speak of one that fits into no memory.
  if (weights.size() != nn::layout_of(network).size || checkpoint.feature_mean.size() != num_features ||
      checkpoint.feature_sd.size() != num_features || checkpoint.target_sd.size() != checkpoint.target_mean.size() ||
      (network.loss == "mse" && checkpoint.target_sd.size() != num_outputs))
    throw StoreError("its weights or statistics do not have the shape of its network; the file is damaged",
                     checkpoint_path);
}

void check_fits(const store::Checkpoint& checkpoint, const data::DatasetHeader& header,
                const std::string& dataset_path) {
  const auto& trained = checkpoint.network;
  nn::NetworkSpec blank = trained;
  blank.loss = "auto";
  const auto wanted = trial::fit_to_data(blank, header);
  const auto refuse = [&](const std::string& has, const std::string& takes) {
    throw DataError(fmt::format("data set '{}' has {}, but the checkpoint was trained on '{}' with {}; use a data set "
                                "made the same way",
                                header.name, has, checkpoint.dataset_name, takes),
                    dataset_path);
  };
  const auto input_of = [](const nn::NetworkSpec& spec) {
    return spec.vocabulary > 0 ? fmt::format("tokens of a vocabulary of {}", spec.vocabulary)
                               : fmt::format("{} features", spec.num_features);
  };
  const auto head_of = [](const nn::NetworkSpec& spec) {
    return spec.head == nn::HeadPosition::every_step ? "one target per step" : "one target per sequence";
  };
  if (input_of(wanted) != input_of(trained)) refuse(input_of(wanted), input_of(trained));
  if (wanted.loss != trained.loss) refuse("targets for loss " + wanted.loss, "loss " + trained.loss);
  if (wanted.num_outputs != trained.num_outputs)
    refuse(fmt::format("{} outputs", wanted.num_outputs), std::to_string(trained.num_outputs));
  if (wanted.head != trained.head) refuse(head_of(wanted), head_of(trained));
  if (checkpoint.feature_mean.size() != header.feature_mean.size() ||
      checkpoint.feature_sd.size() != header.feature_sd.size() ||
      checkpoint.target_mean.size() != header.target_mean.size() ||
      checkpoint.target_sd.size() != header.target_sd.size())
    refuse("statistics of other columns", "statistics of its own");
}

Renormalisation::Affine Renormalisation::between(std::span<const float> old_mean, std::span<const float> old_sd,
                                                 std::span<const float> new_mean, std::span<const float> new_sd) {
  Affine affine;
  affine.is_identity = std::equal(old_mean.begin(), old_mean.end(), new_mean.begin(), new_mean.end()) &&
                       std::equal(old_sd.begin(), old_sd.end(), new_sd.begin(), new_sd.end());
  if (affine.is_identity) return affine;
  SEQSWEEP_EXPECT(
      old_mean.size() == new_mean.size() && old_sd.size() == new_sd.size() && old_mean.size() == old_sd.size(),
      "statistics of different widths; check_fits() comes first");
  for (std::size_t i = 0; i < old_mean.size(); ++i) {
    affine.factor.push_back(static_cast<double>(old_sd[i]) / new_sd[i]);
    affine.shift.push_back((static_cast<double>(old_mean[i]) - new_mean[i]) / new_sd[i]);
  }
  return affine;
}

void Renormalisation::Affine::apply(std::span<float> rows) const {
  if (is_identity) return;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t column = i % factor.size();
    rows[i] = static_cast<float>(rows[i] * factor[column] + shift[column]);
  }
}

Renormalisation::Renormalisation(const store::Checkpoint& checkpoint, const data::DatasetHeader& header)
    : features_(between(header.feature_mean, header.feature_sd, checkpoint.feature_mean, checkpoint.feature_sd)) {
  if (checkpoint.network.loss == "mse")
    targets_ = between(header.target_mean, header.target_sd, checkpoint.target_mean, checkpoint.target_sd);
}

void Renormalisation::apply(SequenceBatch& batch) const {
  features_.apply(batch.features);
  targets_.apply(batch.targets);
}

store::Scores predict_split(const store::Checkpoint& checkpoint, const std::string& checkpoint_path,
                            const data::Dataset& dataset, data::Split split,
                            const std::function<void(const PredictedRows&)>& take) {
  check_is_trained(checkpoint, checkpoint_path);
  nn::Network network(checkpoint.network);
  network.load(checkpoint.state.best_weights);
  const Renormalisation renormalisation(checkpoint, dataset.header());
  const bool is_mse = checkpoint.network.loss == "mse";
  nn::ScoreSums total;
  SequenceBatch batch;
  std::vector<float> outputs;
  for (std::size_t begin = 0; begin < dataset.num_sequences(split); begin += chunk_sequences) {
    std::vector<std::uint32_t> positions(std::min(chunk_sequences, dataset.num_sequences(split) - begin));
    std::iota(positions.begin(), positions.end(), static_cast<std::uint32_t>(begin));
    dataset.gather(split, positions, batch);
    renormalisation.apply(batch);
    total += network.evaluate(batch, is_mse ? std::span<const float>(checkpoint.target_sd) : std::span<const float>());
    network.predict(batch, outputs);
    take(readable_rows(checkpoint, batch, outputs));
  }
  return trial::scores_of(network.spec(), total);
}

}  // namespace seqsweep::jobs
