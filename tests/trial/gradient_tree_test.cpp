// SPDX-License-Identifier: Apache-2.0
// The tree of a step against the naive one over dense gradients [P]: ((0+1)+(2+3))+…, element by element.
#include "seqsweep/trial/gradient_tree.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "repetitions.hpp"
#include "support.hpp"

namespace seqsweep::trial {
namespace {

using namespace testing_support;

constexpr int vocabulary = 23, embedding_size = 5;

/// Elements of layer 0, 1, … and of the head, as they stand in the block.
using PartSizes = std::vector<int>;
const PartSizes small_parts = {300, 200, 11};
// From the back: the head waits for layer 3; layer 2 for layer 1; layer 0 goes with the rest.
const PartSizes large_parts = {500, 66'000, 300, 66'000, 41};
constexpr int early_parts_of_large = 2;

enum class Embedding { none, first };

nn::ParameterLayout layout_of(const PartSizes& parts, Embedding embedding) {
  nn::ParameterLayout layout;
  const auto append = [&](const std::string& name, int rows, int columns) {
    layout.tensors.push_back({name, rows, columns, layout.size, false});
    layout.size += layout.tensors.back().size();
  };
  if (embedding == Embedding::first) append("embedding.weight", vocabulary, embedding_size);
  for (std::size_t i = 0; i < parts.size(); ++i) append("part" + std::to_string(i), parts[i], 1);
  return layout;
}

struct Shard {
  nn::GradientBlock gradient;
  StepSums sums;
};

/// Full mantissas, either sign, 24 exponents: any other order of additions rounds otherwise.
float rough_number(RandomStream& stream) {
  const double mantissa = 1 + stream.uniform();
  const double sign = stream.below(2) == 0 ? -1 : 1;
  return static_cast<float>(std::ldexp(sign * mantissa, static_cast<int>(stream.below(24)) - 12));
}

Shard rough_shard(const nn::ParameterLayout& layout, RandomStream stream) {
  Shard shard;
  if (nn::embedding_of(layout) != nullptr) {
    std::set<std::int32_t> touched;
    for (std::uint32_t n = 1 + stream.below(5); n > 0; --n)
      touched.insert(static_cast<std::int32_t>(stream.below(vocabulary)));
    shard.gradient.touched.assign(touched.begin(), touched.end());
  }
  shard.gradient.values.resize(layout.size - nn::dense_begin(layout));
  shard.gradient.rows.resize(shard.gradient.touched.size() * embedding_size);
  for (auto* numbers : {&shard.gradient.values, &shard.gradient.rows})
    for (float& g : *numbers) g = rough_number(stream);
  shard.sums = {rough_number(stream), rough_number(stream), static_cast<float>(stream.below(2))};
  return shard;
}

/// That of no sequences.
Shard empty_shard(const nn::ParameterLayout& layout) {
  return {{std::vector<float>(layout.size - nn::dense_begin(layout)), {}, {}}, {}};
}

/// A step with no empty shard, one with single ones, one of a rank of empty shards (2 of 4), and one of nothing else.
std::vector<std::vector<Shard>> steps_of(const nn::ParameterLayout& layout, int num_shards) {
  std::vector<std::vector<Shard>> steps(4);
  for (std::uint64_t step = 0; step < steps.size(); ++step)
    for (int i = 0; i < num_shards; ++i) {
      const bool is_of_empty_rank = num_shards >= 4 && i / (num_shards / 4) == 2;
      const bool is_empty = std::array{false, i % 5 == 2, is_of_empty_rank, true}[step];
      const auto key = RandomKey(21).fold(Purpose::test).fold(step).fold(static_cast<std::uint64_t>(i));
      steps[step].push_back(is_empty ? empty_shard(layout) : rough_shard(layout, key.stream()));
    }
  return steps;
}

/// What a step gives: the gradient [P] with the three sums behind it, and the touched rows.
struct Outcome {
  std::vector<float> numbers;
  std::vector<std::int32_t> touched;
};

std::vector<float> dense(const nn::ParameterLayout& layout, const nn::GradientBlock& gradient, const StepSums& sums) {
  auto numbers = nn::to_dense(layout, gradient);
  numbers.insert(numbers.end(), {sums.loss, sums.count, sums.wants_stop});
  return numbers;
}

std::vector<float> plus(std::vector<float> left, const std::vector<float>& right) {
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = left[i] + right[i];
  return left;
}

std::vector<float> naive_tree(const nn::ParameterLayout& layout, std::span<const Shard> shards) {
  if (shards.size() == 1) return dense(layout, shards[0].gradient, shards[0].sums);
  const std::size_t half = shards.size() / 2;
  return plus(naive_tree(layout, shards.first(half)), naive_tree(layout, shards.subspan(half)));
}

Outcome naive_outcome(const nn::ParameterLayout& layout, std::span<const Shard> shards) {
  std::set<std::int32_t> touched;
  for (const Shard& shard : shards) touched.insert(shard.gradient.touched.begin(), shard.gradient.touched.end());
  return {naive_tree(layout, shards), {touched.begin(), touched.end()}};
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

enum class Adding { at_start, at_finish };

/// Adds parts as soon or as late as a group may. Whoever touches a part on its way gets other sums with one of them.
class PartsGroup final : public Group {
 public:
  PartsGroup(Group& group, Adding adding) : group_(group), adding_(adding) {}
  [[nodiscard]] int rank() const override { return group_.rank(); }
  [[nodiscard]] int size() const override { return group_.size(); }
  void add_in_tree(std::span<float> values) override { group_.add_in_tree(values); }
  void start_add_in_tree(std::span<float> part) override {
    ++num_started;
    if (adding_ == Adding::at_start)
      group_.add_in_tree(part);
    else
      under_way_.push_back(part);
  }
  void finish_add_in_tree() override {
    for (const auto part : under_way_) group_.add_in_tree(part);
    under_way_.clear();
  }
  void gather(std::span<const double> mine, std::span<double> all) override { group_.gather(mine, all); }
  void broadcast(std::span<std::byte> bytes) override { group_.broadcast(bytes); }

  int num_started = 0;

 private:
  Group& group_;
  Adding adding_;
  std::vector<std::span<float>> under_way_;
};

enum class Parts { told, untold };

struct Way {
  int num_ranks = 1, shards_together = 1;
  Parts parts = Parts::told;
  Adding adding = Adding::at_start;
};

std::string text_of(const Way& way, int num_shards, std::size_t step) {
  return std::to_string(num_shards) + " shards on " + std::to_string(way.num_ranks) + " ranks, " +
         std::to_string(way.shards_together) + " together, parts " + (way.parts == Parts::told ? "told" : "untold") +
         ", added at " + (way.adding == Adding::at_start ? "start" : "finish") + ", step " + std::to_string(step);
}

/// The gradient of a pass: that of its shards, added by the naive tree.
nn::GradientBlock added_up(const nn::ParameterLayout& layout, std::span<const Shard> shards) {
  const auto [numbers, touched] = naive_outcome(layout, shards);
  const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(nn::dense_begin(layout));
  nn::GradientBlock sum{{begin, numbers.begin() + static_cast<std::ptrdiff_t>(layout.size)}, touched, {}};
  for (const std::int32_t row : touched) {
    const auto from = numbers.begin() + row * embedding_size;
    sum.rows.insert(sum.rows.end(), from, from + embedding_size);
  }
  return sum;
}

/// What Network::forward_backward does with a pass: the head's values, the layers' from the last, then the rows.
/// The tree may neither use values that are not yet computed nor change them.
void compute(const nn::ParameterLayout& layout, std::span<const Shard> shards, const PartSizes& parts,
             const nn::PassHooks& hooks, GradientTree& tree) {
  constexpr float not_yet = 1e30F;
  const nn::GradientBlock sum = added_up(layout, shards);
  nn::GradientBlock& of_pass = tree.of_pass();
  std::size_t end = sum.values.size();
  std::fill_n(of_pass.values.begin(), end, not_yet);
  for (std::size_t part = parts.size(); part-- > 0;) {
    if (hooks.between_steps) hooks.between_steps();
    const std::size_t begin = end - static_cast<std::size_t>(parts[part]);
    std::copy_n(sum.values.data() + begin, end - begin, of_pass.values.data() + begin);
    if (hooks.on_gradient) hooks.on_gradient(begin, end);
    const auto rest = std::span(of_pass.values).first(begin);
    EXPECT_EQ(std::ranges::count(rest, not_yet), static_cast<std::ptrdiff_t>(begin));
    end = begin;
  }
  of_pass.touched = sum.touched;
  of_pass.rows = sum.rows;
  std::vector<StepSums> sums;
  for (const Shard& shard : shards) sums.push_back(shard.sums);
  tree.set_sums(sums);
}

/// One step on one rank. Returns how many parts left before join_all().
int run_step(const nn::ParameterLayout& layout, std::span<const Shard> all, const PartSizes& parts, const Way& way,
             GradientTree& tree, Group& group) {
  PartsGroup adder(group, way.adding);
  const std::size_t here = all.size() / static_cast<std::size_t>(group.size());
  const auto mine = all.subspan(here * static_cast<std::size_t>(group.rank()), here);
  const std::size_t together = std::min(here, static_cast<std::size_t>(way.shards_together));
  const int last = static_cast<int>(here / together) - 1;
  for (int pass = 0; pass < last; ++pass) {
    compute(layout, mine.subspan(static_cast<std::size_t>(pass) * together, together), parts, {}, tree);
    tree.join(pass);
  }
  auto hooks = tree.hooks_of_last(last, adder);
  if (way.parts == Parts::untold) hooks = {};
  compute(layout, mine.last(together), parts, hooks, tree);
  const int num_early = adder.num_started;
  tree.join_all(adder);
  return num_early;
}

/// All steps with one tree per rank; every rank must end each with the naive sums.
void expect_naive_sums(const PartSizes& parts, const nn::ParameterLayout& layout,
                       const std::vector<std::vector<Shard>>& steps, const std::vector<Outcome>& expected,
                       const Way& way) {
  const int num_shards = static_cast<int>(steps[0].size());
  run_group(way.num_ranks, [&](Group& group) {
    GradientTree tree(layout, num_shards, std::min(num_shards, way.shards_together));
    for (std::size_t step = 0; step < steps.size(); ++step) {
      const auto what = text_of(way, num_shards, step);
      const int num_early = run_step(layout, steps[step], parts, way, tree, group);
      EXPECT_TRUE(same_bits(dense(layout, tree.gradient(), tree.sums()), expected[step].numbers)) << what;
      EXPECT_EQ(tree.gradient().touched, expected[step].touched) << what;
      const bool has_early = parts == large_parts && way.num_ranks > 1 && way.parts == Parts::told;
      EXPECT_EQ(num_early, has_early ? early_parts_of_large : 0) << what;
    }
  });
}

void expect_naive_sums_in_every_way(const PartSizes& parts, Embedding embedding) {
  const auto layout = layout_of(parts, embedding);
  int num_ways = 0;
  for (const int num_shards : {1, 2, 4, 8, 16}) {
    const auto steps = steps_of(layout, num_shards);
    std::vector<Outcome> expected;
    for (const auto& shards : steps) expected.push_back(naive_outcome(layout, shards));
    for (const int num_ranks : {1, 2, 4})
      for (const int together : {1, 2, 4})
        for (const auto told : {Parts::told, Parts::untold})
          for (const auto adding : {Adding::at_start, Adding::at_finish})
            if (num_ranks <= num_shards && together <= num_shards && num_ways++ % test::stride == 0)
              expect_naive_sums(parts, layout, steps, expected, {num_ranks, together, told, adding});
  }
}

TEST(GradientTree, adds_small_gradients_as_the_naive_tree_does) {
  expect_naive_sums_in_every_way(small_parts, Embedding::none);
}

TEST(GradientTree, adds_small_gradients_with_an_embedding_as_the_naive_tree_does) {
  expect_naive_sums_in_every_way(small_parts, Embedding::first);
}

TEST(GradientTree, adds_parts_that_leave_early_as_the_naive_tree_does) {
  expect_naive_sums_in_every_way(large_parts, Embedding::none);
}

TEST(GradientTree, adds_parts_that_leave_early_with_an_embedding_as_the_naive_tree_does) {
  expect_naive_sums_in_every_way(large_parts, Embedding::first);
}

// Or the tests above could not tell one order from another.
TEST(GradientTree, test_numbers_round_otherwise_in_another_order) {
  const auto layout = layout_of(small_parts, Embedding::first);
  for (const int num_shards : {4, 8, 16}) {
    const auto shards = steps_of(layout, num_shards).front();
    auto in_turn = dense(layout, shards[0].gradient, shards[0].sums);
    for (std::size_t i = 1; i < shards.size(); ++i)
      in_turn = plus(in_turn, dense(layout, shards[i].gradient, shards[i].sums));
    EXPECT_FALSE(same_bits(in_turn, naive_tree(layout, shards))) << num_shards;
  }
}

}  // namespace
}  // namespace seqsweep::trial
