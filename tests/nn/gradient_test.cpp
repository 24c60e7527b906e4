// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include <gtest/gtest.h>

#include "nn/batches.hpp"
#include "nn/engine_network.hpp"

namespace seqsweep::nn {
namespace {

const std::vector<int> unequal_lengths = {5, 3, 3, 1};

/// What is promised of both networks.
template <class Net>
class EitherGradient : public testing::Test {};
using BothNetworks = testing::Types<EngineNetwork, ReferenceNetwork<float>>;
TYPED_TEST_SUITE(EitherGradient, BothNetworks);

double largest_magnitude(const std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

void expect_near(const std::vector<double>& expected, const std::vector<double>& found, double tolerance) {
  ASSERT_EQ(expected.size(), found.size());
  const double allowed = tolerance * std::max(1.0, largest_magnitude(expected));
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(expected[i], found[i], allowed) << "element " << i;
}

/// Central differences of the summed loss, by each parameter.
std::vector<double> finite_differences(ReferenceNetwork<double>& network, std::vector<double> parameters,
                                       const SequenceBatch& batch, std::optional<DropoutKey> dropout) {
  constexpr double h = 1e-5;
  std::vector<double> differences(parameters.size()), unused(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto loss_at = [&](double value) {
      const double before = std::exchange(parameters[i], value);
      const ScoreSums sums = dropout ? network.forward_backward(parameters, batch, 1, dropout, unused)
                                     : network.evaluate(parameters, batch);
      parameters[i] = before;
      return sums.loss;
    };
    differences[i] = (loss_at(parameters[i] + h) - loss_at(parameters[i] - h)) / (2 * h);
  }
  return differences;
}

TEST(Network, gradient_matches_finite_differences_for_every_cell_shape_loss_and_head) {
  constexpr double loss_scale = 0.25;
  for (const auto& [name, spec] : all_specs()) {
    SCOPED_TRACE(name);
    ReferenceNetwork<double> network(spec);
    const SequenceBatch batch = random_batch(spec, unequal_lengths, RandomKey(1));
    const auto parameters = random_parameters<double>(network.layout(), RandomKey(2));
    std::vector<double> gradient(parameters.size(), 7.0);  // must be overwritten
    network.forward_backward(parameters, batch, loss_scale, std::nullopt, gradient);
    auto expected = finite_differences(network, parameters, batch, std::nullopt);
    for (double& v : expected) v *= loss_scale;
    expect_near(expected, gradient, 1e-7);
    if (HasFatalFailure()) return;
  }
}

TEST(Network, gradient_under_dropout_is_that_of_the_masked_network) {
  for (const HeadPosition head : {HeadPosition::last_step, HeadPosition::every_step}) {
    NetworkSpec spec{.num_features = 2, .num_outputs = 2, .head = head, .hidden_size = 4, .num_layers = 3};
    spec.bidirectional = true;
    spec.dropout = 0.4;
    ReferenceNetwork<double> network(spec);
    const SequenceBatch batch = random_batch(spec, unequal_lengths, RandomKey(3));
    const auto parameters = random_parameters<double>(network.layout(), RandomKey(4));
    const DropoutKey key{RandomKey(5)};
    std::vector<double> gradient(parameters.size());
    network.forward_backward(parameters, batch, 1, key, gradient);
    expect_near(finite_differences(network, parameters, batch, key), gradient, 1e-7);
  }
}

TEST(Network, a_packed_batch_adds_up_its_single_sequences) {
  for (const auto& [name, spec] : all_specs()) {
    SCOPED_TRACE(name);
    ReferenceNetwork<double> network(spec);
    const SequenceBatch batch = random_batch(spec, unequal_lengths, RandomKey(6));
    const auto parameters = random_parameters<double>(network.layout(), RandomKey(7));
    std::vector<double> whole(parameters.size()), sum(parameters.size()), one(parameters.size());
    const ScoreSums whole_sums = network.forward_backward(parameters, batch, 1, std::nullopt, whole);
    ScoreSums sums;
    for (int b = 0; b < batch.num_sequences; ++b) {
      sums += network.forward_backward(parameters, part_of(spec, batch, {b}), 1, std::nullopt, one);
      std::transform(one.begin(), one.end(), sum.begin(), sum.begin(), std::plus<>{});
    }
    expect_near(sum, whole, 1e-12);
    if (HasFatalFailure()) return;
    EXPECT_NEAR(sums.loss, whole_sums.loss, 1e-12 * whole_sums.loss);
    EXPECT_EQ(sums.count, whole_sums.count);
    EXPECT_EQ(sums.correct, whole_sums.correct);
    EXPECT_EQ(sums.count, scored_count(spec, batch));
  }
}

TYPED_TEST(EitherGradient, of_an_empty_shard_is_zero_and_scores_nothing) {
  for (const auto& [name, spec] : all_specs()) {
    SCOPED_TRACE(name);
    TypeParam network(spec);
    const SequenceBatch empty = random_batch(spec, {}, RandomKey(8));
    const auto parameters = random_parameters<float>(network.layout(), RandomKey(9));
    std::vector<float> gradient(parameters.size(), 7.0f), outputs = {1.0f};
    const ScoreSums sums = network.forward_backward(parameters, empty, 1, std::nullopt, gradient);
    EXPECT_EQ(sums.loss, 0);
    EXPECT_EQ(sums.count, 0);
    EXPECT_EQ(std::count(gradient.begin(), gradient.end(), 0.0f), std::ssize(gradient));
    EXPECT_EQ(network.evaluate(parameters, empty).count, 0);
    network.predict(parameters, empty, outputs);
    EXPECT_TRUE(outputs.empty());
    EXPECT_EQ(scored_count(spec, empty), 0);
  }
}

TYPED_TEST(EitherGradient, has_the_same_bits_wherever_blocks_lie_and_whatever_was_computed_before) {
  for (const auto& [name, spec] : all_specs()) {
    SCOPED_TRACE(name);
    const SequenceBatch batch = random_batch(spec, unequal_lengths, RandomKey(10));
    const SequenceBatch larger = random_batch(spec, {9, 8, 7, 6, 5, 4}, RandomKey(11));
    TypeParam fresh(spec), used(spec);
    const auto parameters = random_parameters<float>(fresh.layout(), RandomKey(12));
    std::vector<float> expected(parameters.size());
    fresh.forward_backward(parameters, batch, 1, std::nullopt, expected);

    std::vector<float> shifted = parameters, found(parameters.size() + 1);
    used.forward_backward(parameters, larger, 1, std::nullopt, std::span(found).first(parameters.size()));
    shifted.insert(shifted.begin(), 0.0f);  // begins 4 bytes later
    used.forward_backward(std::span(shifted).subspan(1), batch, 1, std::nullopt, std::span(found).subspan(1));
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), found.begin() + 1));
  }
}

}  // namespace
}  // namespace seqsweep::nn
