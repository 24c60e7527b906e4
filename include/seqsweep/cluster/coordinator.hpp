// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "seqsweep/cluster/channel.hpp"
#include "seqsweep/cluster/dispatcher.hpp"
#include "seqsweep/search/study.hpp"
#include "seqsweep/store/records.hpp"

namespace seqsweep::cluster {

/// Where the coordinator writes what happens. Its body in a sweep is the results file.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void append(const search::Segment& decision) = 0;
  virtual void append(const store::EpochRecord& record) = 0;
  virtual void append(const store::SegmentRecord& record) = 0;
  virtual void append(const store::TimingRecord& record) = 0;
  virtual void put_trial(const search::TrialRecord& trial, const store::SegmentRecord* last_segment) = 0;
  /// What was appended is durable when this returns.
  virtual void commit() = 0;
};

/// What an earlier run of the same sweep left: the coordinator replays it and starts where that run was.
struct RecordedWork {
  std::vector<search::Segment> decisions;
  std::vector<store::SegmentRecord> segments;
  std::set<std::pair<TrialId, int>> epochs;  ///< (trial, epoch) of the epoch records that are there
};

struct CoordinatorOptions {
  DispatcherOptions ranks;
  /// The most ranks that the trial of a point can use (its number of shards).
  std::function<int(const search::Point&)> most_ranks;
  /// How often a segment that failed is run again. Networks fail for reasons that stay; programs may not.
  int retries = 0;
};

/// Where a sweep stands.
struct Progress {
  int trials_begun = 0, trials_running = 0, trials_paused = 0, trials_ended = 0, trials_failed = 0;
  int segments_done = 0, segments_waiting = 0, segments_running = 0;
  std::int64_t epochs_done = 0;
  double multiply_adds_done = 0;  ///< virtual time of the segments that are done, in this run
  int ranks_idle = 0, ranks_lost = 0;
};

/// Hands the Study's segments to teams of ranks and their results to the Study and the recorder.
///
/// A state machine: turn() handles what has arrived and never waits. Which ranks train which segment when changes no
/// result, so teams may change while they train, and what a lost rank had is given to others.
class Coordinator {
 public:
  Coordinator(search::Study& study, Recorder& recorder, CoordinatorChannel& channel, CoordinatorOptions options,
              const RecordedWork& recorded);

  /// Handles all messages that are there and hands out work. True if there was anything to do. Throws ClusterError when
  /// no worker is left.
  bool turn();
  /// Stop handing out work and interrupt what runs: is_done() soon.
  void drain();
  [[nodiscard]] bool is_draining() const { return is_draining_; }
  /// The study is finished, or drained.
  [[nodiscard]] bool is_done() const;
  /// Whether ranks train together now, and would wait for each other.
  [[nodiscard]] bool has_teams() const { return dispatcher_.has_teams(); }
  /// Sends all workers home. Call when done.
  void dismiss_workers() { dispatcher_.dismiss(); }
  /// Ranks are, or were, lost: nobody may wait for all of them any more.
  [[nodiscard]] bool has_losses() const { return dispatcher_.has_had_losses(); }

  [[nodiscard]] Progress progress() const;
  [[nodiscard]] store::LiveState live_state() const { return dispatcher_.live_state(); }
  /// The newest record of a trial's segments, or nullptr.
  [[nodiscard]] const store::SegmentRecord* last_segment(TrialId trial) const;

 private:
  using SegmentKey = std::pair<TrialId, int>;  // trial, to_epoch

  void handle(const EpochDone& message);
  void handle(const LegDone& message);
  void handle(const SegmentDone& message);
  void handle(const OutOfMemory& message) { dispatcher_.take(message); }
  void handle(const WorkerAlive& message) { dispatcher_.take(message); }
  void handle(const Goodbye&) {}  // the dispatcher waits for them itself
  void conclude(std::deque<store::SegmentRecord> results);
  [[nodiscard]] bool may_try_again(const store::SegmentRecord& record);
  void fail_the_hopeless();
  void enroll(const std::vector<search::Segment>& decided, std::deque<store::SegmentRecord>& recorded_results);
  void put_changed_trials();
  [[nodiscard]] Job job_of(const search::Segment& segment) const;

  search::Study& study_;
  Recorder& recorder_;
  CoordinatorChannel& channel_;
  std::function<int(const search::Point&)> most_ranks_;
  int retries_;
  Dispatcher dispatcher_;
  bool is_draining_ = false;

  std::map<SegmentKey, store::SegmentRecord> recorded_;  ///< of an earlier run, not yet asked for
  std::set<SegmentKey> recorded_decisions_;
  std::set<std::pair<TrialId, int>> recorded_epochs_;

  std::map<SegmentKey, int> failures_;
  std::map<TrialId, store::SegmentRecord> last_segments_;
  using Written = std::optional<std::pair<search::TrialState, int>>;
  std::vector<Written> written_;  ///< state and epochs in /trials, by trial
  std::int64_t epochs_done_ = 0;
  int segments_done_ = 0, failed_trials_ = 0;
  double multiply_adds_done_ = 0;
  bool has_appended_ = false;
};

}  // namespace seqsweep::cluster
