// SPDX-License-Identifier: Apache-2.0
// The dispatcher by itself, message by message, on a clock that the test sets.
#include <gmock/gmock.h>

#include "seqsweep/core/error.hpp"

#include "cluster/dispatcher_fixture.hpp"

namespace seqsweep::cluster {
namespace {

TEST_F(DispatcherTest, lets_idle_ranks_join_and_frees_them_for_new_work) {
  dispatcher->submit(job(0));
  dispatcher->turn();
  ASSERT_EQ(told<RunSegment>(1)->ranks, std::vector<int>{1});
  now += 1;
  dispatcher->turn();
  const auto grow = told<Regroup>(1);
  ASSERT_EQ(grow->ranks, (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(dispatcher->num_idle(), 0U) << "promised ranks are taken";
  dispatcher->take(LegDone{grow->of, 0, {}});

  dispatcher->submit(job(1));
  now += 1;
  dispatcher->turn();
  const auto shrink = told<Regroup>(1);
  EXPECT_EQ(shrink->of, grow->leg);
  ASSERT_EQ(shrink->ranks, (std::vector<int>{1, 2}));
  EXPECT_FALSE(told<RunSegment>(3)) << "it still trains";
  dispatcher->take(LegDone{shrink->of, 0, {}});
  dispatcher->turn();
  EXPECT_EQ(told<RunSegment>(3)->trial, TrialId(1));
}

TEST_F(DispatcherTest, shows_who_trains_what) {
  for (const int trial : {7, 8}) dispatcher->submit(job(trial));
  dispatcher->turn();
  const auto order = told<RunSegment>(1);
  dispatcher->take(WorkerAlive{1, order->leg, 2.5, 4});
  now += 3.5;
  live({1, 2, 4});
  now += 0.5;
  auto state = dispatcher->live_state();
  EXPECT_EQ(state.num_ranks, 4);
  EXPECT_EQ(state.num_idle, 2);
  EXPECT_EQ(state.silent_rank, 3);
  EXPECT_EQ(state.silent_s, 4);
  ASSERT_EQ(state.teams.size(), 2U);
  EXPECT_EQ(state.teams[0].trial, TrialId(7));
  EXPECT_EQ(state.teams[0].epochs, 2.5);
  EXPECT_EQ(state.teams[0].seconds, 8) << "4 s when it was heard, 4 s ago";
  EXPECT_EQ(state.teams[1].ranks, "2");
  EXPECT_EQ(state.teams[1].seconds, 0) << "nothing was heard of it";
}

TEST_F(DispatcherTest, shows_the_rank_that_has_been_silent_for_longest) {
  pass(5, {1, 2, 4});  // 3 says nothing
  pass(4, {1, 2});
  EXPECT_EQ(dispatcher->live_state().silent_rank, 3);
  EXPECT_EQ(dispatcher->live_state().silent_s, 9);
}

TEST_F(DispatcherTest, gives_a_trial_that_goes_on_to_the_rank_that_has_it) {
  for (const int trial : {0, 1}) dispatcher->submit(job(trial));
  dispatcher->turn();
  const auto first = told<RunSegment>(1), second = told<RunSegment>(2);
  dispatcher->finish(SegmentDone{.leg = first->leg, .record = {}, .timing = {}});
  dispatcher->finish(SegmentDone{.leg = second->leg, .record = {}, .timing = {}});
  dispatcher->submit(job(1));
  dispatcher->turn();
  const auto next = told<RunSegment>(2);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->trial, TrialId(1));
}

TEST_F(DispatcherTest, starts_nothing_on_a_rank_that_has_been_silent_for_long) {
  pass(4, {2, 3, 4});
  dispatcher->submit(job(0));
  dispatcher->turn();
  EXPECT_FALSE(told<RunSegment>(1));
  EXPECT_TRUE(told<RunSegment>(2));
}

TEST_F(DispatcherTest, frees_promised_ranks_when_the_segment_ends_first) {
  dispatcher->submit(job(0));
  dispatcher->turn();
  now += 1;
  dispatcher->turn();
  const auto grow = told<Regroup>(1);
  ASSERT_TRUE(grow);
  EXPECT_EQ(dispatcher->finish(SegmentDone{.leg = grow->of, .record = {}, .timing = {}})->order.trial, TrialId(0));
  EXPECT_EQ(dispatcher->num_idle(), 4U);
  EXPECT_FALSE(dispatcher->finish(SegmentDone{.leg = grow->leg, .record = {}, .timing = {}})) << "that leg never was";
}

TEST_F(DispatcherTest, gives_a_lost_team_s_work_to_the_others_and_ignores_what_comes_late) {
  dispatcher->submit(job(0));
  dispatcher->turn();
  const auto first = told<RunSegment>(1);
  now += 1;
  dispatcher->turn();
  const auto grow = told<Regroup>(1);
  dispatcher->take(LegDone{grow->of, 0, {}});
  pass(12, {1, 2, 4});
  EXPECT_EQ(dispatcher->num_lost(), 1U);
  EXPECT_EQ(told<Abandon>(2)->leg, grow->leg);
  const auto again = told<RunSegment>(1);  // it leads, since it has the trial in memory
  ASSERT_TRUE(again);
  EXPECT_EQ(again->ranks.front(), 1);
  EXPECT_NE(again->generation, first->generation) << "messages of the lost team must not be taken for its own";
  EXPECT_FALSE(dispatcher->finish(SegmentDone{.leg = grow->leg, .record = {}, .timing = {}}))
      << "the lost rank's report, come late";
  live({3});
  EXPECT_EQ(dispatcher->num_lost(), 0U) << "it was only slow";
}

TEST_F(DispatcherTest, waits_longer_for_ranks_once_one_came_back) {
  pass(30, {1, 2, 4});
  ASSERT_EQ(dispatcher->num_lost(), 1U);
  live({3});
  pass(60, {1, 2, 4});
  EXPECT_EQ(dispatcher->num_lost(), 0U) << "30 s of silence meant nothing, so 60 s need not";
  pass(80, {1, 2, 4});
  EXPECT_EQ(dispatcher->num_lost(), 1U);
}

TEST_F(DispatcherTest, blames_a_segment_that_loses_its_ranks_again_and_again) {
  DispatcherOptions options;
  options.worker_ranks = {1, 2, 3, 4, 5, 6};
  options.ranks_per_trial = 1;
  options.lost_after_s = 10;
  options.now = [this] { return now; };
  Dispatcher six(wires.coordinator_end(), options);
  six.submit(job(0));
  for (int lost = 1; lost <= 5; ++lost) {
    six.turn();
    ASSERT_TRUE(told<RunSegment>(lost)) << "the next rank has it";
    ASSERT_TRUE(six.take_hopeless().empty());
    for (int i = 0; i < 11; ++i) {
      now += 1;
      for (int rank = lost + 1; rank <= 6; ++rank) six.take(WorkerAlive{rank, 0, 0, 0});
    }
  }
  six.turn();
  const auto hopeless = six.take_hopeless();
  ASSERT_EQ(hopeless.size(), 1U);
  EXPECT_EQ(hopeless[0].job.order.trial, TrialId(0));
  EXPECT_TRUE(six.take_hopeless().empty()) << "it is told once";
  EXPECT_FALSE(told<RunSegment>(6));
}

TEST_F(DispatcherTest, tries_a_segment_whose_memory_did_not_suffice_on_one_rank_some_times) {
  dispatcher->submit(job(0));
  dispatcher->turn();
  auto order = *told<RunSegment>(1);
  pass(1, {1, 2, 3, 4});
  const auto joined = told<Regroup>(1);
  ASSERT_TRUE(joined) << "idle ranks are to join";
  dispatcher->take(LegDone{order.leg, 0, {}});
  dispatcher->take(OutOfMemory{3, joined->leg});
  EXPECT_EQ(told<Abandon>(4)->leg, joined->leg) << "the others of the team wait for rank 3 no longer";
  for (int attempt = 2; attempt <= 5; ++attempt) {
    ASSERT_TRUE(dispatcher->take_hopeless().empty());
    dispatcher->turn();
    const auto again = told<RunSegment>(1);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->ranks, std::vector<int>{1});
    dispatcher->take(OutOfMemory{1, again->leg});
  }
  const auto hopeless = dispatcher->take_hopeless();
  ASSERT_EQ(hopeless.size(), 1U);
  EXPECT_THAT(hopeless[0].reason, testing::HasSubstr("limits.memory"));
  EXPECT_EQ(dispatcher->num_lost(), 0U);
  EXPECT_EQ(dispatcher->num_idle(), 4U);
}

TEST_F(DispatcherTest, hears_of_memory_from_a_rank_that_was_faster_than_its_leader) {
  dispatcher->submit(job(0));
  dispatcher->turn();
  pass(1, {1, 2, 3, 4});
  const auto joining = told<Regroup>(1);
  ASSERT_TRUE(joining);
  dispatcher->take(OutOfMemory{2, joining->leg});
  EXPECT_EQ(dispatcher->num_running(), 0U);
  EXPECT_EQ(dispatcher->num_waiting(), 1U);
  EXPECT_EQ(dispatcher->num_idle(), 4U);
  dispatcher->take(LegDone{joining->of, 0, {}});
  EXPECT_EQ(dispatcher->num_running(), 0U) << "what comes late is of a leg that was given up";
}

TEST_F(DispatcherTest, starts_nothing_while_draining) {
  dispatcher->submit(job(0));
  dispatcher->turn();
  dispatcher->submit(job(1));
  dispatcher->drain();
  dispatcher->turn();
  EXPECT_EQ(dispatcher->num_running(), 1U);
  EXPECT_TRUE(told<Interrupt>(1));
}

TEST_F(DispatcherTest, pins_teams_to_the_ranks_that_are_asked_for) {
  DispatcherOptions options;
  options.worker_ranks = {1, 2, 3, 4};
  options.ranks_per_trial = 2;
  options.now = [this] { return now; };
  Dispatcher pinned(wires.coordinator_end(), options);
  pinned.submit(job(0));
  pinned.turn();
  EXPECT_EQ(told<RunSegment>(1)->ranks, (std::vector<int>{1, 2}));
  now += 10;
  pinned.turn();
  EXPECT_FALSE(told<Regroup>(1));
  EXPECT_EQ(pinned.num_idle(), 2U);
}

}  // namespace
}  // namespace seqsweep::cluster
