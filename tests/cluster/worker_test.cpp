// SPDX-License-Identifier: Apache-2.0
// A worker over in-memory wires, with a runner that trains nothing.
#include "seqsweep/cluster/worker.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace seqsweep::cluster {
namespace {

// Takes steps until it is asked to stop or has made ten; what happens at each is the test's.
struct MadeUpRunner final : trial::SegmentRunner {
  trial::SegmentOutcome run(const trial::SegmentTask& task, trial::Group&, const trial::SegmentHooks& hooks) override {
    runs.push_back(task.trial.value);
    trial::SegmentOutcome outcome;
    outcome.prepare_s = 0.25;
    outcome.clock = {.data_s = 0.5, .reduce_s = 0.125, .steps = 10};
    for (int step = 0; step < 10 && !outcome.is_interrupted; ++step) {
      if (at_step) at_step();
      hooks.between_steps();
      outcome.is_interrupted = hooks.wants_stop();
    }
    return outcome;
  }
  void keep(const trial::SegmentTask& task) override { kept.push_back(task.trial.value); }
  [[nodiscard]] double epochs_trained() const override { return 2.5; }

  std::function<void()> at_step;
  std::vector<int> runs, kept;
};

struct MadeUpPeers final : PeerChannel {
  void invite(int rank, const RunSegment& order) override { invited.emplace_back(rank, order.leg); }
  std::optional<RunSegment> invitation() override { return std::exchange(next, std::nullopt); }
  std::vector<std::pair<int, LegId>> invited;
  std::optional<RunSegment> next;
};

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    WorkerOptions options;
    options.rank = 2;
    options.task_of = [](const RunSegment& order) {
      trial::SegmentTask task;
      task.trial = order.trial;
      return task;
    };
    options.make_group = [](const RunSegment&, auto) { return std::make_unique<trial::SoloGroup>(); };
    options.peers = &peers;
    worker = std::make_unique<Worker>(wires.worker_end(2), runner, options);
  }

  static RunSegment order(LegId leg, int trial) {
    RunSegment order;
    order.leg = leg;
    order.trial = TrialId(trial);
    order.to_epoch = 1;
    order.ranks = {2};
    return order;
  }

  void tell(const ToWorker& message) { wires.coordinator_end().send(2, message); }
  void tell_at_first_step(const ToWorker& message) {
    runner.at_step = [this, message] {
      tell(message);
      runner.at_step = nullptr;
    };
  }

  // All that it said but signs of life.
  std::vector<ToCoordinator> said() {
    std::vector<ToCoordinator> messages;
    while (const auto message = wires.coordinator_end().receive())
      if (!std::holds_alternative<WorkerAlive>(*message)) messages.push_back(*message);
    return messages;
  }

  InMemoryWires wires;
  MadeUpRunner runner;
  MadeUpPeers peers;
  std::unique_ptr<Worker> worker;
};

TEST_F(WorkerTest, runs_a_segment_and_reports_it) {
  tell(order(5, 7));
  EXPECT_TRUE(worker->turn());
  const auto messages = said();
  ASSERT_EQ(messages.size(), 1U);
  const auto& done = std::get<SegmentDone>(messages[0]);
  EXPECT_EQ(done.leg, 5);
  EXPECT_EQ(done.record.trial, TrialId(7));
  EXPECT_FALSE(done.is_interrupted);
  EXPECT_EQ(done.timing.move_s, 0.25);
  EXPECT_EQ(done.timing.data_s, 0.5);
  EXPECT_EQ(done.timing.reduce_s, 0.125);
  EXPECT_EQ(done.timing.steps, 10);
  EXPECT_TRUE(runner.kept.empty());
  EXPECT_FALSE(worker->turn());
}

TEST_F(WorkerTest, tells_while_it_trains_how_far_it_is) {
  runner.at_step = [this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));  // longer than between two signs of life
    runner.at_step = nullptr;
  };
  tell(order(5, 7));
  worker->turn();
  std::vector<WorkerAlive> signs;
  while (const auto message = wires.coordinator_end().receive())
    if (const auto* alive = std::get_if<WorkerAlive>(&*message); alive != nullptr && alive->leg == 5)
      signs.push_back(*alive);
  ASSERT_EQ(signs.size(), 1U);
  EXPECT_EQ(signs[0].epochs, 2.5);
  EXPECT_GE(signs[0].seconds, 0.6);
}

TEST_F(WorkerTest, keeps_the_state_of_an_interrupted_segment) {
  tell_at_first_step(Interrupt{});
  tell(order(5, 7));
  worker->turn();
  EXPECT_EQ(runner.kept, std::vector<int>{7});
  EXPECT_TRUE(std::get<SegmentDone>(said().at(0)).is_interrupted);
}

TEST_F(WorkerTest, takes_in_the_ranks_that_a_regroup_names) {
  tell_at_first_step(Regroup{5, 6, 0, {2, 3}});
  tell(order(5, 7));
  worker->turn();
  const auto messages = said();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(std::get<LegDone>(messages[0]).leg, 5);
  EXPECT_EQ(std::get<LegDone>(messages[0]).timing.ranks, "2");
  EXPECT_EQ(std::get<SegmentDone>(messages[1]).leg, 6);
  EXPECT_EQ(std::get<SegmentDone>(messages[1]).timing.ranks, "2,3");
  EXPECT_EQ(peers.invited, (std::vector<std::pair<int, LegId>>{{3, 6}}));
  EXPECT_EQ(runner.runs, (std::vector<int>{7, 7}));
  EXPECT_TRUE(runner.kept.empty()) << "no file is touched between legs";
}

TEST_F(WorkerTest, ignores_a_regroup_of_another_leg) {
  tell_at_first_step(Regroup{4, 6, 0, {2, 3}});
  tell(order(5, 7));
  worker->turn();
  EXPECT_EQ(said().size(), 1U);
}

TEST_F(WorkerTest, runs_an_order_that_came_while_it_was_leaving_its_team) {
  tell_at_first_step(order(9, 8));
  tell(order(5, 7));
  worker->turn();
  EXPECT_EQ(runner.runs, std::vector<int>{7});
  worker->turn();
  EXPECT_EQ(runner.runs, (std::vector<int>{7, 8}));
  EXPECT_EQ(said().size(), 2U);
}

TEST_F(WorkerTest, leaves_an_abandoned_leg_without_a_word) {
  tell_at_first_step(Abandon{5});
  tell(order(5, 7));
  EXPECT_TRUE(worker->turn());
  EXPECT_TRUE(said().empty());
  tell(order(6, 8));
  worker->turn();
  EXPECT_EQ(said().size(), 1U) << "and goes on with other work";
}

TEST_F(WorkerTest, says_when_its_memory_does_not_suffice_and_goes_on_with_other_work) {
  runner.at_step = [this] {
    runner.at_step = nullptr;
    throw std::bad_alloc();
  };
  tell(order(5, 7));
  EXPECT_TRUE(worker->turn());
  const auto messages = said();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(std::get<OutOfMemory>(messages[0]).rank, 2);
  EXPECT_EQ(std::get<OutOfMemory>(messages[0]).leg, 5);
  tell(order(6, 8));
  worker->turn();
  EXPECT_EQ(std::get<SegmentDone>(said().at(0)).record.trial, TrialId(8));
}

TEST_F(WorkerTest, goes_on_alone_when_its_team_of_two_shrinks) {
  tell_at_first_step(Regroup{5, 6, 0, {2}});
  auto both = order(5, 7);
  both.ranks = {2, 3};
  tell(both);
  worker->turn();
  const auto messages = said();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(std::get<LegDone>(messages[0]).leg, 5);
  EXPECT_EQ(std::get<LegDone>(messages[0]).timing.ranks, "2,3");
  EXPECT_EQ(std::get<SegmentDone>(messages[1]).leg, 6);
  EXPECT_EQ(std::get<SegmentDone>(messages[1]).timing.ranks, "2");
  EXPECT_EQ(std::get<SegmentDone>(messages[1]).timing.num_ranks, 1);
  EXPECT_TRUE(peers.invited.empty());
  EXPECT_EQ(runner.runs, (std::vector<int>{7, 7}));
}

// The second rank of a team whose leader says how it goes on.
struct Followers final : trial::Group {
  explicit Followers(std::vector<std::int64_t> next_, std::vector<int> ranks_)
      : next(std::move(next_)), ranks(std::move(ranks_)) {}
  [[nodiscard]] int rank() const override { return 1; }
  [[nodiscard]] int size() const override { return 2; }
  void add_in_tree(std::span<float>) override {}
  void gather(std::span<const double>, std::span<double>) override {}
  void broadcast(std::span<std::byte> bytes) override {
    const auto from = num_broadcasts++ == 0 ? std::as_bytes(std::span(next)) : std::as_bytes(std::span(ranks));
    ASSERT_EQ(bytes.size(), from.size());
    std::copy(from.begin(), from.end(), bytes.begin());
  }
  std::vector<std::int64_t> next;  // goes on, leg, generation, number of ranks
  std::vector<int> ranks;
  int num_broadcasts = 0;
};

TEST_F(WorkerTest, leaves_a_team_of_two_that_shrinks_without_a_word) {
  WorkerOptions options;
  options.rank = 2;
  options.task_of = [](const RunSegment& order) {
    trial::SegmentTask task;
    task.trial = order.trial;
    return task;
  };
  options.make_group = [](const RunSegment&, auto) {
    return std::make_unique<Followers>(std::vector<std::int64_t>{1, 6, 0, 1}, std::vector<int>{1});
  };
  Worker second(wires.worker_end(2), runner, options);
  tell_at_first_step(Interrupt{});  // stands for the leader's wish, which the runner takes from the sum of the step
  auto both = order(5, 7);
  both.ranks = {1, 2};
  tell(both);
  EXPECT_TRUE(second.turn());
  EXPECT_EQ(runner.runs, std::vector<int>{7}) << "the other goes on alone";
  EXPECT_TRUE(runner.kept.empty());
  EXPECT_TRUE(said().empty());
}

TEST_F(WorkerTest, runs_a_segment_again_after_its_memory_did_not_suffice) {
  runner.at_step = [this] {
    runner.at_step = nullptr;
    throw std::bad_alloc();
  };
  tell(order(5, 7));
  worker->turn();
  ASSERT_EQ(said().size(), 1U);
  tell(order(6, 7));
  worker->turn();
  const auto messages = said();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(std::get<SegmentDone>(messages[0]).leg, 6);
  EXPECT_EQ(std::get<SegmentDone>(messages[0]).record.trial, TrialId(7));
  EXPECT_EQ(runner.runs, (std::vector<int>{7, 7}));
}

TEST_F(WorkerTest, leaves_a_team_that_it_has_left_already_as_far_as_others_know) {
  runner.at_step = [this] {
    tell(order(9, 8));  // the coordinator takes it for free
    tell(RankLost{2, 8});
    runner.at_step = nullptr;
  };
  tell(order(5, 7));
  worker->turn();
  EXPECT_TRUE(said().empty()) << "the messages that it waited for will never come";
  worker->turn();
  EXPECT_EQ(runner.runs, (std::vector<int>{7, 8}));
}

TEST_F(WorkerTest, does_not_run_an_early_order_that_was_abandoned) {
  runner.at_step = [this] {
    tell(order(9, 8));
    tell(Abandon{9});
    runner.at_step = nullptr;
  };
  tell(order(5, 7));
  worker->turn();
  worker->turn();
  EXPECT_EQ(runner.runs, (std::vector<int>{7}));
}

TEST_F(WorkerTest, does_not_follow_an_invitation_to_an_abandoned_leg) {
  tell(Abandon{6});
  worker->turn();
  peers.next = order(6, 7);
  worker->turn();
  EXPECT_TRUE(runner.runs.empty());
  peers.next = order(7, 7);
  worker->turn();
  EXPECT_EQ(runner.runs, std::vector<int>{7});
}

TEST_F(WorkerTest, goes_home_when_it_is_told_to) {
  tell_at_first_step(Shutdown{});
  tell(order(5, 7));
  worker->turn();
  EXPECT_EQ(std::get<Goodbye>(said().at(0)).rank, 2);
  EXPECT_FALSE(worker->is_dismissed()) << "others may be missing: it waits to hear";
  tell(Leave{true});
  worker->turn();
  EXPECT_TRUE(worker->is_dismissed());
  EXPECT_TRUE(worker->has_losses());
}

}  // namespace
}  // namespace seqsweep::cluster
