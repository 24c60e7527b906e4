// SPDX-License-Identifier: Apache-2.0
// Which ranks an elastic placement gives to whom, and what a speedometer lets it expect.
#include "seqsweep/cluster/placement.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "seqsweep/cluster/speedometer.hpp"

namespace seqsweep::cluster {
namespace {

std::vector<IdleRank> idle_ranks(int first, int count, int node = 0) {
  std::vector<IdleRank> idle;
  for (int i = 0; i < count; ++i) idle.push_back({first + i, node, TrialId{}});
  return idle;
}

// A team that halves its time with twice its ranks, nearly.
RunningSegment team(LegId leg, int num_ranks, double work_s, double efficiency = 0.9) {
  std::vector<int> ranks(static_cast<std::size_t>(num_ranks));
  std::iota(ranks.begin(), ranks.end(), static_cast<int>(100 * leg));
  return {leg, ranks, 0, 1, 8, false, [=](int n) {
            double speed = n;
            for (int r = n; r > 1; r /= 2) speed *= efficiency;
            return work_s / speed;
          }};
}

Placed place(const Situation& situation) {
  return make_elastic()->place(situation);
}

std::size_t size_after(const Placed& placed, LegId leg) {
  for (const auto& change : placed.changes)
    if (change.leg == leg) return change.ranks.size();
  return 0;
}

TEST(Elastic, starts_what_waits_in_its_order_before_anything_grows) {
  Situation s;
  s.idle = idle_ranks(0, 3);
  s.waiting = {{TrialId(7), 1, 8}, {TrialId(5), 1, 8}};
  s.running = {team(1, 1, 100)};
  const auto placed = place(s);
  ASSERT_EQ(placed.starts.size(), 2U);
  EXPECT_EQ(placed.starts[0].trial, TrialId(7));
  EXPECT_EQ(placed.starts[1].trial, TrialId(5));
  EXPECT_EQ(size_after(placed, 1), 2U) << "the third rank is of use to the running one";
}

TEST(Elastic, gives_idle_ranks_to_those_that_take_longest) {
  Situation s;
  s.idle = idle_ranks(0, 4);
  s.running = {team(1, 1, 10), team(2, 1, 100), team(3, 1, 12)};
  const auto placed = place(s);
  EXPECT_EQ(size_after(placed, 2), 4U) << "100 s on one rank are still the longest on two";
  EXPECT_EQ(size_after(placed, 3), 2U);
  EXPECT_EQ(size_after(placed, 1), 0U);
}

TEST(Elastic, keeps_the_leader_and_takes_its_node_first) {
  Situation s;
  s.idle = idle_ranks(0, 2, 1);
  const auto near = idle_ranks(8, 1, 0);
  s.idle.insert(s.idle.end(), near.begin(), near.end());
  s.running = {team(1, 1, 100)};
  const auto placed = place(s);
  ASSERT_EQ(placed.changes.size(), 1U);
  EXPECT_EQ(placed.changes[0].ranks, (std::vector<int>{100, 8, 0, 1}));
}

TEST(Elastic, takes_ranks_from_the_largest_team_when_segments_wait) {
  Situation s;
  s.waiting = {{TrialId(7), 1, 8}, {TrialId(8), 1, 8}};
  s.running = {team(1, 1, 100), team(2, 4, 100), team(3, 2, 100)};
  const auto placed = place(s);
  EXPECT_EQ(size_after(placed, 2), 2U);
  EXPECT_EQ(placed.changes.size(), 1U);
  s.ranks_coming = 2;
  EXPECT_TRUE(place(s).changes.empty()) << "those that were asked for are on their way";
}

TEST(Elastic, leaves_alone_what_gains_nothing) {
  Situation s;
  s.idle = idle_ranks(0, 4);
  s.running = {team(1, 1, 100, 0.5)};
  EXPECT_TRUE(place(s).changes.empty()) << "two ranks are as slow as one";
  s.running = {team(1, 1, 0.1)};
  s.move_s = 0.01;
  EXPECT_TRUE(place(s).changes.empty()) << "it will be done before a change has paid";
  s.running = {team(1, 4, 100, 0.5)};
  EXPECT_EQ(size_after(place(s), 1), 2U) << "the others do as well without half of them";
  s.running = {team(1, 1, 100)};
  s.running[0].is_changing = true;
  EXPECT_TRUE(place(s).changes.empty());
  s.running[0].is_changing = false;
  s.running[0].most_ranks = 1;
  EXPECT_TRUE(place(s).changes.empty()) << "its batches have one shard";
}

TEST(IdleRanks, prefer_who_has_the_trial_in_memory) {
  const std::vector<IdleRank> idle = {{0, 0, TrialId(3)}, {1, 0, TrialId{}}, {2, 1, TrialId(9)}, {3, 1, TrialId{}}};
  IdleRanks left(idle);
  EXPECT_EQ(left.take(2, TrialId(9)), (std::vector<int>{2, 3})) << "and its node";
  EXPECT_EQ(left.size(), 2U);
  EXPECT_EQ(left.take(1, TrialId(9)), (std::vector<int>{1})) << "whoever has it in memory is taken";
  EXPECT_EQ(IdleRanks(idle).take(1, TrialId(4)), (std::vector<int>{1})) << "rather than one that holds another's";
  EXPECT_EQ(left.take(1, TrialId(4)), (std::vector<int>{0})) << "if there is no other";
  EXPECT_TRUE(left.take(1, TrialId(4)).empty());
  EXPECT_TRUE(IdleRanks(idle).take(5, TrialId(4)).empty());
}

TEST(IdleRanks, join_teams_on_their_node_first) {
  IdleRanks left({{0, 0, TrialId{}}, {1, 1, TrialId{}}, {2, 0, TrialId{}}, {3, 1, TrialId{}}, {4, 1, TrialId{}}});
  EXPECT_EQ(left.take_joiners(2, 1), (std::vector<int>{1, 3}));
  EXPECT_EQ(left.take_joiners(2, 1), (std::vector<int>{4, 0})) << "then others";
  EXPECT_TRUE(left.take_joiners(2, 7).empty());
  EXPECT_EQ(left.take_joiners(1, 7), (std::vector<int>{2}));
}

TEST(Speedometer, expects_what_it_saw_elsewhere_until_it_sees_itself) {
  Speedometer meter;
  meter.measured(TrialId(1), 1, 2e9, 1);
  EXPECT_DOUBLE_EQ(meter.speed(TrialId(1), 1), 2e9);
  EXPECT_GT(meter.speed(TrialId(1), 2), 3e9);
  meter.measured(TrialId(1), 2, 2e9, 1);
  EXPECT_DOUBLE_EQ(meter.speed(TrialId(1), 2), 2e9) << "the second rank was of no use to this one";
  const double before = meter.speed(TrialId(2), 2) / meter.speed(TrialId(2), 1);
  for (int i = 0; i < 20; ++i) meter.measured(TrialId(1), 2, 2e9, 1);
  EXPECT_LT(meter.speed(TrialId(2), 2) / meter.speed(TrialId(2), 1), before) << "so others expect less";
}

}  // namespace
}  // namespace seqsweep::cluster
