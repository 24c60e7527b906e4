// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>
#include <numeric>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "mpi_fixture.hpp"

namespace seqsweep::cluster {
namespace {

std::vector<int> all_ranks() {
  std::vector<int> ranks(static_cast<std::size_t>(test_world().size()));
  std::iota(ranks.begin(), ranks.end(), 0);
  return ranks;
}

std::vector<float> block_of(int rank, std::size_t size) {
  auto stream = RandomKey(1).fold(Purpose::test).fold(static_cast<std::uint64_t>(rank)).stream();
  std::vector<float> values(size);
  for (auto& v : values) v = static_cast<float>(stream.normal() * std::exp(10 * stream.uniform()));
  return values;
}

// Plain recursion over [first, first + count): the definition of the fixed tree.
std::vector<float> tree_sum(int first, int count, std::size_t size) {
  if (count == 1) return block_of(first, size);
  auto sum = tree_sum(first, count / 2, size);
  const auto right = tree_sum(first + count / 2, count / 2, size);
  for (std::size_t i = 0; i < size; ++i) sum[i] = sum[i] + right[i];
  return sum;
}

// Fails if the all-reduce adds in any other order than the fixed tree, or differs between ranks, or loses a remainder.
TEST(MpiGroup, adds_in_the_fixed_tree_bit_for_bit) {
  const auto group = test_world().make_group(all_ranks());
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{64},
                                 std::size_t{1001}, std::size_t{70000}}) {
    auto values = block_of(test_world().rank(), size);
    group->add_in_tree(values);
    const auto expected = tree_sum(0, group->size(), size);
    ASSERT_EQ(std::memcmp(values.data(), expected.data(), size * sizeof(float)), 0) << size << " elements";
  }
}

TEST(MpiGroup, gathers_in_the_order_of_ranks_and_broadcasts_from_the_leader) {
  const auto group = test_world().make_group(all_ranks());
  const std::vector<double> mine = {group->rank() * 10.0, group->rank() * 10.0 + 1};
  std::vector<double> all(mine.size() * static_cast<std::size_t>(group->size()));
  group->gather(mine, all);
  for (int r = 0; r < group->size(); ++r) EXPECT_EQ(all[2 * static_cast<std::size_t>(r) + 1], r * 10.0 + 1);
  std::vector<int> word = {group->rank() + 7};
  group->broadcast(std::as_writable_bytes(std::span(word)));
  EXPECT_EQ(word[0], 7);
}

TEST(MpiGroup, forms_again_and_again_from_some_of_the_ranks) {
  const int size = test_world().size();
  for (int round = 0; round < 20; ++round) {
    for (int width = 1; width <= size; width *= 2) {
      const int first = test_world().rank() / width * width;
      std::vector<int> ranks(static_cast<std::size_t>(width));
      std::iota(ranks.begin(), ranks.end(), first);
      const auto group = test_world().make_group(ranks);
      std::vector<float> one = {1};
      group->add_in_tree(one);
      ASSERT_EQ(one[0], static_cast<float>(width));
    }
  }
}

TEST(World, shares_memory_that_one_rank_of_the_node_filled) {
  int fills = 0;
  const auto shared = test_world().shared_memory()(1000, [&](std::span<std::byte> bytes) {
    ++fills;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i % 251);
  });
  ASSERT_EQ(shared.bytes.size(), 1000U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(shared.bytes.data()) % 64, 0U);
  for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(shared.bytes[i], static_cast<std::byte>(i % 251));
  const auto group = test_world().make_group(all_ranks());
  std::vector<float> total = {static_cast<float>(fills)};
  group->add_in_tree(total);
  EXPECT_EQ(total[0], 1.0F);  // these ranks are one node
}

TEST(World, says_that_memory_cannot_be_shared_on_every_rank_where_one_wants_another_size) {
  const auto& world = test_world();
  if (world.size() == 1) GTEST_SKIP() << "a rank by itself shares nothing";
  int fills = 0;
  const std::size_t num_bytes = world.rank() == world.size() - 1 ? 1000 : 2000;
  EXPECT_THROW((void)world.shared_memory()(num_bytes, [&](std::span<std::byte>) { ++fills; }), NoSharedMemory);
  EXPECT_EQ(fills, 0);
}

TEST(World, tells_every_rank_where_the_filling_of_shared_memory_failed) {
  const auto& world = test_world();
  const auto fill = [](std::span<std::byte>) { throw DataError("is broken", "x.h5"); };
  int here = 0;
  try {
    (void)world.shared_memory()(1000, fill);
    ADD_FAILURE() << "it went well";
  } catch (const DataError&) {
    here = 1;
  } catch (const ElsewhereError& e) {
    EXPECT_EQ(e.exit_code(), ExitCode::bad_file);
  }
  const auto group = world.make_group(all_ranks());
  std::vector<float> total = {static_cast<float>(here)};
  group->add_in_tree(total);
  EXPECT_EQ(total[0], 1.0F);
}

TEST(World, takes_the_least_value_of_the_node) {
  const auto& world = test_world();
  EXPECT_EQ(world.least_on_node(10.0 + (world.size() - world.rank())), 11.0);
}

// Names the line that differs, on the rank that differs, and fails on all.
TEST(World, agrees_on_texts_only_where_all_are_the_same) {
  const auto& world = test_world();
  EXPECT_NO_THROW(world.agree_on("config", "a = 1\nb = 2\n"));
  if (world.size() == 1) return;
  const int stranger = world.size() - 1;
  try {
    world.agree_on("config", world.rank() == stranger ? "a = 1\nb = 33\n" : "a = 1\nb = 2\n");
    ADD_FAILURE() << "agreed on two texts";
  } catch (const ElsewhereError& e) {
    EXPECT_NE(world.rank(), stranger);
    EXPECT_EQ(e.exit_code(), ExitCode::cluster);
  } catch (const ClusterError& e) {
    EXPECT_EQ(world.rank(), stranger);
    EXPECT_STREQ(e.what(), "its config is not that of rank 0 ('b = 33', there 'b = 2'); give all ranks the same");
  }
  EXPECT_TRUE(world.has_parted());
}

TEST(World, agrees_on_the_lowest_rank_with_an_error) {
  const auto& world = test_world();
  EXPECT_NO_THROW(world.agree(nullptr));
  const int culprit = world.size() - 1;
  const auto error = world.rank() == culprit ? std::make_exception_ptr(DataError("is broken", "x.h5")) : nullptr;
  try {
    world.agree(error);
    FAIL() << "agreed although a rank failed";
  } catch (const ElsewhereError& e) {
    EXPECT_NE(world.rank(), culprit);
    EXPECT_EQ(e.exit_code(), ExitCode::bad_file);
  } catch (const DataError& e) {
    EXPECT_EQ(world.rank(), culprit);
    EXPECT_STREQ(e.what(), "x.h5: is broken");
  }
}

TEST(World, carries_messages_both_ways) {
  const auto& world = test_world();
  if (world.size() == 1) GTEST_SKIP() << "a world of one has no wires";
  if (world.rank() == 0) {
    const auto channel = world.coordinator_channel();
    for (int rank = 1; rank < world.size(); ++rank)
      channel->send(rank,
                    RunSegment{.trial = TrialId(rank), .to_epoch = 3, .point = {}, .parent = {}, .ranks = {rank}});
    int answers = 0;
    for (Nap nap; answers < world.size() - 1;) {
      const auto message = channel->receive();
      if (!message) {
        nap.take();
        continue;
      }
      const auto& done = std::get<SegmentDone>(*message);
      EXPECT_EQ(done.record.to_epoch, 3);
      EXPECT_EQ(done.record.message, "trial " + std::to_string(done.record.trial.value));
      ++answers;
    }
    channel->flush();
  } else {
    const auto channel = world.worker_channel();
    std::optional<ToWorker> message;
    for (Nap nap; !(message = channel->receive());) nap.take();
    const auto& order = std::get<RunSegment>(*message);
    EXPECT_EQ(order.trial.value, world.rank());
    SegmentDone done;
    done.record.trial = order.trial;
    done.record.to_epoch = order.to_epoch;
    done.record.message = "trial " + std::to_string(order.trial.value);
    channel->send(done);
    channel->flush();
  }
}

}  // namespace
}  // namespace seqsweep::cluster
