// SPDX-License-Identifier: Apache-2.0
#include "nn/golden.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "seqsweep/nn/reference_network.hpp"
#include "seqsweep/nn/stepper.hpp"

#include "nn/engine_network.hpp"

namespace seqsweep::nn {
namespace {

template <class To>
std::vector<To> cast_all(const std::vector<double>& values) {
  return std::vector<To>(values.begin(), values.end());
}

NetworkSpec spec_of(const GoldenCase& golden) {
  NetworkSpec spec;
  spec.num_features = golden.integer("num_features");
  spec.vocabulary = golden.integer("vocabulary");
  spec.num_outputs = golden.integer("num_outputs");
  spec.embedding_size = golden.integer("embedding_size");
  spec.hidden_size = golden.integer("hidden_size");
  spec.num_layers = golden.integer("num_layers");
  spec.bidirectional = golden.integer("bidirectional") != 0;
  spec.cell = golden.words.at("cell");
  spec.activation = golden.words.at("activation");
  spec.loss = golden.words.at("loss");
  spec.head = golden.words.at("head") == "last_step" ? HeadPosition::last_step : HeadPosition::every_step;
  return spec;
}

SequenceBatch batch_of(const GoldenCase& golden, const NetworkSpec& spec) {
  SequenceBatch batch;
  batch.lengths = cast_all<int>(golden.numbers.at("lengths"));
  pack_lengths(batch);
  batch.sequence_ids.resize(batch.lengths.size());
  const auto& input = golden.numbers.at("input");
  const auto& targets = golden.numbers.at("targets");
  if (spec.vocabulary > 0)
    batch.tokens = cast_all<std::int32_t>(input);
  else
    batch.features = cast_all<float>(input);
  if (spec.loss == "cross_entropy")
    batch.classes = cast_all<std::int32_t>(targets);
  else
    batch.targets = cast_all<float>(targets);
  return batch;
}

/// The golden tensors in the layout's order, each name after `prefix`.
template <class Scalar>
std::vector<Scalar> block_of(const GoldenCase& golden, const ParameterLayout& layout, const std::string& prefix) {
  std::vector<Scalar> block;
  for (const Tensor& tensor : layout.tensors) {
    const auto& values = golden.numbers.at(prefix + tensor.name);
    EXPECT_EQ(values.size(), tensor.size()) << tensor.name;
    EXPECT_EQ(block.size(), tensor.offset) << tensor.name;
    block.insert(block.end(), values.begin(), values.end());
  }
  return block;
}

template <class Net, class Scalar>
void expect_network_as_pytorch(const GoldenCase& golden, double tolerance) {
  const NetworkSpec spec = spec_of(golden);
  const SequenceBatch batch = batch_of(golden, spec);
  Net network(spec);
  const auto parameters = block_of<Scalar>(golden, network.layout(), "");
  const auto expected = block_of<Scalar>(golden, network.layout(), "d:");
  std::vector<Scalar> gradient(parameters.size());
  const ScoreSums sums =
      network.forward_backward(parameters, batch, 1 / scored_count(spec, batch), std::nullopt, gradient);
  EXPECT_NEAR(sums.loss / sums.count, golden.numbers.at("mean_loss").at(0), tolerance);
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(gradient[i], expected[i], tolerance) << "element " << i;

  std::vector<float> outputs;
  network.predict(parameters, batch, outputs);
  const auto& expected_outputs = golden.numbers.at("outputs");
  ASSERT_EQ(outputs.size(), expected_outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) ASSERT_NEAR(outputs[i], expected_outputs[i], 2e-6);
}

TEST(Golden, networks_compute_what_pytorch_computes) {
  const auto cases = read_golden("networks.txt");
  ASSERT_GE(cases.size(), 12u);
  for (const GoldenCase& golden : cases) {
    SCOPED_TRACE(golden.name);
    expect_network_as_pytorch<ReferenceNetwork<double>, double>(golden, 1e-11);
    expect_network_as_pytorch<ReferenceNetwork<float>, float>(golden, 2e-6);
    expect_network_as_pytorch<EngineNetwork, float>(golden, 2e-6);
    if (HasFatalFailure()) return;
  }
}

double setting(const GoldenCase& golden, const std::string& key, double otherwise) {
  const auto found = golden.numbers.find("settings:" + key);
  return found == golden.numbers.end() ? otherwise : found->second.at(0);
}

OptimizerSpec optimizer_spec_of(const GoldenCase& golden) {
  OptimizerSpec spec;
  spec.name = golden.words.at("name");
  spec.learning_rate = setting(golden, "learning_rate", spec.learning_rate);
  spec.momentum = setting(golden, "momentum", spec.momentum);
  spec.beta1 = setting(golden, "beta1", spec.beta1);
  spec.beta2 = setting(golden, "beta2", spec.beta2);
  spec.alpha = setting(golden, "alpha", spec.alpha);
  spec.epsilon = setting(golden, "epsilon", spec.epsilon);
  spec.weight_decay = setting(golden, "weight_decay", spec.weight_decay);
  spec.l2 = setting(golden, "l2", spec.l2);
  spec.clip_norm = setting(golden, "clip_norm", spec.clip_norm);
  return spec;
}

TEST(Golden, optimizers_take_the_steps_that_pytorch_takes) {
  ParameterLayout layout;
  layout.tensors = {{"head.weight", 3, 4, 0, false}, {"head.bias", 3, 1, 12, true}};
  layout.size = 15;
  for (const GoldenCase& golden : read_golden("optimizers.txt")) {
    SCOPED_TRACE(golden.name);
    const OptimizerSpec spec = optimizer_spec_of(golden);
    Stepper stepper(spec, layout);
    auto parameters = cast_all<float>(golden.numbers.at("before"));
    std::vector<float> slots(layout.size * static_cast<std::size_t>(stepper.num_slots()));
    for (int step = 1; step <= 10; ++step) {
      const std::string suffix = std::string("_").append(std::to_string(step));
      const GradientBlock gradient{cast_all<float>(golden.numbers.at("gradient" + suffix)), {}, {}};
      const StepRecord record = stepper.step(parameters, gradient, slots, step, spec.learning_rate);
      if (spec.clip_norm > 0) {
        const double norm = golden.numbers.at("norm" + suffix).at(0);
        EXPECT_NEAR(record.gradient_norm, norm, 1e-7);
        EXPECT_EQ(record.was_clipped, norm > spec.clip_norm);
      }
      const auto& expected = golden.numbers.at("after" + suffix);
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(parameters[i], expected[i], 1e-6) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace seqsweep::nn
