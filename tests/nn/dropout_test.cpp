// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "nn/batches.hpp"
#include "nn/engine_network.hpp"

namespace seqsweep::nn {
namespace {

template <class Net>
class Dropout : public testing::Test {};
using BothNetworks = testing::Types<EngineNetwork, ReferenceNetwork<float>>;
TYPED_TEST_SUITE(Dropout, BothNetworks);

NetworkSpec dropped_spec(HeadPosition head) {
  NetworkSpec spec{.num_features = 2, .num_outputs = 2, .head = head, .hidden_size = 8, .num_layers = 2};
  spec.bidirectional = true;
  spec.dropout = 0.5;
  return spec;
}

template <class Net>
double loss_of(const NetworkSpec& spec, const SequenceBatch& batch, std::optional<DropoutKey> key) {
  Net network(spec);
  const auto parameters = random_parameters<float>(network.layout(), RandomKey(1));
  std::vector<float> gradient(parameters.size());
  return network.forward_backward(parameters, batch, 1, key, gradient).loss;
}

// Fails if a mask depended on a sequence's place in the batch or on the batch's longest sequence.
TYPED_TEST(Dropout, masks_do_not_depend_on_the_batch_a_sequence_is_in) {
  for (const HeadPosition head : {HeadPosition::last_step, HeadPosition::every_step}) {
    const NetworkSpec spec = dropped_spec(head);
    const SequenceBatch batch = random_batch(spec, {7, 6, 4, 4, 2}, RandomKey(2));
    const DropoutKey key{RandomKey(3)};
    const double whole = loss_of<TypeParam>(spec, batch, key);
    const double parts = loss_of<TypeParam>(spec, part_of(spec, batch, {1, 4}), key) +
                         loss_of<TypeParam>(spec, part_of(spec, batch, {0, 2, 3}), key);
    EXPECT_NEAR(whole, parts, 1e-6 * whole);
  }
}

TYPED_TEST(Dropout, masks_depend_on_the_key_and_on_the_sequence) {
  const NetworkSpec spec = dropped_spec(HeadPosition::last_step);
  SequenceBatch batch = random_batch(spec, {5, 4}, RandomKey(4));
  const double loss = loss_of<TypeParam>(spec, batch, DropoutKey{RandomKey(5)});
  EXPECT_EQ(loss, loss_of<TypeParam>(spec, batch, DropoutKey{RandomKey(5)}));
  EXPECT_NE(loss, loss_of<TypeParam>(spec, batch, DropoutKey{RandomKey(6)}));
  EXPECT_NE(loss, loss_of<TypeParam>(spec, batch, std::nullopt));
  batch.sequence_ids = {900, 901};
  EXPECT_NE(loss, loss_of<TypeParam>(spec, batch, DropoutKey{RandomKey(5)}));
}

TYPED_TEST(Dropout, masks_of_two_layers_differ) {
  NetworkSpec spec{.num_features = 1, .num_outputs = 1, .head = HeadPosition::every_step, .cell = "rnn"};
  spec.activation = "relu";
  spec.hidden_size = 1;
  spec.num_layers = 2;
  spec.dropout = 0.5;
  // Every unit passes its input on, so an output is the product of the masks of layer 1 and of the head: 0 or 4.
  TypeParam network(spec);
  std::vector<float> parameters(network.layout().size, 0.0f), gradient(parameters.size());
  for (const Tensor& tensor : network.layout().tensors)
    if (tensor.name.find("weight_ih") != std::string::npos || tensor.name == "head.weight")
      parameters[tensor.offset] = 1;
  SequenceBatch batch = random_batch(spec, {4000}, RandomKey(7));
  std::fill(batch.features.begin(), batch.features.end(), 1.0f);
  std::fill(batch.targets.begin(), batch.targets.end(), 0.0f);
  const ScoreSums sums = network.forward_backward(parameters, batch, 1, DropoutKey{RandomKey(8)}, gradient);
  EXPECT_NEAR(sums.loss / 16 / sums.count, 0.25, 0.03);  // both kept; 0.5 if the masks were the same
}

TYPED_TEST(Dropout, keeps_its_share_of_units_and_their_mean) {
  NetworkSpec spec{.num_features = 1, .num_outputs = 1, .head = HeadPosition::every_step, .cell = "rnn"};
  spec.activation = "relu";
  spec.hidden_size = 1;
  spec.dropout = 0.3;
  // h_t = 1 in every step, so that the output is the mask.
  TypeParam network(spec);
  std::vector<float> parameters(network.layout().size, 0.0f), gradient(parameters.size());
  for (const Tensor& tensor : network.layout().tensors)
    if (tensor.name == "rnn.bias_ih_l0" || tensor.name == "head.weight") parameters[tensor.offset] = 1;
  SequenceBatch batch = random_batch(spec, {10000, 10000}, RandomKey(9));
  std::fill(batch.targets.begin(), batch.targets.end(), 0.0f);
  const ScoreSums sums = network.forward_backward(parameters, batch, 1, DropoutKey{RandomKey(10)}, gradient);
  const double mean_output = gradient.back() / 2 / sums.count;  // d loss / d bias = Σ 2 ŷ
  EXPECT_NEAR(mean_output, 1, 0.02);
  EXPECT_NEAR(sums.loss / sums.count, 1 / 0.7, 0.03);
}

}  // namespace
}  // namespace seqsweep::nn
