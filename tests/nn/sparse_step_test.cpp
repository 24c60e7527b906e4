// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/nn/gradient_block.hpp"
#include "seqsweep/nn/stepper.hpp"

#include "nn/instruction_sets.hpp"
#include "nn/optimizer_reference.hpp"
#include "repetitions.hpp"

namespace seqsweep::nn {
namespace {

constexpr int vocabulary = 61;

/// An embedding of `vocabulary` rows before other tensors.
ParameterLayout layout_with(int embedding_size) {
  ParameterLayout layout;
  layout.tensors = {{"embedding.weight", vocabulary, embedding_size, 0, false},
                    {"rnn.weight", 3, 7, 0, false},
                    {"head.weight", 2, 5, 0, false},
                    {"head.bias", 2, 1, 0, true}};
  for (Tensor& tensor : layout.tensors) {
    tensor.offset = layout.size;
    layout.size += tensor.size();
  }
  return layout;
}

/// Weights that are hard to leave alone: zeros of both signs, powers of two, tiny ones.
std::vector<float> awkward_weights(std::size_t size, RandomKey key) {
  auto stream = key.stream();
  std::vector<float> weights(size);
  constexpr float special[] = {0.0F, -0.0F, 1.0F, -0.5F, 1e-20F, 3e-15F, -1e-40F};
  for (float& w : weights)
    w = stream.below(4) == 0 ? special[stream.below(std::size(special))] : static_cast<float>(stream.normal() / 8);
  return weights;
}

/// Rows that a batch holds: row 0 nearly always, the last ones hardly ever, row 1 never. A full batch: every other
/// row but row 1.
enum class Fill { sparse, full };
std::vector<std::int32_t> random_rows(RandomStream& stream, Fill fill = Fill::sparse) {
  std::vector<std::int32_t> rows;
  for (std::int32_t row = 0; row < vocabulary; ++row)
    if (row != 1 && stream.uniform() < (fill == Fill::full ? 0.5 : std::pow(0.75, row))) rows.push_back(row);
  return rows;
}

/// The first tensor of a dense gradient, the embedding, by the rows that were touched.
GradientBlock by_rows(const ParameterLayout& layout, const std::vector<float>& dense,
                      std::vector<std::int32_t> touched) {
  const auto E = static_cast<std::ptrdiff_t>(embedding_of(layout)->columns);
  GradientBlock block;
  block.values.assign(dense.begin() + static_cast<std::ptrdiff_t>(dense_begin(layout)), dense.end());
  for (const std::int32_t row : touched)
    block.rows.insert(block.rows.end(), dense.begin() + row * E, dense.begin() + (row + 1) * E);
  block.touched = std::move(touched);
  return block;
}

/// The same training twice: lazily, and one element at a time over all of a gradient with zeros in it.
class Twins {
 public:
  Twins(const OptimizerSpec& spec, int embedding_size)
      : layout_(layout_with(embedding_size)),
        stepper_(spec, layout_),
        scalar_{spec},
        parameters_(awkward_weights(layout_.size, key_)) {
    slots_.resize(layout_.size * static_cast<std::size_t>(stepper_.num_slots()));
    expected_ = parameters_;
    expected_slots_.resize(layout_.size);
  }

  void step(RandomStream& stream, Fill fill = Fill::sparse) {
    const auto touched = random_rows(stream, fill);
    const double rate = scalar_.spec.learning_rate * (stream.below(20) == 0 ? 100 : 1 + stream.uniform());
    std::vector<float> zero_filled(layout_.size);
    for (float& g : zero_filled) g = stream.below(5) == 0 ? 0.0F : static_cast<float>(stream.normal() / 64);
    const Tensor& embedding = *embedding_of(layout_);
    for (std::int32_t row = 0; row < vocabulary; ++row) {
      if (std::binary_search(touched.begin(), touched.end(), row)) continue;
      const auto E = static_cast<std::ptrdiff_t>(embedding.columns);
      const auto offset = static_cast<std::ptrdiff_t>(embedding.offset) + row * E;
      std::fill_n(zero_filled.begin() + offset, E, 0.0F);
    }
    expected_step(zero_filled, rate);
    stepper_.catch_up(parameters_, slots_, touched);
    expect_rows_up_to_date(touched);
    const StepRecord record =
        stepper_.step(parameters_, by_rows(layout_, zero_filled, touched), slots_, ++steps_, rate);
    ASSERT_EQ(record.gradient_norm, norm_);
    before_ = expected_;
  }

  void catch_up(RandomStream& stream) { stepper_.catch_up(parameters_, slots_, random_rows(stream)); }
  void flush() { stepper_.flush(parameters_, slots_); }

  void expect_equal() const {
    ASSERT_EQ(bits_of(parameters_), bits_of(expected_)) << "after step " << steps_;
    for (std::size_t s = 0; s * layout_.size < slots_.size(); ++s)
      for (std::size_t i = 0; i < layout_.size; ++i)
        ASSERT_EQ(std::bit_cast<std::uint32_t>(slots_[s * layout_.size + i]),
                  std::bit_cast<std::uint32_t>(expected_slots_[i][s]))
            << "slot " << s << " of element " << i << " after step " << steps_;
  }

 private:
  void expected_step(std::vector<float> gradient, double rate) {
    before_ = expected_;
    ScalarSquareSum squares;
    const Tensor& embedding = *embedding_of(layout_);
    const auto add = [&](const Tensor& tensor) { squares.add(gradient.data() + tensor.offset, tensor.size()); };
    // Neighbours of one kind are one range; the embedding comes last, row by row.
    const Tensor &rnn = layout_.tensors[1], &head = layout_.tensors[2];
    squares.add(gradient.data() + rnn.offset, rnn.size() + head.size());
    add(layout_.tensors[3]);
    const auto E = static_cast<std::size_t>(embedding.columns);
    for (std::size_t row = 0; row < vocabulary; ++row) squares.add(gradient.data() + embedding.offset + row * E, E);
    norm_ = std::sqrt(squares.total());
    const double clip = scalar_.spec.clip_norm;
    const double coefficient = clip > 0 ? std::min(1.0, clip / (norm_ + 1e-6)) : 1.0;
    for (const Tensor& tensor : layout_.tensors)
      for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size(); ++i)
        scalar_.step(expected_[i], gradient[i] * static_cast<float>(coefficient), expected_slots_[i], tensor.is_bias,
                     steps_ + 1, rate);
  }

  /// What the forward pass of the coming step reads.
  void expect_rows_up_to_date(const std::vector<std::int32_t>& rows) const {
    const Tensor& embedding = *embedding_of(layout_);
    const auto E = static_cast<std::size_t>(embedding.columns);
    for (const std::int32_t row : rows) {
      const std::size_t offset = embedding.offset + static_cast<std::size_t>(row) * E;
      ASSERT_EQ(bits_of(std::span(parameters_).subspan(offset, E)), bits_of(std::span(before_).subspan(offset, E)))
          << "row " << row << " before step " << steps_ + 1;
    }
  }

  RandomKey key_ = RandomKey(13).fold(Purpose::test);
  ParameterLayout layout_;
  Stepper stepper_;
  ScalarOptimizer scalar_;
  std::vector<float> parameters_, slots_, expected_, before_;
  std::vector<std::array<float, 2>> expected_slots_;
  double norm_ = 0;
  std::int64_t steps_ = 0;
};

/// Those of every_optimizer, and what makes them dense, quick to settle, or slow to.
std::vector<OptimizerSpec> sparse_specs() {
  auto specs = every_optimizer();
  for (OptimizerSpec spec : every_optimizer()) {
    spec.clip_norm = 0.3;
    spec.learning_rate = 1e-4;
    spec.beta1 = 0.5;
    spec.momentum /= 3;
    specs.push_back(spec);
    spec.l1 = 0.01;
    specs.push_back(spec);
  }
  for (const double epsilon : {0.0, 1e-14, 1e-3}) {
    specs.push_back({.name = "adam", .epsilon = epsilon});
    specs.push_back({.name = "rmsprop", .epsilon = epsilon});
  }
  // m outlives v: changes that are lost at first may grow until they show
  for (const double rate : {1e-3, 1e-11})
    specs.push_back({.name = "adam", .learning_rate = rate, .beta1 = 0.99, .beta2 = 0.9});
  return specs;
}

// Fails if a row misses or repeats a step, takes one with another step's factors, stops moving too early, or if a norm
// depends on rows that hold no gradient.
TEST(SparseStep, is_the_dense_step_bit_for_bit_however_rows_are_caught_up) {
  for (const OptimizerSpec& spec : sparse_specs())
    for (const int embedding_size : {1, 13, 37}) {
      SCOPED_TRACE(::testing::Message() << spec.name << " momentum " << spec.momentum << " epsilon " << spec.epsilon
                                        << " beta1 " << spec.beta1 << " l1 " << spec.l1 << " E " << embedding_size);
      auto stream = RandomKey(14).fold(Purpose::test).stream();
      Twins twins(spec, embedding_size);
      for (std::uint64_t step = 0; step < test::repetitions(400); ++step) {
        twins.step(stream, stream.below(90) == 0 ? Fill::full : Fill::sparse);
        if (stream.below(6) == 0) twins.catch_up(stream);
        if (stream.below(100) == 0) twins.flush();
        if (::testing::Test::HasFatalFailure()) return;
      }
      twins.flush();
      twins.expect_equal();
      if (::testing::Test::HasFatalFailure()) return;
    }
}

// Rows that wait for thousands of steps settle, and all rows catch up by themselves when too many steps have gathered.
TEST(SparseStep, is_the_dense_step_after_thousands_of_steps_without_a_flush) {
  for (const OptimizerSpec& spec : every_optimizer()) {
    SCOPED_TRACE(::testing::Message() << spec.name << " momentum " << spec.momentum);
    with_each_instruction_set([&] {
      auto stream = RandomKey(15).fold(Purpose::test).stream();
      Twins twins(spec, 9);
      for (int step = 0; step < 5000 && !::testing::Test::HasFatalFailure(); ++step) twins.step(stream);
      twins.flush();
      twins.expect_equal();
    });
  }
}

TEST(SparseStep, refuses_rows_that_do_not_rise_or_do_not_exist_and_steps_out_of_order) {
  const ParameterLayout layout = layout_with(4);
  Stepper stepper({.name = "adam"}, layout);
  std::vector<float> parameters(layout.size), slots(2 * layout.size);
  GradientBlock gradient{std::vector<float>(layout.size - dense_begin(layout)), {}, {}};
  const auto step = [&](std::vector<std::int32_t> touched, std::int64_t number) {
    gradient.rows.assign(4 * touched.size(), 0.0F);
    gradient.touched = std::move(touched);
    stepper.step(parameters, gradient, slots, number, 0.1);
  };
  for (const auto& bad : std::vector<std::vector<std::int32_t>>{{2, 1}, {3, 3}, {-1}, {0, vocabulary}})
    EXPECT_THROW(step(bad, 1), ContractViolation);
  step({1, 2}, 1);
  EXPECT_THROW(step({1}, 3), ContractViolation);
  step({1}, 2);
  stepper.flush(parameters, slots);
  step({1}, 7);
}

/// A block of sums of random terms from +0 on.
GradientBlock random_block(const ParameterLayout& layout, std::uint64_t what) {
  auto stream = RandomKey(16).fold(Purpose::test).fold(what).stream();
  std::vector<float> dense(layout.size);
  for (float& g : dense)
    for (std::uint32_t n = stream.below(3); n > 0; --n) g += static_cast<float>(stream.normal()) * -1.0F;
  return by_rows(layout, dense, what % 7 == 0 ? std::vector<std::int32_t>{} : random_rows(stream));
}

TEST(GradientBlock, sums_are_those_of_dense_gradients_bit_for_bit) {
  for (const int embedding_size : {1, 5, 16, 37}) {
    const ParameterLayout layout = layout_with(embedding_size);
    for (std::uint64_t what = 0; what < 60; ++what) {
      const GradientBlock left = random_block(layout, 2 * what);
      GradientBlock right = random_block(layout, 2 * what + 1);
      auto expected = to_dense(layout, right);
      const auto addend = to_dense(layout, left);
      for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = addend[i] + expected[i];
      std::vector<std::int32_t> both;
      std::set_union(left.touched.begin(), left.touched.end(), right.touched.begin(), right.touched.end(),
                     std::back_inserter(both));
      add(left, right);
      EXPECT_EQ(right.touched, both);
      EXPECT_EQ(right.rows.size(), both.size() * static_cast<std::size_t>(embedding_size));
      EXPECT_EQ(bits_of(to_dense(layout, right)), bits_of(expected));
    }
  }
}

TEST(GradientBlock, touches_further_rows_with_zeros) {
  const ParameterLayout layout = layout_with(5);
  GradientBlock block = random_block(layout, 1);
  const auto before = to_dense(layout, block);
  const std::vector<std::int32_t> tokens = {0, 1, 40, vocabulary - 1};
  touch(tokens, 5, block);
  EXPECT_TRUE(std::includes(block.touched.begin(), block.touched.end(), tokens.begin(), tokens.end()));
  EXPECT_TRUE(std::is_sorted(block.touched.begin(), block.touched.end()));
  EXPECT_EQ(block.rows.size(), 5 * block.touched.size());
  EXPECT_EQ(bits_of(to_dense(layout, block)), bits_of(before));
}

TEST(GradientBlock, adds_without_allocating_once_its_memory_has_grown) {
  const ParameterLayout layout = layout_with(5);
  GradientBlock right = random_block(layout, 1);
  right.touched.reserve(vocabulary);
  right.rows.reserve(5 * vocabulary);
  const auto* touched = right.touched.data();
  const auto* rows = right.rows.data();
  const auto* values = right.values.data();
  for (std::uint64_t what = 0; what < 20; ++what) add(random_block(layout, what), right);
  EXPECT_EQ(right.touched.data(), touched);
  EXPECT_EQ(right.rows.data(), rows);
  EXPECT_EQ(right.values.data(), values);
}

TEST(GradientBlock, without_an_embedding_is_a_plain_sum) {
  GradientBlock left{std::vector<float>(21, 1.5F), {}, {}}, right{std::vector<float>(21, 2.0F), {}, {}};
  add(left, right);
  EXPECT_EQ(right.values, std::vector<float>(21, 3.5F));
}

}  // namespace
}  // namespace seqsweep::nn
