// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/reference_network.hpp"

#include "nn/batches.hpp"
#include "nn/engine_network.hpp"

namespace seqsweep::nn {
namespace {

using testing::HasSubstr;

/// What is promised of both networks.
template <class Net>
class EitherNetwork : public testing::Test {};
using BothNetworks = testing::Types<EngineNetwork, ReferenceNetwork<float>>;
TYPED_TEST_SUITE(EitherNetwork, BothNetworks);

template <class Net>
std::string message_for(const NetworkSpec& spec) {
  try {
    const Net network(spec);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TYPED_TEST(EitherNetwork, names_mistakes_in_a_spec_with_what_is_known) {
  const NetworkSpec good{.num_features = 3};
  EXPECT_EQ(message_for<TypeParam>(good), "no error");
  NetworkSpec spec = good;
  spec.cell = "lsmt";
  EXPECT_THAT(message_for<TypeParam>(spec),
              HasSubstr("unknown cell 'lsmt' (known: rnn, lstm, gru); did you mean 'lstm'?"));
  spec = good;
  spec.loss = "mae";
  EXPECT_THAT(message_for<TypeParam>(spec), HasSubstr("unknown loss 'mae' (known: mse, cross_entropy, bernoulli)"));
  spec = good;
  spec.vocabulary = 10;
  EXPECT_THAT(message_for<TypeParam>(spec), HasSubstr("either features or tokens"));
  spec = good;
  spec.hidden_size = 0;
  EXPECT_THAT(message_for<TypeParam>(spec), HasSubstr("model.hidden_size is 0"));
  spec = good;
  spec.dropout = 1;
  EXPECT_THAT(message_for<TypeParam>(spec), HasSubstr("model.dropout is 1"));
}

TYPED_TEST(EitherNetwork, refuses_a_batch_that_does_not_fit) {
  const NetworkSpec spec{.num_features = 2, .num_outputs = 1, .hidden_size = 3};
  TypeParam network(spec);
  const std::vector<float> parameters(network.layout().size);
  const SequenceBatch good = random_batch(spec, {3, 2}, RandomKey(1));
  const auto expect_refused = [&](auto&& spoil) {
    SequenceBatch batch = good;
    spoil(batch);
    std::vector<float> outputs, gradient(parameters.size());
    EXPECT_THROW(network.evaluate(parameters, batch), ContractViolation);
    EXPECT_THROW(network.predict(parameters, batch, outputs), ContractViolation);
    EXPECT_THROW(network.gradient_flow(parameters, batch), ContractViolation);
    EXPECT_THROW(network.forward_backward(parameters, batch, 1, std::nullopt, gradient), ContractViolation);
  };
  EXPECT_NO_THROW(network.evaluate(parameters, good));
  expect_refused([](SequenceBatch& batch) { batch.targets.push_back(0); });
  expect_refused([](SequenceBatch& batch) { batch.features.pop_back(); });
  expect_refused([](SequenceBatch& batch) { batch.lengths.pop_back(); });
  const std::vector<float> too_few(parameters.size() - 1), two_scales(2);
  EXPECT_THROW(network.evaluate(too_few, good), ContractViolation);
  EXPECT_THROW(network.evaluate(parameters, good, two_scales), ContractViolation);
}

TYPED_TEST(EitherNetwork, refuses_tokens_and_classes_that_do_not_exist) {
  NetworkSpec spec{.vocabulary = 4, .num_outputs = 3, .loss = "cross_entropy", .hidden_size = 3};
  TypeParam network(spec);
  const std::vector<float> parameters(network.layout().size);
  const SequenceBatch good = random_batch(spec, {3, 2}, RandomKey(1));
  for (const std::int32_t token : {-1, 4}) {
    SequenceBatch batch = good;
    batch.tokens[1] = token;
    EXPECT_THROW(network.evaluate(parameters, batch), ContractViolation) << token;
  }
  SequenceBatch batch = good;
  batch.classes[0] = 3;
  EXPECT_THROW(network.evaluate(parameters, batch), ContractViolation);
}

TEST(Network, refuses_to_pass_before_parameters_are_loaded_and_gradients_without_room) {
  const NetworkSpec spec{.num_features = 2, .num_outputs = 1, .hidden_size = 3};
  Network network(spec);
  const SequenceBatch batch = random_batch(spec, {3, 2}, RandomKey(1));
  EXPECT_THROW(network.evaluate(batch), ContractViolation);
  network.load(std::vector<float>(network.layout().size));
  EXPECT_NO_THROW(network.evaluate(batch));
  GradientBlock gradient = dirty_block(network.layout());
  gradient.values.pop_back();
  ShardPass pass{&batch, {}};
  EXPECT_THROW(network.forward_backward({&pass, 1}, gradient, 1, std::nullopt), ContractViolation);
}

TYPED_TEST(EitherNetwork, layout_has_pytorchs_names_and_shapes) {
  NetworkSpec spec{.vocabulary = 9, .num_outputs = 2, .embedding_size = 5, .cell = "gru", .hidden_size = 4};
  spec.bidirectional = true;
  const TypeParam network(spec);
  std::string description;
  for (const Tensor& t : network.layout().tensors)
    description.append(t.name)
        .append(" ")
        .append(std::to_string(t.rows))
        .append("x")
        .append(std::to_string(t.columns).append("\n"));
  EXPECT_EQ(description,
            "embedding.weight 9x5\n"
            "rnn.weight_ih_l0 12x5\nrnn.weight_hh_l0 12x4\nrnn.bias_ih_l0 12x1\nrnn.bias_hh_l0 12x1\n"
            "rnn.weight_ih_l0_reverse 12x5\nrnn.weight_hh_l0_reverse 12x4\n"
            "rnn.bias_ih_l0_reverse 12x1\nrnn.bias_hh_l0_reverse 12x1\n"
            "head.weight 2x8\nhead.bias 2x1\n");
}

TYPED_TEST(EitherNetwork, evaluate_scores_in_physical_units) {
  const NetworkSpec spec{.num_features = 1, .num_outputs = 2, .hidden_size = 3};
  TypeParam network(spec);
  const std::vector<float> parameters(network.layout().size);  // all zero: predicts 0
  SequenceBatch batch = random_batch(spec, {2, 1}, RandomKey(2));
  batch.targets = {1, -2, 3, 4};
  const ScoreSums sums = network.evaluate(parameters, batch, std::vector<float>{10, 0.5});
  EXPECT_DOUBLE_EQ(sums.loss, 1 + 4 + 9 + 16);
  EXPECT_DOUBLE_EQ(sums.count, 4);
  EXPECT_DOUBLE_EQ(sums.elements, 4);
  EXPECT_DOUBLE_EQ(sums.absolute_error, 10 + 1 + 30 + 2);
  EXPECT_DOUBLE_EQ(sums.squared_error, 100 + 1 + 900 + 4);
  EXPECT_DOUBLE_EQ(sums.target_sum, 10 - 1 + 30 + 2);
  EXPECT_DOUBLE_EQ(sums.target_square_sum, 100 + 1 + 900 + 4);
}

TYPED_TEST(EitherNetwork, evaluate_counts_what_is_right) {
  NetworkSpec spec{.num_features = 1, .num_outputs = 3, .loss = "cross_entropy", .hidden_size = 2};
  TypeParam network(spec);
  std::vector<float> parameters(network.layout().size);
  parameters[network.layout().tensors.back().offset + 1] = 5;  // always class 1; keys 0 and 2 a tie, so off
  SequenceBatch batch = random_batch(spec, {3, 2, 2, 1}, RandomKey(3));
  batch.classes = {1, 0, -1, 1};
  ScoreSums sums = network.evaluate(parameters, batch);
  EXPECT_EQ(sums.correct, 2);
  EXPECT_EQ(sums.elements, 3);

  spec.loss = "bernoulli";
  TypeParam keys(spec);
  batch.targets = {0, 1, 0, /**/ 1, 1, 1, /**/ 0, 0, 0, /**/ 0, 1, 1};
  sums = keys.evaluate(parameters, batch);
  EXPECT_EQ(sums.correct, 3 + 1 + 2 + 2);
  EXPECT_EQ(sums.elements, 12);
  EXPECT_EQ(sums.count, 4);
}

TYPED_TEST(EitherNetwork, huge_logits_give_finite_losses) {
  for (const char* loss : {"cross_entropy", "bernoulli"}) {
    NetworkSpec spec{.num_features = 1, .num_outputs = 2, .loss = loss, .hidden_size = 2};
    TypeParam network(spec);
    std::vector<float> parameters(network.layout().size), gradient(parameters.size());
    parameters[network.layout().tensors.back().offset] = 500;
    SequenceBatch batch = random_batch(spec, {2}, RandomKey(4));
    batch.classes = {1};
    batch.targets = {0, 0};
    const ScoreSums sums = network.forward_backward(parameters, batch, 1, std::nullopt, gradient);
    EXPECT_NEAR(sums.loss, 500, 1) << loss;
    EXPECT_NEAR(gradient[network.layout().tensors.back().offset], 1, 1e-6) << loss;
  }
}

TEST(Network, multiply_adds_count_every_matrix_product_once) {
  NetworkSpec spec{.num_features = 3, .num_outputs = 2, .cell = "gru", .hidden_size = 5, .num_layers = 2};
  const double layers = 3 * 5 * (3 + 5) + 3 * 5 * (5 + 5);
  EXPECT_DOUBLE_EQ(forward_multiply_adds(spec, 70, 10), 70 * layers + 10 * 2 * 5);
  spec.head = HeadPosition::every_step;
  EXPECT_DOUBLE_EQ(forward_multiply_adds(spec, 70, 10), 70 * (layers + 2 * 5));
  spec.bidirectional = true;
  EXPECT_DOUBLE_EQ(forward_multiply_adds(spec, 70, 10), 70 * (2 * 3 * 5 * (3 + 5 + 10 + 5) + 2 * 10));
}

/// memory_bytes() after training passes over batches of equal lengths, cut into shards as Training cuts them.
double memory_after_training(const NetworkSpec& spec, int shard_sequences, int num_steps) {
  Network network(spec);
  const std::vector<int> lengths(static_cast<std::size_t>(shard_sequences), num_steps);
  const SequenceBatch batch = random_batch(spec, lengths, RandomKey(5));
  const auto parameters = random_parameters<float>(network.layout(), RandomKey(6));
  network.load(parameters);
  GradientBlock gradient = dirty_block(network.layout());
  std::vector<ShardPass> passes(static_cast<std::size_t>(Network::shards_together(spec, shard_sequences)),
                                {&batch, {}});
  network.forward_backward(passes, gradient, 1, DropoutKey{RandomKey(7)});
  return static_cast<double>(network.memory_bytes());
}

TEST(Network, scratch_bytes_are_those_that_training_takes) {
  for (auto [name, spec] : all_specs()) {
    if (spec.loss != "mse" && spec.loss != "cross_entropy") continue;
    for (const int hidden_size : {16, 50, 128})
      for (const int sequences : {1, 4, 5, 16, 32}) {
        SCOPED_TRACE(testing::Message() << name << " H " << hidden_size << " sequences " << sequences);
        spec.hidden_size = hidden_size;
        spec.dropout = hidden_size == 50 ? 0 : 0.1;
        const double predicted = scratch_bytes(spec, sequences, 30, Network::shards_together(spec, sequences));
        EXPECT_NEAR(predicted / memory_after_training(spec, sequences, 30), 1, 0.1);
      }
  }
}

TEST(Network, scratch_bytes_of_a_layer_beyond_the_cache_are_those_that_training_takes) {
  const NetworkSpec spec{.num_features = 3, .num_outputs = 2, .hidden_size = 384};
  for (const int sequences : {8, 32, 40}) {
    const double predicted = scratch_bytes(spec, sequences, 5, Network::shards_together(spec, sequences));
    EXPECT_NEAR(predicted / memory_after_training(spec, sequences, 5), 1, 0.1) << sequences << " sequences";
  }
}

TEST(Network, a_smaller_batch_takes_no_more_memory) {
  const NetworkSpec spec{.num_features = 3, .num_outputs = 2, .hidden_size = 20};
  Network network(spec);
  const auto parameters = random_parameters<float>(network.layout(), RandomKey(6));
  network.load(parameters);
  network.evaluate(random_batch(spec, std::vector<int>(16, 20), RandomKey(5)));
  const std::size_t before = network.memory_bytes();
  network.evaluate(random_batch(spec, {18, 5, 1}, RandomKey(8)));
  EXPECT_EQ(network.memory_bytes(), before);
}

}  // namespace
}  // namespace seqsweep::nn
