// SPDX-License-Identifier: Apache-2.0
// What the dispatcher makes of teams that shrink, of ranks that are lost together, and of memory that did not suffice.
#include "seqsweep/core/error.hpp"

#include "cluster/dispatcher_fixture.hpp"

namespace seqsweep::cluster {
namespace {

TEST_F(DispatcherTest, shrinks_a_team_of_two_to_its_leader_when_a_segment_waits) {
  DispatcherOptions options;
  options.worker_ranks = {1, 2};
  options.now = [this] { return now; };
  Dispatcher two(wires.coordinator_end(), options);
  two.submit(job(0));
  two.turn();
  now += 1;
  two.turn();
  const auto grow = told<Regroup>(1);
  ASSERT_EQ(grow->ranks, (std::vector<int>{1, 2}));
  two.take(LegDone{grow->of, 0, {}});

  two.submit(job(1));
  now += 1;
  two.turn();
  const auto shrink = told<Regroup>(1);
  ASSERT_TRUE(shrink);
  EXPECT_EQ(shrink->of, grow->leg);
  EXPECT_EQ(shrink->ranks, std::vector<int>{1});
  EXPECT_FALSE(told<RunSegment>(2)) << "it still trains";
  EXPECT_EQ(two.num_waiting(), 1U);
  now += 1;
  two.turn();
  EXPECT_FALSE(told<Regroup>(1)) << "it is asked once";
  two.take(LegDone{shrink->of, 0, {}});
  EXPECT_TRUE(two.is_under_way(shrink->leg));
  EXPECT_EQ(two.num_idle(), 1U);
  two.turn();
  const auto order = told<RunSegment>(2);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->trial, TrialId(1));
  EXPECT_EQ(order->ranks, std::vector<int>{2});
  EXPECT_EQ(two.num_waiting(), 0U);
}

TEST_F(DispatcherTest, gives_a_lost_rank_s_work_out_before_what_waits) {
  for (const int trial : {0, 1, 2, 3, 4}) dispatcher->submit(job(trial));
  dispatcher->turn();
  const auto second = told<RunSegment>(2);
  pass(12, {2, 3, 4});
  ASSERT_EQ(dispatcher->num_lost(), 1U);
  EXPECT_EQ(dispatcher->num_idle(), 0U) << "what is lost is not free";
  dispatcher->finish(SegmentDone{.leg = second->leg, .record = {}, .timing = {}});
  dispatcher->turn();
  EXPECT_EQ(told<RunSegment>(2)->trial, TrialId(0));
  EXPECT_EQ(dispatcher->num_waiting(), 1U);
}

TEST_F(DispatcherTest, gives_the_work_of_ranks_that_are_lost_together_to_those_that_are_left_once) {
  for (const int trial : {0, 1}) dispatcher->submit(job(trial));
  dispatcher->turn();
  ASSERT_EQ(told<RunSegment>(1)->trial, TrialId(0));
  ASSERT_EQ(told<RunSegment>(2)->trial, TrialId(1));
  now += 1;
  dispatcher->turn();
  const auto grow = told<Regroup>(1), other = told<Regroup>(2);
  ASSERT_EQ(grow->ranks, (std::vector<int>{1, 3}));
  ASSERT_EQ(other->ranks, (std::vector<int>{2, 4}));
  dispatcher->take(LegDone{grow->of, 0, {}});
  dispatcher->take(LegDone{other->of, 0, {}});
  pass(12, {2, 4});  // 1 and 3, a whole team, and none of the other
  EXPECT_EQ(dispatcher->num_lost(), 2U);
  EXPECT_TRUE(dispatcher->has_had_losses());
  EXPECT_TRUE(dispatcher->take_hopeless().empty());
  EXPECT_EQ(dispatcher->num_running() + dispatcher->num_waiting(), 2U) << "two segments, each once";
  EXPECT_FALSE(dispatcher->is_under_way(grow->leg));
  const auto shrink = told<Regroup>(2);
  ASSERT_TRUE(shrink) << "there are ranks for one segment each";
  dispatcher->take(LegDone{shrink->of, 0, {}});
  dispatcher->turn();
  const auto again = told<RunSegment>(4);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->trial, TrialId(0));
  EXPECT_FALSE(told<RunSegment>(3));
  EXPECT_THROW(pass(40, {}), ClusterError) << "nobody is left";
}

// Rank 1 falls silent, then, half a second later by its last sign of life, the one that has its segment since: the
// same node failed. The fifth such failure is to blame on the segment, and not the third.
TEST_F(DispatcherTest, counts_ranks_that_fall_silent_with_their_node_as_one_loss) {
  DispatcherOptions options;
  for (int rank = 1; rank <= 12; ++rank) options.worker_ranks.push_back(rank);
  options.ranks_per_trial = 1;
  options.lost_after_s = 2;
  options.now = [this] { return now; };
  Dispatcher twelve(wires.coordinator_end(), options);
  twelve.submit(job(0));
  const auto live_from = [&](int first) {
    for (int rank = first; rank <= 12; ++rank) twelve.take(WorkerAlive{rank, 0, 0, 0});
  };
  int num_failures = 0;
  for (int first = 1; twelve.take_hopeless().empty(); first += 2, ++num_failures) {
    ASSERT_LT(first, 12);
    live_from(first);
    twelve.turn();
    ASSERT_TRUE(told<RunSegment>(first));
    now += 0.6;
    live_from(first + 1);
    for (double silent_s = 0.6; silent_s < 2.5; silent_s += 0.3) {
      now += 0.3;
      live_from(first + 2);
      twelve.turn();
    }
    now += 0.6;
    live_from(first + 2);
    twelve.turn();  // now the second of the two is lost as well
    EXPECT_EQ(twelve.num_lost(), static_cast<std::size_t>(first) + 1);
  }
  EXPECT_EQ(num_failures, 5);
}

TEST_F(DispatcherTest, has_a_trial_that_ran_out_of_memory_use_one_rank_from_then_on) {
  dispatcher->submit(job(0));
  dispatcher->turn();
  auto order = *told<RunSegment>(1);
  pass(1, {1, 2, 3, 4});
  const auto joined = told<Regroup>(1);
  ASSERT_TRUE(joined);
  dispatcher->take(LegDone{order.leg, 0, {}});
  dispatcher->take(OutOfMemory{3, joined->leg});
  dispatcher->turn();
  const auto again = told<RunSegment>(1);
  ASSERT_TRUE(again);
  EXPECT_NE(again->generation, order.generation);
  pass(5, {1, 2, 3, 4});
  EXPECT_FALSE(told<Regroup>(1)) << "three ranks are idle, and not for it";
  const auto done = dispatcher->finish(SegmentDone{.leg = again->leg, .record = {}, .timing = {}});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->order.trial, TrialId(0));
  EXPECT_EQ(dispatcher->num_idle(), 4U);
  EXPECT_TRUE(dispatcher->take_hopeless().empty());
}

}  // namespace
}  // namespace seqsweep::cluster
