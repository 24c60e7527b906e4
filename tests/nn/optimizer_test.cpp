// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/optimizer.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace seqsweep::nn {
namespace {

/// Ten weights and three biases.
ParameterLayout small_layout() {
  ParameterLayout layout;
  layout.tensors = {{"head.weight", 5, 2, 0, false}, {"head.bias", 3, 1, 10, true}};
  layout.size = 13;
  return layout;
}

std::vector<OptimizerSpec> every_optimizer() {
  std::vector<OptimizerSpec> specs;
  for (const auto& entry : optimizer_catalogue()) {
    OptimizerSpec plain;
    plain.name = std::string(entry.name);
    plain.learning_rate = 0.01;
    specs.push_back(plain);
    specs.push_back(plain);
    specs.back().momentum = 0.9;
  }
  return specs;
}

/// An optimizer with its block, on the loss Σ (w - target)² / 2.
struct Descent {
  explicit Descent(const OptimizerSpec& optimizer_spec)
      : spec(optimizer_spec), optimizer(make_optimizer(spec, layout)), parameters(layout.size) {
    for (std::size_t i = 0; i < layout.size; ++i) parameters[i] = static_cast<float>(i) / 4 - 1;
    slots.resize(layout.size * static_cast<std::size_t>(optimizer->num_slots()));
  }
  double loss() const {
    double sum = 0;
    for (const float w : parameters) sum += (w - 0.3) * (w - 0.3) / 2;
    return sum;
  }
  StepRecord step_along(std::vector<float> gradient) {
    return take_step(*optimizer, spec, layout, parameters, gradient, slots, ++steps, spec.learning_rate);
  }
  void step() {
    std::vector<float> gradient;
    for (const float w : parameters) gradient.push_back(w - 0.3f);
    step_along(gradient);
  }

  OptimizerSpec spec;
  ParameterLayout layout = small_layout();
  std::unique_ptr<Optimizer> optimizer;
  std::vector<float> parameters, slots;
  std::int64_t steps = 0;
};

TEST(EveryOptimizer, descends_a_quadratic) {
  for (const OptimizerSpec& spec : every_optimizer()) {
    SCOPED_TRACE(spec.name);
    Descent descent(spec);
    const double before = descent.loss();
    for (int i = 0; i < 400; ++i) descent.step();
    EXPECT_LT(descent.loss(), 0.05 * before);
  }
}

// Fails if an optimizer kept any memory outside of its slots: such memory would be lost by a checkpoint.
TEST(EveryOptimizer, goes_on_from_its_slots_alone) {
  for (const OptimizerSpec& spec : every_optimizer()) {
    SCOPED_TRACE(spec.name);
    Descent whole(spec), first(spec), second(spec);
    for (int i = 0; i < 6; ++i) whole.step();
    for (int i = 0; i < 3; ++i) first.step();
    second.parameters = first.parameters;
    second.slots = first.slots;
    second.steps = first.steps;
    for (int i = 0; i < 3; ++i) second.step();
    EXPECT_EQ(second.parameters, whole.parameters);
    EXPECT_EQ(second.slots, whole.slots);
  }
}

TEST(EveryOptimizer, leaves_everything_untouched_where_the_gradient_is_not_finite) {
  for (const OptimizerSpec& spec : every_optimizer()) {
    SCOPED_TRACE(spec.name);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      Descent descent(spec);
      descent.step();
      const auto parameters = descent.parameters, slots = descent.slots;
      std::vector<float> gradient(descent.layout.size, 0.1f);
      gradient[7] = bad;
      EXPECT_FALSE(std::isfinite(descent.step_along(gradient).gradient_norm));
      EXPECT_EQ(descent.parameters, parameters);
      EXPECT_EQ(descent.slots, slots);
    }
  }
}

TEST(TakeStep, penalties_pull_weights_but_not_biases) {
  for (const bool with_l1 : {true, false}) {
    OptimizerSpec spec;
    spec.name = "sgd";
    spec.learning_rate = 1;
    (with_l1 ? spec.l1 : spec.l2) = 0.125;
    Descent descent(spec);
    const auto before = descent.parameters;
    descent.step_along(std::vector<float>(13, 0.0f));
    for (std::size_t i = 0; i < 13; ++i) {
      const float sign = before[i] > 0 ? 1.0f : before[i] < 0 ? -1.0f : 0.0f;
      const float pull = i >= 10 ? 0.0f : with_l1 ? 0.125f * sign : 0.125f * before[i];
      EXPECT_EQ(descent.parameters[i], before[i] - pull) << "element " << i;
    }
  }
}

TEST(TakeStep, clips_the_gradient_alone_and_records_its_norm_before) {
  OptimizerSpec spec;
  spec.name = "sgd";
  spec.learning_rate = 1;
  spec.clip_norm = 1;
  Descent descent(spec);
  const auto before = descent.parameters;
  const StepRecord record = descent.step_along(std::vector<float>(13, 2.0f));
  EXPECT_NEAR(record.gradient_norm, 2 * std::sqrt(13.0), 1e-12);
  EXPECT_TRUE(record.was_clipped);
  for (std::size_t i = 0; i < 13; ++i)
    EXPECT_NEAR(descent.parameters[i], before[i] - 1 / std::sqrt(13.0), 1e-6) << "element " << i;
  EXPECT_FALSE(descent.step_along(std::vector<float>(13, 0.1f)).was_clipped);
}

TEST(Schedule, rates_fall_as_named) {
  OptimizerSpec spec;
  spec.learning_rate = 0.8;
  spec.schedule_gamma = 0.5;
  spec.schedule_step = 3;
  const auto rate = [&](std::string_view name, int epoch) {
    return find_in(schedule_catalogue(), "schedule", name).make(spec, epoch, 8);
  };
  EXPECT_EQ(rate("constant", 7), 0.8);
  EXPECT_EQ(rate("step", 2), 0.8);
  EXPECT_EQ(rate("step", 3), 0.4);
  EXPECT_EQ(rate("step", 6), 0.2);
  EXPECT_EQ(rate("cosine", 0), 0.8);
  EXPECT_NEAR(rate("cosine", 4), 0.4, 1e-12);
  EXPECT_NEAR(rate("cosine", 8), 0, 1e-12);
}

}  // namespace
}  // namespace seqsweep::nn
