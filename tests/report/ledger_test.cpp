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
