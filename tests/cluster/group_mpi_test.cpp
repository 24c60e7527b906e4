// SPDX-License-Identifier: Apache-2.0
// The gradient all-reduce by brute force, against a plain recursion over what every rank would have given.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "mpi_fixture.hpp"

namespace {
std::atomic<long> num_allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++num_allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace seqsweep::cluster {
namespace {

constexpr std::size_t largest = 300'000;

std::unique_ptr<trial::Group> group_of_all() {
  std::vector<int> ranks(static_cast<std::size_t>(test_world().size()));
  std::iota(ranks.begin(), ranks.end(), 0);
  return test_world().make_group(ranks);
}

// Magnitudes over four decades and both signs: almost every sum rounds, and differently in another order.
std::vector<float> block_of(int rank) {
  auto stream = RandomKey(2).fold(Purpose::test).fold(static_cast<std::uint64_t>(rank)).stream();
  std::vector<float> values(largest);
  for (auto& v : values) v = static_cast<float>((stream.uniform() - 0.5) * std::exp(10 * stream.uniform()));
  return values;
}

// The definition of the fixed tree, over ranks first … first + count - 1.
std::vector<float> tree_sum(int first, int count) {
  if (count == 1) return block_of(first);
  auto sum = tree_sum(first, count / 2);
  const auto right = tree_sum(first + count / 2, count / 2);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = sum[i] + right[i];
  return sum;
}

const std::vector<float>& own_block() {
  static const auto block = block_of(test_world().rank());
  return block;
}

const std::vector<float>& expected() {
  static const auto sum = tree_sum(0, test_world().size());
  return sum;
}

bool has_same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

std::vector<std::size_t> many_sizes() {
  std::set<std::size_t> sizes;
  for (std::size_t n = 0; n <= 130; ++n) sizes.insert(n);
  for (double n = 130; n < static_cast<double>(largest); n *= 1.25) sizes.insert(static_cast<std::size_t>(n));
  for (std::size_t power = 256; power < largest; power *= 2)  // thresholds, also when divided by ranks less one
    for (const std::size_t others : {1, 3, 7})
      for (const std::size_t near : {power / others - 1, power / others, power / others + 1, power / others + 2})
        sizes.insert(near);
  return {sizes.begin(), sizes.end()};
}

// If this does not hold, no other test here could see a wrong order.
TEST(TreeReduction, is_tested_with_values_whose_order_matters) {
  const int size = test_world().size();
  if (size < 4) GTEST_SKIP() << "two terms have one order";
  auto in_a_row = block_of(0);
  for (int r = 1; r < size; ++r) {
    const auto next = block_of(r);
    for (std::size_t i = 0; i < largest; ++i) in_a_row[i] += next[i];
  }
  std::size_t num_different = 0;
  for (std::size_t i = 0; i < largest; ++i) num_different += in_a_row[i] != expected()[i] ? 1 : 0;
  EXPECT_GT(num_different, largest / 20);
}

// Fails for any other order of adding, a lost remainder, a write past the end, ranks that choose different ways.
TEST(TreeReduction, adds_in_the_fixed_tree_at_every_size) {
  const auto group = group_of_all();
  constexpr float guard = 12345;
  std::vector<std::size_t> wrong;  // told at the end: a rank that stops early leaves the others waiting
  for (const std::size_t size : many_sizes()) {
    std::vector<float> values(own_block().begin(), own_block().begin() + static_cast<std::ptrdiff_t>(size));
    values.push_back(guard);
    group->add_in_tree(std::span(values).first(size));
    const bool is_right = has_same_bits(std::span(values).first(size), std::span(expected()).first(size));
    if (!is_right || values.back() != guard) wrong.push_back(size);
  }
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " sizes are wrong, the first has " << wrong.front() << " floats";
}

// Parts of random sizes; ranks look after them at different times and are late by turns, and other collective calls
// come in between. Fails if a message of one part is taken for another's, or the cut shows in the bits.
TEST(TreeReduction, in_parts_gives_the_bits_of_the_whole) {
  const auto group = group_of_all();
  auto cuts = RandomKey(3).fold(Purpose::test).stream();  // the same on every rank
  auto habits = RandomKey(4).fold(Purpose::test).fold(static_cast<std::uint64_t>(group->rank())).stream();
  for (int round = 0; round < 40; ++round) {
    const std::size_t size = 1 + cuts.below(largest);
    const std::size_t longest = round % 2 == 0 ? size : 1 + size / 20;
    std::vector<float> values(own_block().begin(), own_block().begin() + static_cast<std::ptrdiff_t>(size));
    for (std::size_t begin = 0, end = 0; begin < size; begin = end) {
      end = std::min(size, begin + 1 + cuts.below(static_cast<std::uint32_t>(longest)));
      if (habits.below(8) == 0) std::this_thread::sleep_for(std::chrono::microseconds(habits.below(300)));
      group->start_add_in_tree(std::span(values).subspan(begin, end - begin));
      for (auto looks = habits.below(2000); looks > 0; --looks) group->progress();
    }
    if (round % 4 == 0) {
      const std::vector<double> mine = {group->rank() + 0.5};
      std::vector<double> all(static_cast<std::size_t>(group->size()));
      group->gather(mine, all);
      EXPECT_EQ(all.back(), group->size() - 0.5);
    }
    group->finish_add_in_tree();
    EXPECT_TRUE(has_same_bits(values, std::span(expected()).first(size))) << "round " << round << ", " << size;
  }
}

TEST(TreeReduction, may_be_finished_without_a_start) {
  const auto group = group_of_all();
  group->progress();
  group->finish_add_in_tree();
  std::vector<float> one = {1};
  group->add_in_tree(one);
  EXPECT_EQ(one[0], static_cast<float>(group->size()));
}

TEST(TreeReduction, allocates_nothing_once_it_has_seen_a_size) {
  const auto group = group_of_all();
  std::vector<float> values(200'000);
  const auto reduce = [&] {
    group->start_add_in_tree(std::span(values).first(150'000));
    group->progress();
    group->start_add_in_tree(std::span(values).subspan(150'000));
    group->finish_add_in_tree();
    group->add_in_tree(std::span(values).first(1000));
  };
  reduce();
  const long before = num_allocations;
  for (int i = 0; i < 5; ++i) reduce();
  EXPECT_EQ(num_allocations, before);
}

}  // namespace
}  // namespace seqsweep::cluster
