// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "seqsweep/cluster/channel.hpp"
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
  std::vector<int> worker_ranks;  ///< ascending
  int ranks_per_trial = 1;        ///< a power of two, at most as many as there are workers
  /// The most ranks that the trial of a point can use (its number of shards).
  std::function<int(const search::Point&)> most_ranks;
};

/// Where a sweep stands.
struct Progress {
  int trials_begun = 0, trials_running = 0, trials_paused = 0, trials_ended = 0, trials_failed = 0;
  int segments_done = 0, segments_waiting = 0, segments_running = 0;
  std::int64_t epochs_done = 0;
  double multiply_adds_done = 0;  ///< virtual time of the segments that are done, in this run
  int idle_groups = 0;
};

/// Hands the Study's segments to groups of workers and their results to the Study and the recorder.
///
/// A state machine: turn() handles what has arrived and never waits. Which group runs which segment when changes no
/// result. Ranks are taken in fixed blocks of ranks_per_trial; the group itself is formed by its members for each
/// segment.
class Coordinator {
 public:
  Coordinator(search::Study& study, Recorder& recorder, CoordinatorChannel& channel, CoordinatorOptions options,
              const RecordedWork& recorded);

  /// Handles all messages that are there and hands out work. True if there was anything to do.
  bool turn();
  /// Stop handing out work and interrupt what runs: is_done() soon.
  void drain();
  [[nodiscard]] bool is_draining() const { return is_draining_; }
  /// The study is finished, or drained.
  [[nodiscard]] bool is_done() const;
  /// Sends all workers home. Call when done.
  void dismiss_workers();

  [[nodiscard]] Progress progress() const;
  /// The newest record of a trial's segments, or nullptr.
  [[nodiscard]] const store::SegmentRecord* last_segment(TrialId trial) const;

 private:
  using SegmentKey = std::pair<TrialId, int>;  // trial, to_epoch
  struct Block {
    std::vector<int> ranks;
    TrialId resident;  ///< the trial that its ranks hold in memory
    const search::Segment* running = nullptr;
  };

  void handle(const EpochDone& message);
  void handle(const SegmentDone& message);
  void conclude(std::deque<store::SegmentRecord> results);
  void enroll(const std::vector<search::Segment>& decided, std::deque<store::SegmentRecord>& recorded_results);
  void put_changed_trials();
  void hand_out();
  Block* idle_block(TrialId trial);
  void start(Block& block, const search::Segment& segment);

  search::Study& study_;
  Recorder& recorder_;
  CoordinatorChannel& channel_;
  CoordinatorOptions options_;
  bool is_draining_ = false;

  std::map<SegmentKey, search::Segment> open_;  ///< decided, no result yet
  std::deque<SegmentKey> waiting_;              ///< of those: not handed out, in the order of decision
  std::vector<Block> blocks_;

  std::map<SegmentKey, store::SegmentRecord> recorded_;  ///< of an earlier run, not yet asked for
  std::set<SegmentKey> recorded_decisions_;
  std::set<std::pair<TrialId, int>> recorded_epochs_;

  std::map<TrialId, store::SegmentRecord> last_segments_;
  std::map<TrialId, std::pair<search::TrialState, int>> written_;  ///< state and epochs in /trials
  std::set<TrialId> changed_;                                      ///< trials whose row may have to be written again
  std::int64_t epochs_done_ = 0;
  int segments_done_ = 0, failed_trials_ = 0;
  double multiply_adds_done_ = 0;
  bool has_appended_ = false;
};

}  // namespace seqsweep::cluster
