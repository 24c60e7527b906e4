// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"
#include "seqsweep/nn/stepper.hpp"

#include "nn/instruction_sets.hpp"
#include "nn/optimizer_reference.hpp"

namespace seqsweep::nn {
namespace {

/// Ten weights and three biases.
ParameterLayout small_layout() {
  ParameterLayout layout;
  layout.tensors = {{"head.weight", 5, 2, 0, false}, {"head.bias", 3, 1, 10, true}};
  layout.size = 13;
  return layout;
}

/// An optimizer with its block, on the loss Σ (w - target)² / 2.
struct Descent {
  explicit Descent(const OptimizerSpec& optimizer_spec)
      : spec(optimizer_spec), stepper(spec, layout), parameters(layout.size) {
    for (std::size_t i = 0; i < layout.size; ++i) parameters[i] = static_cast<float>(i) / 4 - 1;
    slots.resize(layout.size * static_cast<std::size_t>(stepper.num_slots()));
  }
  double loss() const {
    double sum = 0;
    for (const float w : parameters) sum += (w - 0.3) * (w - 0.3) / 2;
    return sum;
  }
  StepRecord step_along(std::vector<float> gradient) { return step_along(std::move(gradient), spec.learning_rate); }
  StepRecord step_along(std::vector<float> gradient, double learning_rate) {
    return stepper.step(parameters, {std::move(gradient), {}, {}}, slots, ++steps, learning_rate);
  }
  void step() {
    std::vector<float> gradient;
    for (const float w : parameters) gradient.push_back(w - 0.3f);
    step_along(gradient);
  }

  OptimizerSpec spec;
  ParameterLayout layout = small_layout();
  Stepper stepper;
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

/// A block of one tensor, random, and its neighbours in memory.
struct Block {
  Block(const OptimizerSpec& spec, std::size_t size, RandomKey key)
      : stepper(spec, layout_of(size)),
        parameters(size),
        gradient(size),
        slots(static_cast<std::size_t>(stepper.num_slots()) * size) {
    auto stream = key.stream();
    for (auto* values : {&parameters, &gradient})
      for (float& x : *values) x = stream.below(8) == 0 ? 0.0F : static_cast<float>(stream.normal());
  }
  static ParameterLayout layout_of(std::size_t size) {
    return {.tensors = {{"head.weight", static_cast<int>(size), 1, 0, false}}, .size = size};
  }
  Stepper stepper;
  std::vector<float> parameters, gradient, slots;
};

// Fails if a kernel had other operations than its rule, or did not treat the last elements as it does the others.
TEST(EveryOptimizer, is_its_scalar_rule_bit_for_bit_for_every_length) {
  auto specs = every_optimizer();
  for (OptimizerSpec spec : every_optimizer()) {
    spec.l1 = 0.01;
    spec.l2 = 0.003;
    specs.push_back(spec);
  }
  for (const OptimizerSpec& spec : specs) {
    SCOPED_TRACE(::testing::Message() << spec.name << " momentum " << spec.momentum << " l1 " << spec.l1);
    const ScalarOptimizer scalar{spec};
    with_each_instruction_set([&] {
      for (std::size_t size = 1; size <= 67; ++size) {
        Block block(spec, size, RandomKey(17).fold(Purpose::test).fold(size));
        auto expected = block.parameters;
        std::vector<std::array<float, 2>> slots(size);
        for (int step = 1; step <= 3; ++step) {
          constexpr bool is_bias = false;
          for (std::size_t i = 0; i < size; ++i)
            scalar.step(expected[i], block.gradient[i] * 0.7F, slots[i], is_bias, step, 0.01);
          block.stepper.step(block.parameters, {block.gradient, {}, {}}, block.slots, step, 0.01, double{0.7F});
        }
        ASSERT_EQ(bits_of(block.parameters), bits_of(expected)) << size << " elements";
      }
    });
  }
}

// Fails if a vector began at a fixed address instead of at the first element.
TEST(EveryOptimizer, does_not_depend_on_where_its_blocks_begin) {
  constexpr std::size_t size = 37;
  for (const OptimizerSpec& spec : every_optimizer()) {
    SCOPED_TRACE(spec.name);
    Block block(spec, size, RandomKey(18).fold(Purpose::test));
    const auto at = [&](std::size_t offset) {
      const auto moved = [&](const std::vector<float>& values) {
        std::vector<float> longer(offset, 5.0F);
        longer.insert(longer.end(), values.begin(), values.end());
        longer.insert(longer.end(), 20, 5.0F);
        return longer;
      };
      auto parameters = moved(block.parameters), slots = moved(block.slots);
      block.stepper.step(std::span(parameters).subspan(offset, size), {block.gradient, {}, {}},
                         std::span(slots).subspan(offset, block.slots.size()), 1, 0.01);
      for (std::size_t i = 0; i < parameters.size(); ++i)
        if (i < offset || i >= offset + size) {
          EXPECT_EQ(parameters[i], 5.0F);
        }
      return bits_of(std::span(parameters).subspan(offset, size));
    };
    const auto expected = at(0);
    for (std::size_t offset = 1; offset <= 16; ++offset) EXPECT_EQ(at(offset), expected) << "offset " << offset;
  }
}

TEST(Stepper, penalties_pull_weights_but_not_biases) {
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

TEST(Stepper, clips_the_gradient_alone_and_records_its_norm_before) {
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

TEST(Stepper, scales_the_gradient_before_all_else) {
  for (const double clip_norm : {0.0, 1.0}) {
    OptimizerSpec spec;
    spec.name = "sgd";
    spec.clip_norm = clip_norm;
    Descent scaled(spec), plain(spec);
    std::vector<float> gradient(13, 8.0F), quarter(13, 2.0F);
    const StepRecord record = scaled.stepper.step(scaled.parameters, {gradient, {}, {}}, scaled.slots, 1, 0.1, 0.25);
    EXPECT_EQ(record.gradient_norm, plain.step_along(quarter, 0.1).gradient_norm);
    for (std::size_t i = 0; i < 13; ++i) EXPECT_FLOAT_EQ(scaled.parameters[i], plain.parameters[i]);
  }
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
