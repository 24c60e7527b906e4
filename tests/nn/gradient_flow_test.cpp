// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "nn/batches.hpp"
#include "nn/engine_network.hpp"

namespace seqsweep::nn {
namespace {

/// A network and its numbers.
template <class Net, class Number>
struct Kind {
  using Network = Net;
  using Scalar = Number;
  static constexpr double rounding = std::numeric_limits<Number>::epsilon() * 64;
};

template <class Of>
class GradientFlow : public testing::Test {};
using Kinds = testing::Types<Kind<EngineNetwork, float>, Kind<ReferenceNetwork<double>, double>>;
TYPED_TEST_SUITE(GradientFlow, Kinds);

/// A simple network whose recurrent matrix is `scale` times the identity, without biases, on constant input.
template <class Of>
std::vector<GradientFlowBin> flow_of(NetworkSpec spec, double scale, float input) {
  spec.num_features = 1;
  spec.cell = "rnn";
  spec.hidden_size = 4;
  spec.initialisation = "uniform";
  spec.recurrent_init = "identity";
  typename Of::Network network(spec);
  std::vector<typename Of::Scalar> parameters(network.layout().size);
  network.initialise(parameters, RandomKey(1));
  for (const Tensor& tensor : network.layout().tensors) {
    if (tensor.name.starts_with("rnn.weight_hh"))
      for (std::size_t i = 0; i < tensor.size(); ++i)
        parameters[tensor.offset + i] *= static_cast<typename Of::Scalar>(scale);
    if (tensor.name.starts_with("rnn.weight_ih"))
      for (std::size_t i = 0; i < tensor.size(); ++i)
        parameters[tensor.offset + i] = std::abs(parameters[tensor.offset + i]);
  }
  SequenceBatch batch = random_batch(spec, {20, 13, 6}, RandomKey(2));
  std::fill(batch.features.begin(), batch.features.end(), input);
  return network.gradient_flow(parameters, batch);
}

/// With zero input tanh is the identity and dh_t shrinks or grows by `scale` in each step.
void expect_powers_of(double scale, const std::vector<GradientFlowBin>& flow, double rounding) {
  ASSERT_EQ(flow.size(), 6u);
  EXPECT_NEAR(flow[1].norm / flow[0].norm, scale, rounding);
  for (std::size_t bin = 2; bin < flow.size(); ++bin) {
    const double ratio = flow[bin].norm / flow[0].norm;
    const double nearest = std::pow(scale, flow[bin].distance_from), farthest = std::pow(scale, flow[bin].distance_to);
    EXPECT_GE(ratio, std::min(nearest, farthest) * 0.5) << "bin " << bin;  // targets differ between sequences
    EXPECT_LE(ratio, std::max(nearest, farthest) * 2) << "bin " << bin;
  }
}

TYPED_TEST(GradientFlow, vanishes_under_small_recurrent_weights) {
  expect_powers_of(0.5, flow_of<TypeParam>({}, 0.5, 0.0f), TypeParam::rounding);
}

TYPED_TEST(GradientFlow, explodes_under_large_recurrent_weights) {
  expect_powers_of(2.0, flow_of<TypeParam>({}, 2.0, 0.0f), TypeParam::rounding);
}

TYPED_TEST(GradientFlow, vanishes_in_saturated_units_whatever_the_weights) {
  NetworkSpec spec;
  spec.activation = "sigmoid";
  const auto flow = flow_of<TypeParam>(spec, 1.0, 1.0f);
  EXPECT_LT(flow.back().norm, 1e-6 * flow.front().norm);
}

TYPED_TEST(GradientFlow, stays_one_in_a_rectified_network_of_identity_weights) {
  NetworkSpec spec;
  spec.activation = "relu";
  // Every sequence has the same gradient at all distances, so bins that all sequences reach are equal.
  const auto flow = flow_of<TypeParam>(spec, 1.0, 1.0f);
  for (const std::size_t bin : {1u, 2u}) EXPECT_NEAR(flow[bin].norm / flow[0].norm, 1, TypeParam::rounding);
}

TYPED_TEST(GradientFlow, bins_double_and_end_with_the_longest_sequence) {
  NetworkSpec spec;
  spec.num_layers = 2;
  const auto flow = flow_of<TypeParam>(spec, 1.0, 1.0f);
  const std::vector<std::pair<int, int>> expected = {{0, 0}, {1, 1}, {2, 3}, {4, 7}, {8, 15}, {16, 19}};
  ASSERT_EQ(flow.size(), 2 * expected.size());
  for (std::size_t i = 0; i < flow.size(); ++i) {
    EXPECT_EQ(flow[i].layer, i < expected.size() ? 0 : 1);
    EXPECT_EQ(std::pair(flow[i].distance_from, flow[i].distance_to), expected[i % expected.size()]);
  }
}

// Fails if the losses of earlier steps leaked in: they alone would put gradient at every distance.
TYPED_TEST(GradientFlow, measures_the_last_steps_loss_alone) {
  NetworkSpec spec;
  spec.head = HeadPosition::every_step;
  const auto flow = flow_of<TypeParam>(spec, 0.0, 0.5f);
  EXPECT_GT(flow[0].norm, 0);
  for (std::size_t bin = 1; bin < flow.size(); ++bin) EXPECT_EQ(flow[bin].norm, 0);
}

}  // namespace
}  // namespace seqsweep::nn
