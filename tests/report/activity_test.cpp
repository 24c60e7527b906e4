// SPDX-License-Identifier: Apache-2.0
// What can be said of a sweep that is not finished, from its file and its lock file.
#include "seqsweep/report/activity.hpp"

#include <gmock/gmock.h>

#include "seqsweep/report/ledger.hpp"

namespace seqsweep::report {
namespace {

using store::WriterProcess;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = Activity::Kind;

// Two of three decided segments run; the third has a result.
store::Results running_sweep() {
  store::Results results;
  results.header.trials = 8;
  results.header.definition = {{"sweep.concurrency", "3"}, {"search.scheduler", "asha"}};
  for (int trial = 0; trial < 3; ++trial) {
    search::TrialRecord record;
    record.id = TrialId(trial);
    results.trials.push_back(record);
    results.decisions.push_back({TrialId(trial), 0, 4, 0, 10.0 * (3 - trial), ""});  // trial 2 counts first
  }
  store::SegmentRecord done;
  done.trial = TrialId(0);
  done.to_epoch = done.last_epoch = 4;
  results.segments.push_back(done);
  store::TimingRecord leg;
  leg.trial = TrialId(0);
  leg.to_epoch = 4;
  leg.host = "node1";
  leg.first_rank = 1;
  leg.ranks = "1";
  leg.started_s = 1000;
  leg.seconds = 30;
  results.timing.push_back(leg);
  store::LiveState live;
  live.written_s = 1060;
  live.started_s = 1000;
  live.num_ranks = 4;
  live.num_idle = 1;
  store::LiveTeam team;
  team.trial = TrialId(1);
  team.to_epoch = 4;
  team.num_ranks = 2;
  team.ranks = "2,3";
  team.seconds = 60;
  live.teams.push_back(team);
  team.trial = TrialId(2);
  team.num_ranks = 1;
  team.ranks = "1";
  team.seconds = 30;
  live.teams.push_back(team);
  results.live = live;
  return results;
}

const WriterProcess here{WriterProcess::Life::runs, "node1", "123"};
const WriterProcess elsewhere{WriterProcess::Life::unknown, "node9", "123"};
const WriterProcess gone{WriterProcess::Life::ended, "node1", "123"};
constexpr double now_s = 1061;

TEST(Activity, of_a_sealed_file_is_none) {
  auto results = running_sweep();
  results.is_sealed = true;
  EXPECT_EQ(activity_of(results, std::nullopt, now_s).kind, Kind::finished);
}

TEST(Activity, of_a_running_sweep_counts_ranks_and_the_share_of_their_time) {
  const auto activity = activity_of(running_sweep(), here, now_s);
  EXPECT_EQ(activity.kind, Kind::running);
  EXPECT_EQ(activity.sentence, "running for 1 min 0 s on 4 ranks");
  EXPECT_DOUBLE_EQ(activity.utilisation, (30.0 + 2 * 60 + 30) / (4 * 60)) << "the leg that ended, and those that run";
}

TEST(Activity, tells_a_stopped_sweep_from_a_killed_one_and_from_a_copy) {
  auto results = running_sweep();
  EXPECT_THAT(activity_of(results, gone, now_s).sentence, HasSubstr("its process ended in the middle"));
  EXPECT_EQ(activity_of(results, std::nullopt, now_s).kind, Kind::unknown);
  EXPECT_THAT(activity_of(results, std::nullopt, now_s).reasons, IsEmpty());
  results.live->stop_reason = "SIGTERM";
  const auto stopped = activity_of(results, std::nullopt, now_s);
  EXPECT_EQ(stopped.kind, Kind::stopped);
  EXPECT_THAT(stopped.sentence, HasSubstr("stopped by SIGTERM"));
  EXPECT_EQ(activity_of(results, here, now_s).kind, Kind::stopping);
}

TEST(Activity, asks_after_a_process_that_has_long_been_silent) {
  EXPECT_EQ(activity_of(running_sweep(), here, 1060 + 180).sentence,
            "nothing was written for 3 min 0 s; process 123 on host 'node1' still runs");
  EXPECT_EQ(activity_of(running_sweep(), elsewhere, 1060 + 180).sentence,
            "nothing was written for 3 min 0 s; does process 123 on host 'node9' still run?");
  EXPECT_EQ(activity_of(running_sweep(), elsewhere, now_s).kind, Kind::running);
}

TEST(Activity, says_why_ranks_are_idle) {
  auto results = running_sweep();
  const auto reasons = [&] { return activity_of(results, here, now_s).reasons; };
  EXPECT_THAT(reasons(),
              ElementsAre("1 rank is idle: all logical workers (sweep.concurrency = 3) are busy; the next is "
                          "free with trial 2 at epoch 4"))
      << "the result of trial 0 does not count before that of trial 2";
  results.header.definition["sweep.concurrency"] = "4";
  EXPECT_THAT(reasons()[0], HasSubstr("what comes next is known with trial 2"));
  results.header.definition["search.scheduler"] = "halving";
  EXPECT_THAT(reasons()[0], HasSubstr("a rung (halving) waits for trial 2 at epoch 4"));
  results.header.definition["search.scheduler"] = "asha";
  results.header.trials = 3;
  EXPECT_THAT(reasons()[0], HasSubstr("all 3 trials have begun"));
  results.live->num_idle = 0;
  EXPECT_THAT(reasons(), IsEmpty());
  results.live->silent_rank = 2;
  results.live->silent_s = 12;
  results.live->num_lost = 1;
  EXPECT_THAT(reasons(), ElementsAre("1 rank is lost, and others do the work", "rank 2 has been silent for 12.0 s"));
}

TEST(Ledger, counts_the_legs_that_run) {
  auto results = running_sweep();
  const auto ledger = ledger_of(results);
  EXPECT_DOUBLE_EQ(ledger.total_node_hours() * 3600, 60);
  EXPECT_EQ(ledger.lanes.size(), 3U);
  EXPECT_EQ(running_legs(results).size(), 2U);
  auto& leg = results.timing.emplace_back(results.timing[0]);  // it ended after the state was shown
  leg.trial = TrialId(1);
  leg.started_s = 1000;
  leg.seconds = 60.5;
  EXPECT_EQ(running_legs(results).size(), 1U) << "or it would count twice";
}

}  // namespace
}  // namespace seqsweep::report
