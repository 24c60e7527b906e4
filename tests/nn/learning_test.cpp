// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"
#include "seqsweep/nn/catalogues.hpp"
#include "seqsweep/nn/network.hpp"
#include "seqsweep/nn/stepper.hpp"

namespace seqsweep::nn {
namespace {

/// The adding problem of Hochreiter & Schmidhuber 1997, section 5.4: the sum of the two marked values, one in each
/// half. Always answering 1 leaves an error of 1/6.
SequenceBatch adding_batch(int num_sequences, int length, RandomKey key) {
  auto stream = key.stream();
  SequenceBatch batch;
  batch.lengths.assign(static_cast<std::size_t>(num_sequences), length);
  pack_lengths(batch);
  batch.sequence_ids.resize(batch.lengths.size());
  batch.features.resize(static_cast<std::size_t>(2 * num_sequences * length));
  const auto half = static_cast<std::uint32_t>(length / 2);
  for (int b = 0; b < num_sequences; ++b) {
    const int first = static_cast<int>(stream.below(half)), second = static_cast<int>(half + stream.below(half));
    float sum = 0;
    for (int t = 0; t < length; ++t) {
      const auto feature = static_cast<std::size_t>(2 * (batch.offset_at[static_cast<std::size_t>(t)] + b));
      const bool is_marked = t == first || t == second;
      batch.features[feature] = static_cast<float>(stream.uniform());
      batch.features[feature + 1] = is_marked ? 1.0f : 0.0f;
      if (is_marked) sum += batch.features[feature];
    }
    batch.targets.push_back(sum);
  }
  return batch;
}

double error_after_training(const std::string& cell, int num_steps) {
  NetworkSpec spec{.num_features = 2, .num_outputs = 1, .cell = cell, .hidden_size = 32};
  OptimizerSpec adam;
  adam.learning_rate = 1e-2;
  adam.clip_norm = 1;
  Network network(spec);
  Stepper stepper(adam, network.layout());
  GradientBlock gradient;
  gradient.values.resize(network.layout().size);
  std::vector<float> parameters(network.layout().size);
  std::vector<float> slots(parameters.size() * static_cast<std::size_t>(stepper.num_slots()));
  network.initialise(parameters, RandomKey(1));
  for (int step = 1; step <= num_steps; ++step) {
    const SequenceBatch batch = adding_batch(32, 20, RandomKey(2).fold(static_cast<std::uint64_t>(step)));
    network.load(parameters);
    ShardPass pass{&batch, {}};
    network.forward_backward({&pass, 1}, gradient, 1 / scored_count(spec, batch), std::nullopt);
    stepper.step(parameters, gradient, slots, step, adam.learning_rate);
  }
  network.load(parameters);
  const ScoreSums sums = network.evaluate(adding_batch(500, 20, RandomKey(3)));
  return sums.loss / sums.count;
}

TEST(Learning, gated_cells_learn_the_adding_problem) {
  for (const char* cell : {"lstm", "gru"}) EXPECT_LT(error_after_training(cell, 600), 0.02) << cell;
}

}  // namespace
}  // namespace seqsweep::nn
