// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/messages.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::cluster {
namespace {

EpochDone some_epoch() {
  EpochDone message;
  message.record.trial = TrialId(7);
  message.record.epoch = 3;
  message.record.train_loss = 1.0 / 3;
  message.record.validation.rmse = 2.5;
  message.record.gradient_flow = {{0, 0, 0, 1.5}, {1, 2, 3, 1e-30}};
  message.record.metrics = {{"accuracy", 0.5}, {"val_loss", -1e300}};
  return message;
}

TEST(Messages, come_back_as_they_were) {
  const RunSegment order{.leg = 1LL << 40,
                         .generation = 7,
                         .trial = TrialId(12),
                         .from_epoch = 4,
                         .to_epoch = 16,
                         .best_value = 0.25,
                         .best_epoch = 3,
                         .point = {{std::int64_t{64}, 1e-3, std::string("lstm"), std::nullopt}},
                         .parent = {TrialId(3), 2},
                         .ranks = {3, 4, 5, 6}};
  const auto bytes = pack(ToWorker(order));
  const auto back = std::get<RunSegment>(unpack_to_worker(0, bytes));
  EXPECT_EQ(back.leg, order.leg);
  EXPECT_EQ(back.generation, 7);
  EXPECT_EQ(back.trial, order.trial);
  EXPECT_EQ(back.from_epoch, 4);
  EXPECT_EQ(back.to_epoch, 16);
  EXPECT_EQ(back.best_value, 0.25);
  EXPECT_EQ(back.best_epoch, 3);
  EXPECT_EQ(back.point, order.point);
  EXPECT_EQ(back.parent, order.parent);
  EXPECT_EQ(back.ranks, order.ranks);

  const auto epoch = std::get<EpochDone>(unpack_to_coordinator(0, pack(ToCoordinator(some_epoch()))));
  EXPECT_EQ(epoch.record.train_loss, 1.0 / 3);
  EXPECT_EQ(epoch.record.validation.rmse, 2.5);
  EXPECT_TRUE(std::isnan(epoch.record.validation.accuracy));
  ASSERT_EQ(epoch.record.gradient_flow.size(), 2U);
  EXPECT_EQ(epoch.record.gradient_flow[1].norm, 1e-30);
  ASSERT_EQ(epoch.record.metrics.size(), 2U);
  EXPECT_EQ(epoch.record.metrics[1].name, "val_loss");
  EXPECT_EQ(epoch.record.metrics[1].value, -1e300);
}

TEST(Messages, of_every_kind_come_back_as_that_kind) {
  const std::vector<ToWorker> to_worker = {RunSegment{},       Regroup{5, 6, 1, {4, 2}}, Interrupt{}, Abandon{9},
                                           CoordinatorAlive{}, RankLost{2, 7},           Shutdown{},  Leave{true}};
  for (const auto& message : to_worker) {
    const auto back = unpack_to_worker(static_cast<int>(message.index()), pack(message));
    EXPECT_EQ(back.index(), message.index());
    EXPECT_EQ(pack(back), pack(message));
  }
  EXPECT_EQ(std::get<Regroup>(unpack_to_worker(1, pack(to_worker[1]))).ranks, (std::vector<int>{4, 2}));
  const std::vector<ToCoordinator> to_coordinator = {some_epoch(),      LegDone{3, 0.5, {}},          SegmentDone{},
                                                     OutOfMemory{3, 9}, WorkerAlive{2, 8, 1.5, 0.25}, Goodbye{4}};
  for (const auto& message : to_coordinator)
    EXPECT_EQ(pack(unpack_to_coordinator(static_cast<int>(message.index()), pack(message))), pack(message));
}

TEST(Messages, carry_all_objectives_of_a_segment) {
  SegmentDone done;
  done.record.value = 0.5;
  done.record.further = {1e6, -1.0 / 3};
  const ToCoordinator message = done;
  const auto back = std::get<SegmentDone>(unpack_to_coordinator(static_cast<int>(message.index()), pack(message)));
  EXPECT_EQ(back.record.value, 0.5);
  EXPECT_EQ(back.record.further, done.record.further);
}

TEST(Messages, stay_small_whatever_an_error_text_says) {
  SegmentDone done;
  done.record.message = std::string(100000, 'x');
  done.timing.host = std::string(100000, 'h');
  EXPECT_LE(pack(ToCoordinator(done)).size(), max_message_bytes);
}

// Every truncation and every flipped byte either gives a message or a ClusterError: no crash, no huge allocation.
TEST(Messages, damaged_bytes_are_an_error_or_a_message) {
  const auto bytes = pack(ToCoordinator(some_epoch()));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THROW((void)unpack_to_coordinator(0, std::span(bytes).first(size)), ClusterError);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] = static_cast<std::byte>(0xff);
    try {
      (void)unpack_to_coordinator(0, damaged);
    } catch (const ClusterError&) {
      continue;
    }
  }
  EXPECT_THROW((void)unpack_to_coordinator(9, bytes), ClusterError);
  EXPECT_THROW((void)unpack_to_coordinator(-1, bytes), ClusterError);
}

TEST(Messages, an_unknown_ending_is_refused) {
  SegmentDone done;
  done.record.ending = static_cast<search::Ending>(99);
  const ToCoordinator message = done;
  EXPECT_THROW((void)unpack_to_coordinator(static_cast<int>(message.index()), pack(message)), ClusterError);
}

}  // namespace
}  // namespace seqsweep::cluster
