// SPDX-License-Identifier: Apache-2.0
// The law, by brute force: the bits of a row do not depend on the batch it is computed in, the bits of a shard's
// gradient not on the shards beside it, and neither on the instruction set.
#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/catalogues.hpp"
#include "seqsweep/nn/stepper.hpp"

#include "nn/batches.hpp"
#include "nn/engine_network.hpp"
#include "nn/instruction_sets.hpp"
#include "nn/spec_pairs.hpp"
#include "repetitions.hpp"

namespace seqsweep::nn {
namespace {

using Bits = std::vector<std::uint32_t>;

std::uint32_t bits_of(float value) {
  return std::bit_cast<std::uint32_t>(value);
}

void append_bits(std::span<const float> values, Bits& bits) {
  for (const float value : values) bits.push_back(bits_of(value));
}

void append_bits(double value, Bits& bits) {
  const auto both = std::bit_cast<std::uint64_t>(value);
  bits.push_back(static_cast<std::uint32_t>(both));
  bits.push_back(static_cast<std::uint32_t>(both >> 32));
}

void append_bits(const ScoreSums& sums, Bits& bits) {
  for (const double value : {sums.loss, sums.count, sums.elements, sums.absolute_error, sums.squared_error,
                             sums.target_sum, sums.target_square_sum, sums.correct})
    append_bits(value, bits);
}

Bits bits_of(const ScoreSums& sums) {
  Bits bits;
  append_bits(sums, bits);
  return bits;
}

/// Every cell and activation: two layers of two directions, sizes beside the edges of vectors and panels.
std::vector<NamedSpec> specs_of_every_cell() {
  std::vector<NamedSpec> specs;
  for (NamedSpec named : all_specs()) {
    const NetworkSpec& spec = named.spec;
    if (!spec.bidirectional || spec.num_layers != 2 || spec.loss != "cross_entropy") continue;
    named.spec.hidden_size = 17 + static_cast<int>(specs.size() % 4) * 5;  // 17, 22, 27, 32
    named.spec.num_outputs = 5;
    specs.push_back(named);
  }
  return specs;
}

std::vector<int> falling_lengths(int count, int longest, RandomStream& stream) {
  std::vector<int> lengths;
  for (int b = 0; b < count; ++b)
    lengths.push_back(1 + static_cast<int>(stream.below(static_cast<std::uint32_t>(longest))));
  std::ranges::sort(lengths, std::greater<>{});
  return lengths;
}

/// `count` of 0 … size - 1, rising.
std::vector<int> random_choice(int count, int size, RandomStream stream) {
  std::vector<int> chosen(static_cast<std::size_t>(size));
  std::iota(chosen.begin(), chosen.end(), 0);
  shuffle(std::span(chosen), stream);
  chosen.resize(static_cast<std::size_t>(count));
  std::ranges::sort(chosen);
  return chosen;
}

/// The outputs of each sequence of a batch, step after step.
std::vector<Bits> outputs_by_sequence(Network& network, const SequenceBatch& batch) {
  const NetworkSpec& spec = network.spec();
  const auto K = static_cast<std::size_t>(spec.num_outputs);
  std::vector<float> outputs;
  network.predict(batch, outputs);
  std::vector<Bits> of(static_cast<std::size_t>(batch.num_sequences));
  const auto append = [&](std::size_t sequence, std::size_t row) {
    append_bits(std::span(outputs).subspan(row * K, K), of[sequence]);
  };
  for (std::size_t b = 0; b < of.size(); ++b) {
    if (spec.head == HeadPosition::last_step)
      append(b, b);
    else
      for (std::size_t t = 0; t < static_cast<std::size_t>(batch.lengths[b]); ++t)
        append(b, static_cast<std::size_t>(batch.offset_at[t]) + b);
  }
  return of;
}

/// Leaves only one sequence of a batch to be scored.
void score_only(const NetworkSpec& spec, int sequence, SequenceBatch& batch) {
  constexpr std::int32_t not_scored = -1;
  for (int t = 0; t < (spec.head == HeadPosition::last_step ? 1 : batch.num_steps); ++t)
    for (int row = 0; row < batch.rows_at[static_cast<std::size_t>(t)]; ++row) {
      const int r = spec.head == HeadPosition::last_step ? row : batch.offset_at[static_cast<std::size_t>(t)] + row;
      if (row != sequence) batch.classes[static_cast<std::size_t>(r)] = not_scored;
    }
}

TEST(BatchInvariance, a_sequence_has_the_same_outputs_and_scores_in_every_batch_of_1_to_70_at_every_position) {
  for (const auto& [name, spec] : specs_of_every_cell()) {
    SCOPED_TRACE(name);
    const RandomKey key = RandomKey(31).fold(Purpose::test);
    auto stream = key.fold(1).stream();
    constexpr int pool_size = 90, most_sequences = 70;
    SequenceBatch pool = random_batch(spec, falling_lengths(pool_size, 6, stream), key.fold(2));
    for (auto& c : pool.classes) c = std::max(c, 0);
    Network network(spec);
    const auto parameters = lively_parameters(network.layout(), key.fold(3));
    network.load(parameters);
    std::vector<Bits> alone, scores_alone;
    for (int b = 0; b < pool_size; ++b) {
      const SequenceBatch single = part_of(spec, pool, {b});
      alone.push_back(outputs_by_sequence(network, single).front());
      scores_alone.push_back(bits_of(network.evaluate(single)));
    }
    for (int size = 1; size <= most_sequences; ++size) {
      const auto chosen = random_choice(size, pool_size, key.fold(4).fold(static_cast<std::uint64_t>(size)).stream());
      const SequenceBatch batch = part_of(spec, pool, chosen);
      const auto outputs = outputs_by_sequence(network, batch);
      for (int position = 0; position < size; ++position) {
        const auto sequence = static_cast<std::size_t>(chosen[static_cast<std::size_t>(position)]);
        ASSERT_EQ(outputs[static_cast<std::size_t>(position)], alone[sequence])
            << "position " << position << " of " << size;
        if ((position + size) % 7 != 0) continue;  // each position with ten sizes
        SequenceBatch scored = batch;
        score_only(spec, position, scored);
        ASSERT_EQ(bits_of(network.evaluate(scored)), scores_alone[sequence])
            << "scores at position " << position << " of " << size;
      }
    }
  }
}

/// What comes of a pass.
struct Outcome {
  std::vector<float> gradient;  ///< [P]
  std::vector<std::int32_t> touched;
  std::vector<Bits> scores;  ///< [shards]
};

/// Shards of one batch, to be passed in any company.
class Shards {
 public:
  Shards(const NetworkSpec& spec, const std::vector<std::vector<int>>& lengths, RandomKey key)
      : network_(spec),
        parameters_(lively_parameters(network_.layout(), key.fold(1))),
        gradient_(dirty_block(network_.layout())) {
    for (const auto& of_shard : lengths) {
      batches_.push_back(random_batch(spec, of_shard, key.fold(2).fold(batches_.size())));
      for (auto& id : batches_.back().sequence_ids) id += 1000 * static_cast<std::uint32_t>(batches_.size());
    }
    if (spec.dropout > 0) dropout_ = DropoutKey{key.fold(3)};
    network_.load(parameters_);
  }

  [[nodiscard]] bool fit_into_a_pass(const std::vector<std::size_t>& shards) const {
    int sequences = 0;
    for (const std::size_t shard : shards) sequences += batches_[shard].num_sequences;
    return shards.size() <= 4 && sequences <= Network::most_sequences_of_a_pass(network_.spec());
  }

  Outcome pass(const std::vector<std::size_t>& shards) {
    std::vector<ShardPass> passes;
    for (const std::size_t shard : shards) passes.push_back({&batches_[shard], {}});
    network_.forward_backward(passes, gradient_, 0.25, dropout_);
    Outcome outcome{to_dense(network_.layout(), gradient_), gradient_.touched, {}};
    for (const ShardPass& shard : passes) outcome.scores.push_back(bits_of(shard.scores));
    return outcome;
  }

 private:
  Network network_;
  std::vector<float> parameters_;
  std::optional<DropoutKey> dropout_;
  std::vector<SequenceBatch> batches_;
  GradientBlock gradient_;
};

/// ((0+1)+(2+3)), zero where there is none.
std::vector<float> tree_sum(const std::vector<std::vector<float>>& of_shards) {
  const auto add = [&](std::size_t left, std::size_t right) {
    std::vector<float> sum(of_shards.front().size());
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] =
          (left < of_shards.size() ? of_shards[left][i] : 0) + (right < of_shards.size() ? of_shards[right][i] : 0);
    return sum;
  };
  const auto left = add(0, 1), right = add(2, 3);
  std::vector<float> sum(left.size());
  std::ranges::transform(left, right, sum.begin(), std::plus<>{});
  return sum;
}

/// What a pass of these shards must give, from passes of each alone.
Outcome expected_of(const std::vector<std::size_t>& together, const std::vector<Outcome>& alone) {
  Outcome expected;
  std::vector<std::vector<float>> gradients;
  std::set<std::int32_t> touched;
  for (const std::size_t shard : together) {
    gradients.push_back(alone[shard].gradient);
    touched.insert(alone[shard].touched.begin(), alone[shard].touched.end());
    expected.scores.push_back(alone[shard].scores.front());
  }
  expected.gradient = tree_sum(gradients);
  expected.touched.assign(touched.begin(), touched.end());
  return expected;
}

/// Passes the shards in every order, the first 2, 3, 4 of them together.
void expect_same_in_any_company(const NetworkSpec& spec, const std::vector<std::vector<int>>& lengths) {
  Shards shards(spec, lengths, RandomKey(32).fold(Purpose::test));
  std::vector<Outcome> alone;
  for (std::size_t shard = 0; shard < lengths.size(); ++shard) alone.push_back(shards.pass({shard}));
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0U);
  int num_passes = 0, num_orders = 0;
  do {
    if (order.size() > 3 && num_orders++ % test::stride != 0) continue;
    for (std::size_t count = 2; count <= order.size(); ++count) {
      const std::vector<std::size_t> together(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
      if (!shards.fit_into_a_pass(together)) continue;
      ++num_passes;
      SCOPED_TRACE("shards " + testing::PrintToString(together));
      const Outcome found = shards.pass(together), expected = expected_of(together, alone);
      Bits found_bits, expected_bits;
      append_bits(found.gradient, found_bits);
      append_bits(expected.gradient, expected_bits);
      ASSERT_EQ(found_bits, expected_bits);
      ASSERT_EQ(found.touched, expected.touched);
      ASSERT_EQ(found.scores, expected.scores);
    }
  } while (std::ranges::next_permutation(order).found);
  ASSERT_GT(num_passes, 1);
}

TEST(BatchInvariance, a_shard_has_the_same_gradient_alone_and_among_others_in_any_order) {
  for (auto [name, spec] : specs_of_every_cell()) {
    for (const int vocabulary : {0, 7}) {
      SCOPED_TRACE(name + (vocabulary > 0 ? " tokens" : ""));
      spec.vocabulary = vocabulary;
      spec.num_features = vocabulary > 0 ? 0 : 3;
      spec.embedding_size = 5;
      spec.dropout = 0.25;
      expect_same_in_any_company(spec, {{6, 4, 4, 1}, {9, 2}, {}, {5}, {3, 3, 3, 3}});
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

// Fails if what closes a chunk of a weight gradient is counted over all shards.
TEST(BatchInvariance, large_shards_have_the_same_gradient_beside_others) {
  for (auto [name, spec] : specs_of_every_cell()) {
    SCOPED_TRACE(name);
    const std::vector<int> full_pass(16, 2), two_chunks = {70, 70, 70, 69, 8, 1}, long_one = {230};
    expect_same_in_any_company(spec, {two_chunks, long_one, {2, 1}});
    expect_same_in_any_company(spec, {full_pass, {}, {7, 1}});
    if (testing::Test::HasFatalFailure()) return;
  }
}

// Layers whose weights outgrow the cache are passed in larger pieces, and their tiles read weights ahead.
TEST(BatchInvariance, shards_of_a_layer_beyond_the_cache_have_the_same_gradient_beside_others) {
  const NetworkSpec small{.num_features = 3, .num_outputs = 2, .hidden_size = 256};
  NetworkSpec large = small;
  large.hidden_size = 384;
  ASSERT_GT(Network::most_sequences_of_a_pass(large), Network::most_sequences_of_a_pass(small));
  const std::vector<int> most_of_a_pass(29, 2);
  expect_same_in_any_company(large, {most_of_a_pass, {5, 4, 1}, {}});
}

TEST(BatchInvariance, shards_that_do_not_fit_into_a_pass_are_refused) {
  const NetworkSpec spec{.num_features = 3, .num_outputs = 2, .hidden_size = 8};
  const std::vector<int> too_many(15, 2);
  Shards shards(spec, {too_many, {1, 1}, {1}, {1}, {1}, {1}}, RandomKey(35).fold(Purpose::test));
  EXPECT_THROW(shards.pass({0, 1}), ContractViolation);
  EXPECT_THROW(shards.pass({1, 2, 3, 4, 5}), ContractViolation);
  EXPECT_NO_THROW(shards.pass({0, 2}));
}

/// Everything that comes out of a network and its training, as bits.
Bits everything_from(const PairCase& of) {
  const RandomKey key = RandomKey(33).fold(Purpose::test);
  const SequenceBatch batch = random_batch(of.spec, of.lengths, key.fold(1));
  EngineNetwork network(of.spec);
  const auto parameters = lively_parameters(network.layout(), key.fold(2));
  std::vector<float> gradient(parameters.size()), outputs;
  Bits bits;
  append_bits(network.forward_backward(parameters, batch, 0.5, DropoutKey{key.fold(3)}, gradient), bits);
  append_bits(gradient, bits);
  append_bits(network.evaluate(parameters, batch), bits);
  network.predict(parameters, batch, outputs);
  append_bits(outputs, bits);
  for (const GradientFlowBin& bin : network.gradient_flow(parameters, batch)) append_bits(bin.norm, bits);
  return bits;
}

/// The weights after a short training.
Bits trained(const NetworkSpec& spec, const OptimizerSpec& optimizer) {
  const RandomKey key = RandomKey(34).fold(Purpose::test);
  Network network(spec);
  Stepper stepper(optimizer, network.layout());
  GradientBlock gradient = dirty_block(network.layout());
  std::vector<float> parameters(network.layout().size);
  std::vector<float> slots(parameters.size() * static_cast<std::size_t>(stepper.num_slots()));
  network.initialise(parameters, key.fold(1));
  for (int step = 1; step <= 8; ++step) {
    const SequenceBatch batch = random_batch(spec, {5, 5, 3, 1}, key.fold(2).fold(static_cast<std::uint64_t>(step)));
    stepper.catch_up(parameters, slots, batch.tokens);
    network.load(parameters);
    ShardPass pass{&batch, {}};
    network.forward_backward({&pass, 1}, gradient, 0.25, DropoutKey{key.fold(3)});
    stepper.step(parameters, gradient, slots, step, optimizer.learning_rate);
  }
  stepper.flush(parameters, slots);
  Bits bits;
  append_bits(parameters, bits);
  append_bits(slots, bits);
  return bits;
}

/// Expects the same bits of `compute` under each instruction set.
template <class Compute>
void expect_same_under_each_instruction_set(Compute&& compute) {
  std::optional<Bits> first;
  with_each_instruction_set([&] {
    const Bits found = compute();
    if (!first) first = found;
    EXPECT_TRUE(found == *first);
  });
}

TEST(InstructionSets, give_the_same_bits_for_every_pair_of_settings) {
  for (const PairCase& of : engine_cases()) {
    SCOPED_TRACE(of.name);
    expect_same_under_each_instruction_set([&] { return everything_from(of); });
  }
}

TEST(InstructionSets, train_the_same_bits_with_every_optimizer) {
  for (const auto& entry : optimizer_catalogue())
    for (const std::string& cell : cell_names())
      for (const int vocabulary : {0, 40}) {
        SCOPED_TRACE(std::string(entry.name) + " " + cell + (vocabulary > 0 ? " tokens" : ""));
        NetworkSpec spec{.num_features = vocabulary > 0 ? 0 : 3, .vocabulary = vocabulary, .num_outputs = 3};
        spec.embedding_size = 9;
        spec.cell = cell;
        spec.hidden_size = 21;
        spec.num_layers = 2;
        spec.dropout = 0.2;
        OptimizerSpec optimizer{.name = std::string(entry.name), .learning_rate = 0.05, .momentum = 0.5};
        optimizer.clip_norm = 1;
        expect_same_under_each_instruction_set([&] { return trained(spec, optimizer); });
      }
}

}  // namespace
}  // namespace seqsweep::nn
