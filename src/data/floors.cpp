// SPDX-License-Identifier: Apache-2.0
// What the trivial rule scores. A rule may know the training part and the sequence, never the targets it predicts.
#include <algorithm>
#include <cmath>
#include <functional>

#include "seqsweep/core/error.hpp"
#include "seqsweep/data/writer.hpp"

namespace seqsweep::data {
namespace {

using schema::SequenceRow;

// Calls `visit(r, sequence)` for each target row r of a split.
template <class Visit>
void for_each_target(const SequenceTable& table, Split split, Visit&& visit) {
  const bool is_per_step = table.header.target_position == TargetPosition::per_step;
  for (std::size_t i = 0; i < table.sequences.size(); ++i) {
    const auto& sequence = table.sequences[i];
    if (sequence.split != static_cast<std::int32_t>(split)) continue;
    const auto first = is_per_step ? static_cast<std::size_t>(sequence.start) : i;
    const auto count = is_per_step ? static_cast<std::size_t>(sequence.length) : 1;
    for (std::size_t r = first; r < first + count; ++r) visit(r, sequence);
  }
}

// Of each output over the training part.
std::vector<double> training_mean(const SequenceTable& table) {
  const auto K = static_cast<std::size_t>(table.header.num_outputs);
  std::vector<double> mean(K);
  std::size_t num_rows = 0;
  for_each_target(table, Split::train, [&](std::size_t r, const SequenceRow&) {
    for (std::size_t k = 0; k < K; ++k) mean[k] += table.targets[r * K + k];
    ++num_rows;
  });
  for (auto& m : mean) m /= static_cast<double>(std::max<std::size_t>(num_rows, 1));
  return mean;
}

using RealRule = std::function<double(const SequenceRow& sequence, std::size_t k)>;

Floor score_real(const SequenceTable& table, Split split, const RealRule& predict) {
  const auto K = static_cast<std::size_t>(table.header.num_outputs);
  double squared = 0, absolute = 0, normalised = 0, count = 0;
  for_each_target(table, split, [&](std::size_t r, const SequenceRow& sequence) {
    for (std::size_t k = 0; k < K; ++k) {
      const double error = table.targets[r * K + k] - predict(sequence, k);
      const double scaled = error / table.header.target_sd[k];
      squared += error * error;
      absolute += std::abs(error);
      normalised += scaled * scaled;
    }
    count += static_cast<double>(K);
  });
  Floor floor;
  if (count == 0) return floor;
  floor.loss = normalised / count;
  floor.mae = absolute / count;
  floor.rmse = std::sqrt(squared / count);
  return floor;
}

std::array<Floor, 3> score_real(const SequenceTable& table, const RealRule& rule) {
  std::array<Floor, 3> floors;
  for (const Split split : all_splits) floors[static_cast<std::size_t>(split)] = score_real(table, split, rule);
  return floors;
}

// Persistence where it is known: the last step's value, or no change.
RealRule persistence_rule(const SequenceTable& table) {
  if (table.has_difference_targets) return [](const SequenceRow&, std::size_t) { return 0.0; };
  if (table.persistence_feature.empty() || table.header.target_position == TargetPosition::per_step) return nullptr;
  return [&table](const SequenceRow& sequence, std::size_t k) -> double {
    const auto last = static_cast<std::size_t>(sequence.start + sequence.length - 1);
    const auto D = static_cast<std::size_t>(table.header.num_features);
    return table.features[last * D + static_cast<std::size_t>(table.persistence_feature[k])];
  };
}

void set_real_floors(SequenceTable& table) {
  const auto mean = training_mean(table);
  const auto of_mean = score_real(table, [&](const SequenceRow&, std::size_t k) { return mean[k]; });
  table.header.floors = of_mean;
  table.header.floor_rule =
      table.has_difference_targets ? "mean change over the training part" : "mean of the training part";
  const auto persistence = persistence_rule(table);
  if (!persistence) return;
  const auto of_persistence = score_real(table, persistence);
  const auto judge =
      static_cast<std::size_t>(table.num_sequences(Split::validation) > 0 ? Split::validation : Split::train);
  if (of_persistence[judge].loss > of_mean[judge].loss) return;
  table.header.floors = of_persistence;
  table.header.floor_rule = table.season == 0
                                ? "persistence (nothing changes)"
                                : "persistence (as a season of " + std::to_string(table.season) + " steps ago)";
}

void set_class_floors(SequenceTable& table) {
  const auto K = static_cast<std::size_t>(table.header.num_outputs);
  std::vector<double> frequency(K, 1.0);  // add-one smoothing: no class is impossible
  double total = static_cast<double>(K);
  const auto class_at = [&](std::size_t r) { return table.classes[r]; };
  for_each_target(table, Split::train, [&](std::size_t r, const SequenceRow&) {
    if (class_at(r) < 0) return;
    frequency[static_cast<std::size_t>(class_at(r))] += 1;
    total += 1;
  });
  const auto majority = std::max_element(frequency.begin(), frequency.end()) - frequency.begin();
  for (const Split split : all_splits) {
    double loss = 0, right = 0, count = 0;
    for_each_target(table, split, [&](std::size_t r, const SequenceRow&) {
      if (class_at(r) < 0) return;
      loss -= std::log(frequency[static_cast<std::size_t>(class_at(r))] / total);
      right += class_at(r) == majority ? 1 : 0;
      count += 1;
    });
    if (count == 0) continue;
    auto& floor = table.header.floors[static_cast<std::size_t>(split)];
    floor.loss = loss / count;
    floor.accuracy = right / count;
  }
  table.header.floor_rule = "majority class of the training part";
}

// The loss of a step is summed over its keys, as the field reports it (negative log-likelihood a step).
void set_binary_floors(SequenceTable& table) {
  const auto K = static_cast<std::size_t>(table.header.num_outputs);
  std::vector<double> on(K, 1.0);
  double total = 2;
  for_each_target(table, Split::train, [&](std::size_t r, const SequenceRow&) {
    for (std::size_t k = 0; k < K; ++k) on[k] += table.targets[r * K + k];
    total += 1;
  });
  for (const Split split : all_splits) {
    double loss = 0, count = 0;
    for_each_target(table, split, [&](std::size_t r, const SequenceRow&) {
      for (std::size_t k = 0; k < K; ++k) {
        const double probability = on[k] / total;
        loss -= std::log(table.targets[r * K + k] > 0.5F ? probability : 1 - probability);
      }
      count += 1;
    });
    if (count > 0) table.header.floors[static_cast<std::size_t>(split)].loss = loss / count;
  }
  table.header.floor_rule = "how often each key is on in the training part";
}

}  // namespace

void set_floors(SequenceTable& table) {
  table.header.floors = {};
  switch (table.header.target_kind) {
    case TargetKind::real:
      return set_real_floors(table);
    case TargetKind::classes:
      return set_class_floors(table);
    case TargetKind::binary:
      return set_binary_floors(table);
  }
}

}  // namespace seqsweep::data
