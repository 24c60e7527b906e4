// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/elementwise.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"

#include "nn/instruction_sets.hpp"
#include "nn/kernels/kernels.hpp"
#include "nn/optimizer_reference.hpp"

namespace seqsweep::nn {
namespace {

std::vector<float> random_floats(std::size_t size, std::uint64_t what) {
  auto stream = RandomKey(11).fold(Purpose::test).fold(what).stream();
  std::vector<float> values(size);
  for (float& x : values) x = static_cast<float>(stream.normal());
  return values;
}

/// Every length to past two blocks of sixteen, every place within a vector.
template <class Check>
void for_each_span(Check&& check) {
  for (std::size_t size = 0; size <= 70; ++size)
    for (std::size_t offset = 0; offset <= 16; ++offset) check(offset, size);
}

TEST(Elementwise, rows_are_copied_and_padded_with_zeros) {
  with_each_instruction_set([] {
    for (std::size_t width = 1; width <= 40; ++width)
      for (const std::size_t rows : {0U, 1U, 5U}) {
        const std::size_t padded = (width + 15) / 16 * 16, stride = padded + 16;
        const auto from = random_floats(rows * width, 3);
        std::vector<float> to(rows * stride, 7);
        kernels::copy_rows({from.data(), rows, width, to.data(), stride});
        for (std::size_t row = 0; row < rows; ++row) {
          const auto found = std::span(to).subspan(row * stride, stride);
          for (std::size_t i = 0; i < width; ++i) ASSERT_EQ(found[i], from[row * width + i]) << width;
          for (std::size_t i = padded; i < stride; ++i) ASSERT_EQ(found[i], 7) << width;
          const std::size_t vector = static_cast<std::size_t>(kernels::vector_floats());
          for (std::size_t i = width; i < (width + vector - 1) / vector * vector; ++i) ASSERT_EQ(found[i], 0) << width;
        }
      }
  });
}

// Fails if a tail were computed otherwise than the middle, or if it wrote past its end.
TEST(Elementwise, add_and_scale_are_plain_loops_for_every_length_and_alignment) {
  with_each_instruction_set([] {
    for_each_span([](std::size_t offset, std::size_t size) {
      const auto left = random_floats(100, 1), before = random_floats(100, 2);
      auto sum = before, product = before, expected_sum = before, expected_product = before;
      for (std::size_t i = offset; i < offset + size; ++i) {
        expected_sum[i] = left[i] + before[i];
        expected_product[i] = before[i] * 0.7F;
      }
      kernels::add(std::span(left).subspan(offset, size), std::span(sum).subspan(offset, size));
      kernels::scale(std::span(product).subspan(offset, size), 0.7F);
      ASSERT_EQ(bits_of(sum), bits_of(expected_sum)) << offset << ", " << size;
      ASSERT_EQ(bits_of(product), bits_of(expected_product)) << offset << ", " << size;
    });
  });
}

TEST(SquareSum, adds_in_the_order_of_sixteen_running_sums) {
  const auto values = random_floats(100, 3);
  with_each_instruction_set([&] {
    for_each_span([&](std::size_t offset, std::size_t size) {
      kernels::SquareSum squares;
      ScalarSquareSum expected;
      for (int twice = 0; twice < 2; ++twice) {
        squares.add(std::span(values).subspan(offset, size));
        expected.add(values.data() + offset, size);
      }
      ASSERT_EQ(squares.total(), expected.total()) << offset << ", " << size;
    });
  });
}

// What makes the norm of an embedding's gradient the same, whether or not its zero rows are added.
TEST(SquareSum, is_not_changed_by_zeros) {
  const auto values = random_floats(37, 4);
  const std::vector<float> zeros(53);
  kernels::SquareSum without, with;
  with.add(zeros);
  for (int twice = 0; twice < 2; ++twice) {
    without.add(values);
    with.add(values);
    with.add(zeros);
  }
  EXPECT_EQ(with.total(), without.total());
}

TEST(SquareSum, is_not_finite_where_an_element_is_not) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    auto values = random_floats(45, 5);
    values[41] = bad;
    kernels::SquareSum squares;
    squares.add(values);
    EXPECT_FALSE(std::isfinite(squares.total()));
  }
}

TEST(InstructionSet, that_is_asked_for_is_in_use) {
  ASSERT_FALSE(available_instruction_sets().empty());
  EXPECT_EQ(instruction_set_in_use(), available_instruction_sets().front());
  with_each_instruction_set([] { EXPECT_GT(probe_peak_gflops(), 0.5); });
  for (const std::string& name : available_instruction_sets()) {
    use_instruction_set(name);
    EXPECT_EQ(instruction_set_in_use(), name);
  }
  use_instruction_set(available_instruction_sets().front());
}

TEST(InstructionSet, unknown_ones_are_refused_by_name) {
  try {
    use_instruction_set("avx1024");
    FAIL() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("avx1024"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find(available_instruction_sets().front()), std::string::npos);
  }
}

}  // namespace
}  // namespace seqsweep::nn
