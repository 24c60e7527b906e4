// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "seqsweep/cluster/channel.hpp"
#include "seqsweep/trial/segment_runner.hpp"

namespace seqsweep::cluster {

struct WorkerOptions {
  int rank = 0;
  std::string host;
  std::function<trial::SegmentTask(const RunSegment&)> task_of;  ///< puts the point into the settings
  /// The team's group; `while_waiting` is called while a rank waits for the others, and may throw.
  std::function<std::unique_ptr<trial::Group>(const RunSegment&, std::function<void()> while_waiting)> make_group;
  PeerChannel* peers = nullptr;         ///< null: there is no other worker
  std::function<void()> while_running;  ///< called at each step, where this process has more to do (may be empty)
  double longest_silence_s = 600;       ///< [s] of the coordinator, after which it is taken for lost; 0: never
};

/// Runs the segments that the coordinator sends, in one leg after the other: between two legs the team changes. Which
/// ranks train a leg changes no number.
class Worker {
 public:
  Worker(WorkerChannel& channel, trial::SegmentRunner& runner, WorkerOptions options);

  /// Handles one message, if there is one; a segment is run as long as this rank is of its team. True if there was
  /// anything to do. Throws ClusterError where the coordinator is lost.
  bool turn();
  [[nodiscard]] bool is_dismissed() const { return leave_.has_value(); }
  /// A rank is lost, so that nobody may wait for all of them any more.
  [[nodiscard]] bool has_losses() const { return leave_ && leave_->has_losses; }

 private:
  using Clock = std::chrono::steady_clock;

  void run(RunSegment order);
  std::optional<RunSegment> run_leg(const RunSegment& order);
  std::optional<RunSegment> next_leg(const RunSegment& order, trial::Group& group);
  void report(const RunSegment& order, const trial::SegmentOutcome& outcome, const std::optional<RunSegment>& next);
  trial::SegmentOutcome train(const RunSegment& order, trial::Group& group);
  store::TimingRecord timing_of(const RunSegment& order, const trial::SegmentOutcome& outcome) const;
  std::optional<ToWorker> receive();
  void listen();
  void hear(const ToWorker& message);
  void leave_if_of(const Abandon& abandon);
  void leave_if_of(const RankLost& lost);
  void beat();

  WorkerChannel& channel_;
  trial::SegmentRunner& runner_;
  WorkerOptions options_;
  std::optional<Leave> leave_;
  std::set<LegId> abandoned_;      ///< an order for one of them may still be on its way
  std::deque<ToWorker> deferred_;  ///< came while this rank was leaving its team; the first is an order

  LegId leg_ = 0;          ///< that this rank trains in; 0: none
  std::vector<int> team_;  ///< the ranks of that leg
  bool is_interrupted_ = false;
  std::optional<Regroup> regroup_;
  int last_reported_epoch_ = 0;
  double leg_started_s_ = 0;  ///< [s] since the epoch of Unix
  Clock::time_point leg_begin_, next_beat_, last_heard_ = Clock::now();
};

}  // namespace seqsweep::cluster
