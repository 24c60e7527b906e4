// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/reference_network.hpp"

#include "nn/batches.hpp"

namespace seqsweep::nn {
namespace {

using testing::HasSubstr;

std::string message_for(const NetworkSpec& spec) {
  try {
    const ReferenceNetwork<float> network(spec);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(NetworkSpec, mistakes_are_named_with_what_is_known) {
  const NetworkSpec good{.num_features = 3};
  EXPECT_EQ(message_for(good), "no error");
  NetworkSpec spec = good;
  spec.cell = "lsmt";
  EXPECT_THAT(message_for(spec), HasSubstr("unknown cell 'lsmt' (known: rnn, lstm, gru); did you mean 'lstm'?"));
  spec = good;
  spec.loss = "mae";
  EXPECT_THAT(message_for(spec), HasSubstr("unknown loss 'mae' (known: mse, cross_entropy, bernoulli)"));
  spec = good;
  spec.vocabulary = 10;
  EXPECT_THAT(message_for(spec), HasSubstr("either features or tokens"));
  spec = good;
  spec.hidden_size = 0;
  EXPECT_THAT(message_for(spec), HasSubstr("model.hidden_size is 0"));
  spec = good;
  spec.dropout = 1;
  EXPECT_THAT(message_for(spec), HasSubstr("model.dropout is 1"));
}

TEST(Network, refuses_a_batch_that_does_not_fit) {
  const NetworkSpec spec{.num_features = 2, .num_outputs = 1, .hidden_size = 3};
  ReferenceNetwork<float> network(spec);
  const std::vector<float> parameters(network.layout().size);
  SequenceBatch batch = random_batch(spec, {3, 2}, RandomKey(1));
  batch.targets.push_back(0);
  EXPECT_THROW(network.evaluate(parameters, batch), ContractViolation);
  batch.targets.pop_back();
  batch.features.pop_back();
  EXPECT_THROW(network.evaluate(parameters, batch), ContractViolation);
}

TEST(Network, layout_has_pytorchs_names_and_shapes) {
  NetworkSpec spec{.vocabulary = 9, .num_outputs = 2, .embedding_size = 5, .cell = "gru", .hidden_size = 4};
  spec.bidirectional = true;
  const ReferenceNetwork<float> network(spec);
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

TEST(Network, evaluate_scores_in_physical_units) {
  const NetworkSpec spec{.num_features = 1, .num_outputs = 2, .hidden_size = 3};
  ReferenceNetwork<float> network(spec);
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

TEST(Network, evaluate_counts_what_is_right) {
  NetworkSpec spec{.num_features = 1, .num_outputs = 3, .loss = "cross_entropy", .hidden_size = 2};
  ReferenceNetwork<float> network(spec);
  std::vector<float> parameters(network.layout().size);
  parameters[network.layout().tensors.back().offset + 1] = 5;  // always class 1; keys 0 and 2 a tie, so off
  SequenceBatch batch = random_batch(spec, {3, 2, 2, 1}, RandomKey(3));
  batch.classes = {1, 0, -1, 1};
  ScoreSums sums = network.evaluate(parameters, batch);
  EXPECT_EQ(sums.correct, 2);
  EXPECT_EQ(sums.elements, 3);

  spec.loss = "bernoulli";
  ReferenceNetwork<float> keys(spec);
  batch.targets = {0, 1, 0, /**/ 1, 1, 1, /**/ 0, 0, 0, /**/ 0, 1, 1};
  sums = keys.evaluate(parameters, batch);
  EXPECT_EQ(sums.correct, 3 + 1 + 2 + 2);
  EXPECT_EQ(sums.elements, 12);
  EXPECT_EQ(sums.count, 4);
}

TEST(Network, huge_logits_give_finite_losses) {
  for (const char* loss : {"cross_entropy", "bernoulli"}) {
    NetworkSpec spec{.num_features = 1, .num_outputs = 2, .loss = loss, .hidden_size = 2};
    ReferenceNetwork<float> network(spec);
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

TEST(Network, scratch_bytes_are_those_that_a_pass_allocates) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer's allocator does not count";
#endif
  const auto allocated = [] {
    const auto info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
  };
  for (auto [name, spec] : all_specs()) {
    SCOPED_TRACE(name);
    spec.hidden_size = 16;
    spec.dropout = 0.1;
    const std::vector<int> lengths(64, 30);
    const SequenceBatch batch = random_batch(spec, lengths, RandomKey(5));
    ReferenceNetwork<float> network(spec);
    const auto parameters = random_parameters<float>(network.layout(), RandomKey(6));
    std::vector<float> gradient(parameters.size());
    const double before = allocated();
    network.forward_backward(parameters, batch, 1, DropoutKey{RandomKey(7)}, gradient);
    const double blocks = 2.0 * sizeof(float) * static_cast<double>(parameters.size());
    const double measured = allocated() - before - blocks;
    EXPECT_NEAR(scratch_bytes(spec, 64, 30) / measured, 1, 0.01);
  }
}

}  // namespace
}  // namespace seqsweep::nn
