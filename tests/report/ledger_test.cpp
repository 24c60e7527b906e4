// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/ledger.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seqsweep::report {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

void add_leg(store::Results& results, int trial, const std::string& host, const std::string& ranks, double from_s,
             double seconds) {
  store::TimingRecord leg;
  leg.trial = TrialId(trial);
  leg.host = host;
  leg.ranks = ranks;
  leg.first_rank = std::stoi(ranks);
  leg.num_ranks = static_cast<int>(std::count(ranks.begin(), ranks.end(), ',')) + 1;
  leg.started_s = 1e9 + from_s;
  leg.seconds = seconds;
  results.timing.push_back(leg);
}

store::Results with_states(const std::vector<search::TrialState>& states) {
  store::Results results;
  results.is_sealed = true;
  for (const auto state : states) {
    results.trials.emplace_back();
    results.trials.back().id = TrialId(static_cast<int>(results.trials.size()) - 1);
    results.trials.back().state = state;
  }
  return results;
}

double hours(const Ledger& ledger, Use use) {
  return ledger.node_hours[static_cast<std::size_t>(use)];
}

TEST(Ledger, shares_a_node_among_its_ranks_and_calls_the_rest_idle) {
  auto results = with_states({search::TrialState::completed, search::TrialState::paused});
  add_leg(results, 0, "a", "0", 0, 3600);
  add_leg(results, 1, "a", "1", 0, 1800);  // then it has nothing to do
  const auto ledger = ledger_of(results);
  EXPECT_NEAR(ledger.total_node_hours(), 1, 1e-9);
  EXPECT_NEAR(hours(ledger, Use::completed), 0.5, 1e-9);
  EXPECT_NEAR(hours(ledger, Use::stopped), 0.25, 1e-9);
  EXPECT_NEAR(ledger.idle_node_hours, 0.25, 1e-9);
}

TEST(Ledger, counts_a_leg_on_each_of_its_ranks_also_on_another_host) {
  auto results = with_states({search::TrialState::completed, search::TrialState::failed});
  add_leg(results, 0, "a", "0", 0, 60);
  add_leg(results, 0, "b", "1", 0, 60);
  add_leg(results, 1, "a", "0,1", 60, 60);
  const auto ledger = ledger_of(results);
  ASSERT_EQ(ledger.lanes.size(), 2U);
  EXPECT_EQ(ledger.lanes[1].host, "b");
  EXPECT_NEAR(hours(ledger, Use::lost), 2.0 / 60, 1e-9);
  EXPECT_NEAR(ledger.idle_node_hours, 0, 1e-9);
}

TEST(Ledger, says_what_changing_teams_cost) {
  auto results = with_states({search::TrialState::completed});
  add_leg(results, 0, "a", "0,1", 0, 3600);
  results.timing.back().move_s = 36;
  const auto ledger = ledger_of(results);
  EXPECT_NEAR(ledger.moving_node_hours, 0.01, 1e-9);
  EXPECT_NEAR(hours(ledger, Use::completed), 0.99, 1e-9);
  EXPECT_NEAR(ledger.total_node_hours(), 1, 1e-9);
}

TEST(Ledger, leaves_out_the_time_between_a_stop_and_a_resume) {
  auto results = with_states({search::TrialState::completed});
  add_leg(results, 0, "a", "0", 0, 100);
  add_leg(results, 0, "a", "0", 5000, 100);
  const auto ledger = ledger_of(results);
  ASSERT_EQ(ledger.sessions.size(), 2U);
  EXPECT_DOUBLE_EQ(ledger.sessions[1].from_s, 100);
  EXPECT_NEAR(ledger.total_node_hours(), 200.0 / 3600, 1e-9);
  EXPECT_NEAR(ledger.node_hours_at(1e9 + 1000), 100.0 / 3600, 1e-9);
  EXPECT_NEAR(ledger.node_hours_at(1e9 + 5050), 150.0 / 3600, 1e-9);
}

// By hand. Hosts a (ranks 0 and 1) and b (rank 2), trials 0 completed, 1 stopped, 2 diverged; times in seconds:
//   rank 0  [0 ................................. 100]                 trial 0, 10 of them moving
//   rank 1      [20 ... 50]      [60 ........... 100]                 trial 1 within it; then trial 0 takes the rank in
//   rank 2           [40 ................................ 112]        trial 2 begins within both, and ends after them
//   rank 1                                               [115 . 130]  trial 1; a pause of 3 s is no stop
//   …
//   rank 0                                                            [1000 .. 1040]  trial 1, after a resume
// The first session lasts 130 s on two hosts: 260 node seconds. On a each rank is half of the node, on b the whole.
TEST(Ledger, of_nested_and_overlapping_legs_has_each_second_of_a_node_once) {
  auto results =
      with_states({search::TrialState::completed, search::TrialState::stopped, search::TrialState::diverged});
  add_leg(results, 0, "a", "0", 0, 100);
  results.timing.back().move_s = 10;
  add_leg(results, 1, "a", "1", 20, 30);
  add_leg(results, 2, "b", "2", 40, 72);
  add_leg(results, 0, "a", "1", 60, 40);
  add_leg(results, 1, "a", "1", 115, 15);
  add_leg(results, 1, "a", "0", 1000, 40);
  const auto ledger = ledger_of(results);
  ASSERT_EQ(ledger.sessions.size(), 2U);
  EXPECT_DOUBLE_EQ(ledger.sessions[0].from_s, 0);
  EXPECT_DOUBLE_EQ(ledger.sessions[0].to_s, 130);
  EXPECT_EQ(ledger.sessions[0].num_hosts, 2U);
  EXPECT_EQ(ledger.sessions[0].num_ranks, 3U);
  EXPECT_DOUBLE_EQ(ledger.sessions[1].from_s, 130);
  EXPECT_DOUBLE_EQ(ledger.sessions[1].to_s, 170);
  EXPECT_EQ(ledger.sessions[1].num_hosts, 1U);
  EXPECT_EQ(ledger.sessions[1].num_ranks, 1U);
  constexpr double hour = 3600;
  EXPECT_NEAR(hours(ledger, Use::completed) * hour, 45 + 20, 1e-9) << "(100 - 10) / 2 and 40 / 2";
  EXPECT_NEAR(hours(ledger, Use::stopped) * hour, 15 + 7.5 + 40, 1e-9) << "the last has its node for itself";
  EXPECT_NEAR(hours(ledger, Use::lost) * hour, 72, 1e-9);
  EXPECT_NEAR(ledger.moving_node_hours * hour, 5, 1e-9);
  EXPECT_NEAR(ledger.idle_node_hours * hour, 260 - (50 + 15 + 72 + 20 + 7.5), 1e-9);
  EXPECT_NEAR(ledger.total_node_hours() * hour, 260 + 40, 1e-9);
  EXPECT_NEAR(ledger.node_hours_at(1e9 + 45) * hour, 90, 1e-9);
  EXPECT_NEAR(ledger.node_hours_at(1e9 + 1010) * hour, 270, 1e-9);
  ASSERT_EQ(ledger.busy.size(), 6U);  // by lane and time
  EXPECT_EQ(ledger.busy[1].trial, TrialId(1));
  EXPECT_DOUBLE_EQ(ledger.busy[1].from_s, 130);
  EXPECT_DOUBLE_EQ(ledger.busy[1].to_s, 170);
  EXPECT_EQ(ledger.busy[3].trial, TrialId(0));
  EXPECT_DOUBLE_EQ(ledger.busy[3].from_s, 60);
  EXPECT_EQ(ledger.lanes[ledger.busy[5].lane].host, "b");
}

// A short leg within a long one must not end the session for what begins after both.
TEST(Ledger, a_session_goes_on_while_the_longest_leg_does) {
  auto results = with_states({search::TrialState::completed});
  add_leg(results, 0, "a", "0", 0, 100);
  add_leg(results, 0, "a", "1", 10, 5);
  add_leg(results, 0, "a", "0", 120, 10);  // 20 s after the first, which is no stop yet
  EXPECT_EQ(ledger_of(results).sessions.size(), 1U);
  results.timing.back().started_s += 0.5;
  EXPECT_EQ(ledger_of(results).sessions.size(), 2U);
}

TEST(Ledger, utilisation_is_the_share_of_ranks_at_work) {
  auto results = with_states({search::TrialState::completed});
  add_leg(results, 0, "a", "0", 0, 100);
  add_leg(results, 0, "a", "1", 50, 25);
  EXPECT_THAT(ledger_of(results).utilisation(4),
              ElementsAre(DoubleNear(.5, 1e-9), DoubleNear(.5, 1e-9), DoubleNear(1, 1e-9), DoubleNear(.5, 1e-9)));
}

TEST(Ledger, of_a_sweep_in_progress_calls_paused_trials_so) {
  auto results = with_states({search::TrialState::paused});
  results.is_sealed = false;
  add_leg(results, 0, "a", "0", 0, 3600);
  EXPECT_NEAR(hours(ledger_of(results), Use::in_progress), 1, 1e-9);
}

TEST(Ledger, of_replicates_is_the_price_of_the_seed_spread) {
  auto results = with_states({search::TrialState::completed, search::TrialState::completed});
  results.trials[1].parent.trial = TrialId(0);
  add_leg(results, 1, "a", "0", 0, 3600);
  EXPECT_NEAR(hours(ledger_of(results), Use::replicate), 1, 1e-9);
}

TEST(Joined, bars_are_short_ones_of_one_lane_and_use_next_to_each_other) {
  const std::vector<Busy> busy = {{0, 0, 1, Use::completed, TrialId(0)},
                                  {0, 1, 2, Use::completed, TrialId(1)},
                                  {0, 2, 3, Use::lost, TrialId(2)},
                                  {1, 3, 4, Use::lost, TrialId(3)}};
  EXPECT_EQ(joined(busy, 0.5).size(), 4U);
  const auto joint = joined(busy, 1.5);
  ASSERT_EQ(joint.size(), 3U);
  EXPECT_DOUBLE_EQ(joint[0].to_s, 2);
}

}  // namespace
}  // namespace seqsweep::report
