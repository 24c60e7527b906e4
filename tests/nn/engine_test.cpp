// SPDX-License-Identifier: Apache-2.0
// The engine against the reference in double precision: the same mathematics, whatever the settings and the shapes.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "seqsweep/nn/reference_network.hpp"

#include "nn/batches.hpp"
#include "nn/engine_network.hpp"
#include "nn/spec_pairs.hpp"

namespace seqsweep::nn {
namespace {

/// A case with its batch and weights, and both networks.
struct Twins {
  explicit Twins(const PairCase& of)
      : spec(of.spec),
        batch(random_batch(spec, of.lengths, key.fold(1))),
        engine(spec),
        reference(spec),
        parameters(lively_parameters(engine.layout(), key.fold(2))),
        in_double(parameters.begin(), parameters.end()) {
    if (spec.dropout > 0) dropout = DropoutKey{key.fold(3)};
  }

  RandomKey key = RandomKey(21).fold(Purpose::test);
  NetworkSpec spec;
  SequenceBatch batch;
  EngineNetwork engine;
  ReferenceNetwork<double> reference;
  std::vector<float> parameters;
  std::vector<double> in_double;
  std::optional<DropoutKey> dropout;
};

template <class Check>
void for_each_case(Check&& check) {
  for (const PairCase& of : engine_cases()) {
    SCOPED_TRACE(of.name);
    Twins twins(of);
    check(twins);
    if (testing::Test::HasFailure()) return;
  }
}

void expect_near(const ScoreSums& found, const ScoreSums& expected) {
  const auto near = [](double a, double b) { return std::abs(a - b) <= 2e-5 * (1 + std::abs(b)); };
  EXPECT_PRED2(near, found.loss, expected.loss);
  EXPECT_EQ(found.count, expected.count);
  EXPECT_EQ(found.elements, expected.elements);
  EXPECT_EQ(found.correct, expected.correct);
  EXPECT_PRED2(near, found.absolute_error, expected.absolute_error);
  EXPECT_PRED2(near, found.squared_error, expected.squared_error);
  EXPECT_PRED2(near, found.target_sum, expected.target_sum);
  EXPECT_PRED2(near, found.target_square_sum, expected.target_square_sum);
}

template <class Number>
double largest_magnitude(std::span<const Number> values) {
  double largest = 0;
  for (const Number v : values) largest = std::max(largest, std::abs(static_cast<double>(v)));
  return largest;
}

TEST(Engine, cases_hold_every_two_settings_together) {
  const auto rows = all_pairs({4, 3, 2, 2});
  std::set<std::array<std::size_t, 4>> pairs;
  for (const auto& row : rows)
    for (std::size_t f = 0; f < row.size(); ++f)
      for (std::size_t g = 0; g < f; ++g) pairs.insert({g, row[g], f, row[f]});
  EXPECT_EQ(pairs.size(), 4u * 3 + 2 * (4 * 2) + 2 * (3 * 2) + 2 * 2);
  EXPECT_LT(rows.size(), 20u);
}

// Element by element, relative to the largest of the tensor.
TEST(Engine, gradients_and_scores_are_those_of_the_reference) {
  for_each_case([](Twins& twins) {
    constexpr double loss_scale = 0.125;
    std::vector<float> found(twins.parameters.size());
    std::vector<double> expected(twins.parameters.size());
    const ScoreSums scores =
        twins.engine.forward_backward(twins.parameters, twins.batch, loss_scale, twins.dropout, found);
    const ScoreSums expected_scores =
        twins.reference.forward_backward(twins.in_double, twins.batch, loss_scale, twins.dropout, expected);
    expect_near(scores, expected_scores);
    for (const Tensor& tensor : twins.engine.layout().tensors) {
      const double largest = largest_magnitude(std::span<const double>(expected).subspan(tensor.offset, tensor.size()));
      for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size(); ++i)
        ASSERT_NEAR(found[i], expected[i], 2e-5 * largest + 1e-9)
            << tensor.name << " element " << i - tensor.offset << " of " << tensor.rows << " x " << tensor.columns;
    }
  });
}

TEST(Engine, outputs_and_scores_without_a_tape_are_those_of_the_reference) {
  for_each_case([](Twins& twins) {
    std::vector<float> scale(static_cast<std::size_t>(twins.spec.num_outputs));
    for (std::size_t k = 0; k < scale.size(); ++k) scale[k] = 0.5F + 0.25F * static_cast<float>(k % 5);
    expect_near(twins.engine.evaluate(twins.parameters, twins.batch, scale),
                twins.reference.evaluate(twins.in_double, twins.batch, scale));
    std::vector<float> found, expected;
    twins.engine.predict(twins.parameters, twins.batch, found);
    twins.reference.predict(twins.in_double, twins.batch, expected);
    ASSERT_EQ(found.size(), expected.size());
    const double largest = largest_magnitude(std::span<const float>(expected));
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-5 * largest) << "output " << i;
  });
}

TEST(Engine, gradient_flow_is_that_of_the_reference) {
  for_each_case([](Twins& twins) {
    const auto found = twins.engine.gradient_flow(twins.parameters, twins.batch);
    const auto expected = twins.reference.gradient_flow(twins.in_double, twins.batch);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].layer, expected[i].layer);
      EXPECT_EQ(found[i].distance_from, expected[i].distance_from);
      EXPECT_EQ(found[i].distance_to, expected[i].distance_to);
      EXPECT_NEAR(found[i].norm, expected[i].norm, 2e-5 * expected[i].norm + 1e-12) << "bin " << i;
    }
  });
}

// Fails if a pass without a tape took other operations than one that keeps it.
TEST(Engine, evaluate_is_the_forward_half_of_training_bit_for_bit) {
  for_each_case([](Twins& twins) {
    std::vector<float> gradient(twins.parameters.size());
    const ScoreSums trained = twins.engine.forward_backward(twins.parameters, twins.batch, 1, std::nullopt, gradient);
    const ScoreSums evaluated = twins.engine.evaluate(twins.parameters, twins.batch);
    EXPECT_EQ(trained.loss, evaluated.loss);
    EXPECT_EQ(trained.count, evaluated.count);
    EXPECT_EQ(trained.correct, evaluated.correct);
    EXPECT_EQ(trained.absolute_error, evaluated.absolute_error);
    EXPECT_EQ(trained.squared_error, evaluated.squared_error);
  });
}

}  // namespace
}  // namespace seqsweep::nn
