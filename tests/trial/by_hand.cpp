// SPDX-License-Identifier: Apache-2.0
#include "by_hand.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "seqsweep/core/random.hpp"
#include "seqsweep/nn/reference_network.hpp"

#include "support.hpp"

namespace seqsweep::trial::testing_support {
namespace {

data::Split split_of(int sequence, int num_train, int num_validation) {
  return sequence < num_train                    ? data::Split::train
         : sequence < num_train + num_validation ? data::Split::validation
                                                 : data::Split::test;
}

// Features and lengths; what the targets are is up to `add_targets`, which is told the step's place in its sequence.
template <class AddTargets>
data::SequenceTable per_step_table(data::TargetKind kind, int num_outputs, std::uint64_t seed, AddTargets add_targets) {
  auto random = RandomKey(seed).fold(Purpose::test).stream();
  data::SequenceTable table;
  table.header.num_features = 2;
  table.header.feature_mean = {0.5F, 0};
  table.header.feature_sd = {0.25F, 2};
  table.header.target_kind = kind;
  table.header.target_position = data::TargetPosition::per_step;
  table.header.num_outputs = num_outputs;
  for (int s = 0; s < 190; ++s) {
    const std::size_t start = table.num_steps();
    const auto length = 1 + random.below(9);
    for (std::uint32_t t = 0; t < length; ++t) {
      table.features.push_back(static_cast<float>(random.uniform()));
      table.features.push_back(static_cast<float>(random.normal()));
      add_targets(table, t, random);
    }
    table.close_sequence(start, split_of(s, 40, 130));
  }
  return table;
}

SequenceBatch gathered(const data::Dataset& dataset, data::Split split, std::span<const std::uint32_t> sequences,
                       double share_of_steps = 1) {
  SequenceBatch batch;
  dataset.gather(split, sequences, batch, share_of_steps);
  return batch;
}

std::vector<double> in_double(std::span<const float> values) {
  return {values.begin(), values.end()};
}

store::Scores scores_of_numbers(std::span<const float> y, std::span<const float> outputs, std::span<const float> sd) {
  const auto n = static_cast<double>(y.size());
  double squares = 0, absolute = 0, physical_squares = 0, mean = 0, spread = 0;
  const auto unit = [&](std::size_t i) { return static_cast<double>(sd[i % sd.size()]); };
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double error = static_cast<double>(y[i]) - outputs[i];
    squares += error * error;
    absolute += std::abs(error) * unit(i);
    physical_squares += std::pow(error * unit(i), 2);
    mean += y[i] * unit(i) / n;
  }
  for (std::size_t i = 0; i < y.size(); ++i) spread += std::pow(y[i] * unit(i) - mean, 2);
  store::Scores scores;
  scores.loss = squares / n;
  scores.mae = absolute / n;
  scores.rmse = std::sqrt(physical_squares / n);
  scores.r2 = 1 - physical_squares / spread;
  return scores;
}

store::Scores scores_of_classes(std::span<const std::int32_t> classes, std::span<const float> outputs, std::size_t K) {
  double loss = 0, num_right = 0, num_scored = 0;
  for (std::size_t r = 0; r < classes.size(); ++r) {
    if (classes[r] < 0) continue;
    const auto logits = outputs.subspan(r * K, K);
    double sum = 0;
    for (const double z : logits) sum += std::exp(z);
    loss -= std::log(std::exp(static_cast<double>(logits[static_cast<std::size_t>(classes[r])])) / sum);
    num_right += std::max_element(logits.begin(), logits.end()) - logits.begin() == classes[r] ? 1 : 0;
    ++num_scored;
  }
  store::Scores scores;
  scores.loss = loss / num_scored;
  scores.accuracy = num_right / num_scored;
  return scores;
}

store::Scores scores_of_keys(std::span<const float> keys, std::span<const float> outputs, std::size_t K) {
  double loss = 0, num_right = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const double p = 1 / (1 + std::exp(-static_cast<double>(outputs[i])));
    loss -= std::log(keys[i] > 0.5F ? p : 1 - p);
    num_right += (p > 0.5) == (keys[i] > 0.5F) ? 1 : 0;
  }
  store::Scores scores;
  scores.loss = loss / static_cast<double>(keys.size() / K);
  scores.accuracy = num_right / static_cast<double>(keys.size());
  return scores;
}

}  // namespace

const data::Dataset& two_targets_data() {
  static const data::Dataset dataset = [] {
    auto table = per_step_table(data::TargetKind::real, 2, 11, [](auto& t, std::uint32_t, RandomStream& random) {
      t.targets.push_back(static_cast<float>(6 + 3 * random.normal()));
      t.targets.push_back(static_cast<float>(-2 + 0.5 * random.normal()));
    });
    table.header.target_mean = {5, -2};
    table.header.target_sd = {3, 0.5F};
    return write_and_load(std::move(table), "two targets");
  }();
  return dataset;
}

const data::Dataset& gaps_data() {
  static const data::Dataset dataset =
      write_and_load(per_step_table(data::TargetKind::classes, 3, 12,
                                    [](auto& table, std::uint32_t t, RandomStream& random) {
                                      const auto drawn = static_cast<std::int32_t>(random.below(3));
                                      table.classes.push_back(t % 4 == 3 ? -1 : drawn);
                                    }),
                     "gaps");
  return dataset;
}

const data::Dataset& keys_data() {
  static const data::Dataset dataset =
      write_and_load(per_step_table(data::TargetKind::binary, 2, 13,
                                    [](auto& table, std::uint32_t, RandomStream& random) {
                                      table.targets.push_back(random.below(4) == 0 ? 1.0F : 0.0F);
                                      table.targets.push_back(random.below(2) == 0 ? 1.0F : 0.0F);
                                    }),
                     "keys");
  return dataset;
}

const data::Dataset& overshooting_data() {
  static const data::Dataset dataset = [] {
    auto random = RandomKey(14).fold(Purpose::test).stream();
    data::SequenceTable table;
    table.header.num_features = 1;
    table.header.feature_mean = {0};
    table.header.feature_sd = {1};
    table.header.target_mean = {0};
    table.header.target_sd = {1};
    for (int s = 0; s < 80; ++s) {
      const std::size_t start = table.num_steps();
      for (std::uint32_t length = 2 + random.below(5); length > 0; --length)
        table.features.push_back(static_cast<float>(0.2 * random.normal()));
      const auto split = split_of(s, 40, 20);
      table.targets.push_back(static_cast<float>((split == data::Split::train ? 3 : 1) + 0.5 * random.normal()));
      table.close_sequence(start, split);
    }
    return write_and_load(std::move(table), "overshooting");
  }();
  return dataset;
}

TrialSettings overshooting_settings() {
  TrialSettings settings;
  settings.network.loss = "auto";
  settings.network.cell = "rnn";
  settings.network.hidden_size = 3;
  settings.optimizer.name = "sgd";
  settings.optimizer.learning_rate = 0.001;
  settings.optimizer.momentum = 0.5;  // so that the optimizer's state matters
  settings.batch_size = 40;
  settings.shards = 2;
  settings.max_epochs = 10;
  return settings;
}

std::vector<std::uint32_t> all_of(const data::Dataset& dataset, data::Split split) {
  std::vector<std::uint32_t> sequences(dataset.num_sequences(split));
  std::iota(sequences.begin(), sequences.end(), 0U);
  return sequences;
}

store::Scores scores_by_hand(const nn::NetworkSpec& spec, std::span<const float> weights, const data::Dataset& dataset,
                             data::Split split, double share_of_steps) {
  const auto batch = gathered(dataset, split, all_of(dataset, split), share_of_steps);
  nn::ReferenceNetwork<double> network(spec);
  std::vector<float> outputs;
  network.predict(in_double(weights), batch, outputs);
  const auto K = static_cast<std::size_t>(spec.num_outputs);
  if (spec.loss == "mse") return scores_of_numbers(batch.targets, outputs, dataset.header().target_sd);
  if (spec.loss == "bernoulli") return scores_of_keys(batch.targets, outputs, K);
  return scores_of_classes(batch.classes, outputs, K);
}

GradientByHand gradient_by_hand(const nn::NetworkSpec& spec, std::span<const float> weights,
                                const data::Dataset& dataset, std::span<const std::uint32_t> sequences) {
  const auto batch = gathered(dataset, data::Split::train, sequences);
  double count = static_cast<double>(batch.targets.size());  // of numbers; of classes and keys, rows
  if (spec.loss == "bernoulli") count /= spec.num_outputs;
  if (spec.loss == "cross_entropy")
    count =
        static_cast<double>(std::count_if(batch.classes.begin(), batch.classes.end(), [](auto c) { return c >= 0; }));
  nn::ReferenceNetwork<double> network(spec);
  GradientByHand gradient;
  gradient.values.resize(weights.size());
  network.forward_backward(in_double(weights), batch, 1 / count, {}, gradient.values);
  for (const double g : gradient.values) gradient.norm += g * g;
  gradient.norm = std::sqrt(gradient.norm);
  return gradient;
}

}  // namespace seqsweep::trial::testing_support
