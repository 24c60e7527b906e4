// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "nn/instruction_sets.hpp"
#include "nn/kernels/losses.hpp"
#include "nn/losses/loss.hpp"

namespace seqsweep::nn {
namespace {

using kernels::LossKernels;
using kernels::LossRows;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// Outputs of a head with what they should have been. Behind each row stands NaN, which nobody may read.
struct Case {
  Case(int row_count, int num_outputs, std::uint64_t what) : K(num_outputs), num_rows(row_count) {
    auto stream = RandomKey(19).fold(Purpose::test).fold(what).stream();
    stride = (static_cast<std::size_t>(K) + 15) / 16 * 16 + 16;
    outputs.assign(stride * static_cast<std::size_t>(num_rows), nan);
    for (int r = 0; r < num_rows; ++r) {
      for (int k = 0; k < K; ++k) outputs[index(r, k)] = static_cast<float>(4 * stream.normal());
      for (int k = 0; k < K; ++k) batch.targets.push_back(static_cast<float>(stream.below(2)));
      batch.classes.push_back(r % 4 == 2 ? -1 : static_cast<std::int32_t>(stream.below(static_cast<std::uint32_t>(K))));
    }
  }
  [[nodiscard]] std::size_t index(int r, int k) const {
    return static_cast<std::size_t>(r) * stride + static_cast<std::size_t>(k);
  }
  [[nodiscard]] LossRows rows(int first, int count) const {
    const auto f = static_cast<std::size_t>(first);
    return {.outputs = outputs.data() + f * stride,
            .stride = stride,
            .rows = count,
            .num_outputs = K,
            .targets = batch.targets.data() + f * static_cast<std::size_t>(K),
            .classes = batch.classes.data() + f};
  }
  [[nodiscard]] LossRows all() const { return rows(0, num_rows); }
  [[nodiscard]] std::vector<float> gradient(const LossKernels& loss, double scale) const {
    std::vector<float> d(outputs.size(), nan);
    loss.differentiate(all(), scale, d.data(), stride);
    return d;
  }

  int K = 0, num_rows = 0;
  std::size_t stride = 0;
  std::vector<float> outputs;
  SequenceBatch batch;
};

constexpr int many_outputs[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 88, 96, 100, 511, 513, 1100};

std::vector<double> numbers_of(const ScoreSums& sums) {
  return {sums.loss,          sums.count,      sums.elements,          sums.absolute_error,
          sums.squared_error, sums.target_sum, sums.target_square_sum, sums.correct};
}

ScoreSums score(const LossKernels& loss, const LossRows& rows, std::span<const float> target_scale = {}) {
  ScoreSums sums;
  loss.score(rows, target_scale, sums);
  return sums;
}

// The reference is the loss of losses/, in double.
TEST(LossKernels, agree_with_the_reference) {
  for (const auto& [name, summary, loss] : kernels::loss_kernels_catalogue()) {
    const auto reference = find_in(loss_catalogue<double>(), "loss", name).make();
    for (const int K : many_outputs) {
      SCOPED_TRACE(::testing::Message() << name << ", K = " << K);
      const Case c(6, K, static_cast<std::uint64_t>(K));
      std::vector<double> outputs;
      for (int r = 0; r < c.num_rows; ++r)
        for (int k = 0; k < K; ++k) outputs.push_back(c.outputs[c.index(r, k)]);
      const LossInput<double> input{{outputs.data(), c.num_rows, K}, c.batch};
      std::vector<float> target_scale;
      for (int k = 0; k < K; ++k) target_scale.push_back(0.5F + static_cast<float>(k));

      const auto expected = numbers_of(reference->score(input, target_scale));
      const auto found = numbers_of(score(loss, c.all(), target_scale));
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(found[i], expected[i], 2e-7 * std::abs(expected[i]) + 1e-7) << "sum " << i;
      EXPECT_EQ(loss.count(c.all()), reference->count(c.batch, c.num_rows, K));

      std::vector<double> d_expected(outputs.size());
      reference->differentiate(input, 0.25, {d_expected.data(), c.num_rows, K});
      const auto d = c.gradient(loss, 0.25);
      for (int r = 0; r < c.num_rows; ++r)
        for (int k = 0; k < K; ++k)
          ASSERT_NEAR(d[c.index(r, k)], d_expected[static_cast<std::size_t>(r * K + k)], 1e-6) << r << ", " << k;
    }
  }
}

// The law of the kernels: a row does not see the batch it is in.
TEST(LossKernels, of_a_row_do_not_depend_on_the_other_rows) {
  for (const auto& [name, summary, loss] : kernels::loss_kernels_catalogue())
    for (const int K : many_outputs) {
      SCOPED_TRACE(::testing::Message() << name << ", K = " << K);
      const Case c(5, K, static_cast<std::uint64_t>(K) + 5000);
      const auto together = c.gradient(loss, 0.3);
      ScoreSums row_by_row;
      for (int r = 0; r < c.num_rows; ++r) {
        std::vector<float> d(c.stride, nan);
        loss.differentiate(c.rows(r, 1), 0.3, d.data(), c.stride);
        EXPECT_EQ(bits_of(d), bits_of(std::span(together).subspan(c.index(r, 0), c.stride)));
        loss.score(c.rows(r, 1), {}, row_by_row);
      }
      EXPECT_EQ(numbers_of(row_by_row), numbers_of(score(loss, c.all())));
    }
}

TEST(LossKernels, write_nothing_behind_a_row_and_may_work_in_place) {
  for (const auto& [name, summary, loss] : kernels::loss_kernels_catalogue())
    for (const int K : many_outputs) {
      SCOPED_TRACE(::testing::Message() << name << ", K = " << K);
      Case c(5, K, static_cast<std::uint64_t>(K) + 9000);
      const auto apart = c.gradient(loss, 0.3);
      loss.differentiate(c.all(), 0.3, c.outputs.data(), c.stride);
      EXPECT_EQ(bits_of(c.outputs), bits_of(apart));
      for (int r = 0; r < c.num_rows; ++r)
        for (std::size_t k = 0; k < c.stride; ++k)
          EXPECT_EQ(std::isnan(apart[c.index(r, 0) + k]), k >= static_cast<std::size_t>(K));
    }
}

TEST(LossKernels, have_the_same_bits_under_each_instruction_set) {
  for (const auto& [name, summary, loss] : kernels::loss_kernels_catalogue())
    for (const int K : many_outputs) {
      SCOPED_TRACE(::testing::Message() << name << ", K = " << K);
      const Case c(6, K, static_cast<std::uint64_t>(K) + 13000);
      const auto sums = numbers_of(score(loss, c.all()));
      const auto d = bits_of(c.gradient(loss, 0.3));
      with_each_instruction_set([&, &loss = loss] {
        EXPECT_EQ(numbers_of(score(loss, c.all())), sums);
        EXPECT_EQ(bits_of(c.gradient(loss, 0.3)), d);
      });
    }
}

const LossKernels& kernels_of(std::string_view name) {
  return find_in(kernels::loss_kernels_catalogue(), "loss", name).make;
}

TEST(CrossEntropyKernel, of_equal_largest_outputs_takes_the_first_for_the_answer) {
  Case c(2, 40, 1);
  std::fill_n(c.outputs.begin(), 40, 0.0F);
  std::copy_n(c.outputs.begin(), 40, c.outputs.begin() + static_cast<std::ptrdiff_t>(c.stride));
  for (const int r : {0, 1})
    for (const int k : {17, 33}) c.outputs[c.index(r, k)] = 2;
  c.batch.classes = {33, 17};
  EXPECT_EQ(score(kernels_of("cross_entropy"), c.rows(0, 1)).correct, 0);
  EXPECT_EQ(score(kernels_of("cross_entropy"), c.rows(1, 1)).correct, 1);
}

TEST(CrossEntropyKernel, does_not_overflow_where_outputs_are_large) {
  Case c(1, 20, 2);
  std::fill_n(c.outputs.begin(), 20, 1e30F);
  c.batch.classes = {4};
  EXPECT_NEAR(score(kernels_of("cross_entropy"), c.all()).loss, std::log(20.0), 1e-12);
  const auto d = c.gradient(kernels_of("cross_entropy"), 1);
  for (std::size_t k = 0; k < 20; ++k) EXPECT_NEAR(d[k], k == 4 ? -0.95 : 0.05, 1e-7);
}

// So that a trial that diverges is seen to.
TEST(LossKernels, of_a_row_with_nan_are_nan) {
  for (const auto& [name, summary, loss] : kernels::loss_kernels_catalogue())
    for (int bad = 0; bad < 37; ++bad) {
      SCOPED_TRACE(::testing::Message() << name << ", output " << bad);
      Case c(1, 37, 3);
      c.outputs[static_cast<std::size_t>(bad)] = nan;
      with_each_instruction_set([&, &name = name, &loss = loss] {
        EXPECT_TRUE(std::isnan(score(loss, c.all()).loss));
        EXPECT_TRUE(std::isnan(c.gradient(loss, 1)[static_cast<std::size_t>(bad)]));
        if (name == "cross_entropy") {
          EXPECT_EQ(score(loss, c.all()).correct, 0);
        }
      });
    }
}

}  // namespace
}  // namespace seqsweep::nn
