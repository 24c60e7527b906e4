// SPDX-License-Identifier: Apache-2.0
// No allocation inside a training step, once the network has seen its largest batch.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>

#include "seqsweep/nn/catalogues.hpp"
#include "seqsweep/nn/stepper.hpp"

#include "nn/allocation_counter.hpp"
#include "nn/batches.hpp"
#include "nn/engine_network.hpp"

namespace seqsweep::nn {
namespace {

constexpr int num_passes = 2, shards_of_pass = 4;
constexpr int shard_sequences = 4;
constexpr int longest = 30;
constexpr int vocabulary = 37;

/// The shards of one step: at first as many sequences as a shard ever has, all of the greatest length; after that
/// anything.
std::vector<SequenceBatch> random_shards(const NetworkSpec& spec, int step) {
  const RandomKey key = RandomKey(51).fold(Purpose::test).fold(static_cast<std::uint64_t>(step));
  auto stream = key.stream();
  std::vector<SequenceBatch> shards;
  for (int shard = 0; shard < num_passes * shards_of_pass; ++shard) {
    const bool is_full = step == 1;
    const auto drawn = static_cast<int>(stream.below(shard_sequences + 1));
    std::vector<int> lengths(static_cast<std::size_t>(is_full ? shard_sequences : drawn));
    for (int& length : lengths) length = is_full ? longest : 1 + static_cast<int>(stream.below(longest));
    std::ranges::sort(lengths, std::greater<>{});
    shards.push_back(random_batch(spec, lengths, key.fold(static_cast<std::uint64_t>(shard))));
    for (std::size_t n = 0; is_full && n < shards.back().tokens.size(); ++n)
      shards.back().tokens[n] = static_cast<std::int32_t>(n % vocabulary);
  }
  return shards;
}

/// Allocations of each step. The first is the largest.
std::vector<std::size_t> allocations_of_steps(const NetworkSpec& spec, const OptimizerSpec& optimizer) {
  const RandomKey key = RandomKey(52).fold(Purpose::test);
  Network network(spec);
  Stepper stepper(optimizer, network.layout());
  std::vector<float> parameters(network.layout().size);
  std::vector<float> slots(parameters.size() * static_cast<std::size_t>(stepper.num_slots()));
  network.initialise(parameters, key.fold(1));
  std::vector<GradientBlock> gradients(num_passes, dirty_block(network.layout()));

  std::vector<std::size_t> allocations(40);
  for (std::size_t step = 1; step <= allocations.size(); ++step) {
    const auto shards = random_shards(spec, static_cast<int>(step));
    std::vector<ShardPass> passes;
    for (const SequenceBatch& shard : shards) passes.push_back({&shard, {}});
    std::size_t steps_back = 0, parts = 0;
    PassHooks hooks;
    hooks.between_steps = [&steps_back] { ++steps_back; };
    hooks.on_gradient = [&parts](std::size_t, std::size_t) { ++parts; };

    const std::size_t before = allocations_so_far();
    for (const SequenceBatch& shard : shards) stepper.catch_up(parameters, slots, shard.tokens);
    network.load(parameters);
    for (std::size_t pass = 0; pass < num_passes; ++pass)
      network.forward_backward(std::span(passes).subspan(pass * shards_of_pass, shards_of_pass), gradients[pass], 1,
                               DropoutKey{key.fold(2)}, hooks);
    add(gradients[0], gradients[1]);
    stepper.step(parameters, gradients[1], slots, static_cast<std::int64_t>(step), optimizer.learning_rate, 0.01);
    allocations[step - 1] = allocations_so_far() - before;
  }
  return allocations;
}

void expect_none_after_the_first(const std::vector<std::size_t>& allocations) {
  EXPECT_GT(allocations.front(), 0u);  // or nothing is counted
  for (std::size_t step = 1; step < allocations.size(); ++step) EXPECT_EQ(allocations[step], 0u) << "step " << step + 1;
}

TEST(Allocations, are_counted) {
  if (!counts_allocations()) GTEST_SKIP() << "another allocator";
  const std::size_t before = allocations_so_far();
  const auto number = std::make_unique<int>(1);
  void* volatile aligned = std::aligned_alloc(64, 256);
  std::free(aligned);
  EXPECT_EQ(allocations_so_far() - before, 2u);
}

TEST(Allocations, happen_in_no_training_step_once_the_largest_batch_was_seen) {
  if (!counts_allocations()) GTEST_SKIP() << "another allocator";
  for (const std::string& cell : cell_names())
    for (const bool reads_tokens : {false, true})
      for (const bool bidirectional : {false, true})
        for (const HeadPosition head : {HeadPosition::last_step, HeadPosition::every_step}) {
          SCOPED_TRACE(testing::Message()
                       << cell << (reads_tokens ? " tokens" : "") << (bidirectional ? " two ways" : "")
                       << (head == HeadPosition::every_step ? " every step" : ""));
          NetworkSpec spec{.num_outputs = 3, .head = head, .loss = "cross_entropy", .embedding_size = 6, .cell = cell};
          (reads_tokens ? spec.vocabulary : spec.num_features) = reads_tokens ? vocabulary : 4;
          spec.hidden_size = 19;
          spec.num_layers = 2;
          spec.bidirectional = bidirectional;
          spec.dropout = 0.2;
          expect_none_after_the_first(allocations_of_steps(spec, {.name = "adam", .clip_norm = 1}));
        }
}

TEST(Allocations, happen_in_no_step_of_any_optimizer) {
  if (!counts_allocations()) GTEST_SKIP() << "another allocator";
  for (const auto& entry : optimizer_catalogue())
    for (const double momentum : {0.0, 0.9}) {
      SCOPED_TRACE(testing::Message() << entry.name << " momentum " << momentum);
      const NetworkSpec spec{.vocabulary = vocabulary, .num_outputs = 2, .embedding_size = 6, .hidden_size = 8};
      expect_none_after_the_first(allocations_of_steps(spec, {.name = std::string(entry.name), .momentum = momentum}));
    }
}

}  // namespace
}  // namespace seqsweep::nn
