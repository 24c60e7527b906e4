// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/store/records.hpp"
#include "seqsweep/trial/group.hpp"
#include "seqsweep/trial/settings.hpp"
#include "seqsweep/trial/training.hpp"

namespace seqsweep::trial {

/// One segment to run, as every rank of its group knows it.
struct SegmentTask {
  TrialId trial;
  int from_epoch = 0;
  int to_epoch = 0;
  double best_value = store::not_applicable;  ///< of the epochs up to from_epoch, as committed; NaN: none yet
  int best_epoch = 0;
  TrialSettings settings;
  std::map<std::string, std::string> definition;  ///< the trial's settings as text, kept in its checkpoint
  std::string identity;         ///< fingerprint of sweep and point: a checkpoint of another identity is not used
  std::string checkpoint_path;  ///< empty: none is read or written
  int start_epoch = 0;          ///< of the state in start_path
  std::string start_path;       ///< the snapshot of another trial that it goes on from; empty: none
  std::string snapshot_folder;  ///< for the states that others may go on from; empty: none is kept
};

struct SegmentOutcome {
  store::SegmentRecord record;
  bool is_interrupted = false;  ///< stopped before its end; the record is not to be used
  double epochs = 0;            ///< trained in this call, with the part of one that is not finished
  double prepare_s = 0;         ///< [s] until training could begin: loading, or taking over the leader's state
  TrainingClock clock;          ///< of this call
};

/// What a segment calls while it runs. `on_epoch` is called on the leader alone, for epochs after from_epoch, also for
/// those that a checkpoint already held: their records may have been lost.
struct SegmentHooks {
  std::function<void(const store::EpochRecord&)> on_epoch;
  std::function<bool()> wants_stop;
  std::function<void()> between_steps;
};

/// Runs segments on one rank, one after the other: what a trial is.
///
/// A segment that was asked to stop may be run again on another group, as long as its leader stays: it goes on from
/// what the leader has in memory. keep() makes its state outlive the process.
class SegmentRunner {
 public:
  virtual ~SegmentRunner() = default;
  /// Collective over the group. What follows from the trial's settings is a record with Ending::failed. What does not
  /// (memory, files, MPI) is thrown: recorded, it would make the results depend on more than the config. After
  /// std::bad_alloc the runner holds nothing of the trial, and the others of the group have to be told.
  virtual SegmentOutcome run(const SegmentTask& task, Group& group, const SegmentHooks& hooks) = 0;
  /// Writes a checkpoint of the segment that run() was asked to stop. On the leader, not collective.
  virtual void keep(const SegmentTask&) {}
  /// How many epochs of its trial the running segment has behind it, with the part of the current one.
  [[nodiscard]] virtual double epochs_trained() const { return 0; }
};

/// A record of the task that says that the trial failed, and why.
[[nodiscard]] store::SegmentRecord failed_record(const SegmentTask& task, std::string message);

}  // namespace seqsweep::trial
