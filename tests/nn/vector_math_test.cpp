// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "nn/instruction_sets.hpp"
#include "nn/kernels/elementwise.hpp"

namespace seqsweep::nn {
namespace {

using kernels::Function;

/// Floats of every exponent and both signs with random mantissas, subnormal ones too, and more where functions bend.
std::vector<float> sweep() {
  auto stream = RandomKey(12).fold(Purpose::test).stream();
  std::vector<float> values{0.0F, -0.0F};
  for (std::uint32_t exponent = 0; exponent < 255; ++exponent)
    for (int i = 0; i < 400; ++i)
      for (const std::uint32_t sign : {0U, 1U << 31})
        values.push_back(std::bit_cast<float>(sign | exponent << 23 | stream.next_u32() >> 9));
  for (int i = 0; i < 400000; ++i) values.push_back(static_cast<float>(200 * stream.uniform() - 100));
  for (int i = 0; i < 400000; ++i) values.push_back(static_cast<float>(20 * stream.uniform() - 10));
  return values;
}

std::vector<float> apply(Function function, const std::vector<float>& x) {
  std::vector<float> y(x.size());
  kernels::apply(function, x, y);
  return y;
}

/// Distance of neighbouring floats at y.
long double ulp(long double y) {
  return std::ldexp(1.0L, std::max(std::ilogb(y), -126) - 23);
}

TEST(VectorMath, exp_is_within_one_ulp) {
  const auto x = sweep(), y = apply(Function::exp, x);
  long double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double expected = std::exp(static_cast<long double>(std::min(88.0F, std::max(-87.0F, x[i]))));
    const long double error = std::abs(y[i] - expected) / ulp(expected);
    worst = std::max(worst, error);
    ASSERT_LE(error, 1.0L) << "x = " << x[i];
  }
  RecordProperty("worst_ulp", std::to_string(worst));
}

long double exact_sigmoid(long double x) {
  return 1 / (1 + std::exp(-x));
}

template <class Exact>
void expect_within(Function function, Exact&& exact, long double bound) {
  const auto x = sweep(), y = apply(function, x);
  long double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double error = std::abs(y[i] - exact(static_cast<long double>(x[i])));
    worst = std::max(worst, error);
    ASSERT_LE(error, bound) << "x = " << x[i];
  }
  ::testing::Test::RecordProperty("worst_error_1e9", std::to_string(worst * 1e9L));
}

TEST(VectorMath, sigmoid_is_within_its_bound) {
  expect_within(Function::sigmoid, exact_sigmoid, 1e-7L);
}

TEST(VectorMath, tanh_is_within_its_bound) {
  expect_within(
      Function::tanh, [](long double x) { return std::tanh(x); }, 3e-7L);
}

// Gradients are products with 1 - tanh² and σ (1 - σ): a value beyond 1 would turn their sign.
TEST(VectorMath, sigmoid_and_tanh_keep_to_their_range) {
  const auto x = sweep(), s = apply(Function::sigmoid, x), t = apply(Function::tanh, x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_TRUE(s[i] >= 0 && s[i] <= 1) << "x = " << x[i];
    ASSERT_TRUE(std::abs(t[i]) <= 1) << "x = " << x[i];
    ASSERT_EQ(std::signbit(t[i]), std::signbit(x[i])) << "x = " << x[i];
  }
}

TEST(VectorMath, ends_of_the_axis) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> x{0.0F, infinity, -infinity, std::numeric_limits<float>::quiet_NaN()};
  with_each_instruction_set([&] {
    const auto e = apply(Function::exp, x), s = apply(Function::sigmoid, x), t = apply(Function::tanh, x);
    EXPECT_EQ(e[0], 1.0F);
    EXPECT_EQ(s[0], 0.5F);
    EXPECT_EQ(t[0], 0.0F);
    EXPECT_GT(e[1], 1e38F);
    EXPECT_EQ(s[1], 1.0F);
    EXPECT_NEAR(t[1], 1.0F, 3e-7);
    EXPECT_LT(e[2], 1e-37F);
    EXPECT_LT(s[2], 1e-37F);
    EXPECT_NEAR(t[2], -1.0F, 3e-7);
    for (const auto& y : {e, s, t}) EXPECT_TRUE(std::isnan(y[3]));
  });
}

TEST(VectorMath, has_the_same_bits_under_each_instruction_set) {
  const auto x = sweep();
  for (const Function function : {Function::exp, Function::sigmoid, Function::tanh}) {
    const auto expected = bits_of(apply(function, x));
    with_each_instruction_set([&] { EXPECT_TRUE(bits_of(apply(function, x)) == expected); });
  }
}

}  // namespace
}  // namespace seqsweep::nn
