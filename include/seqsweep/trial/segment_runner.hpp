// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/data/dataset.hpp"
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
  TrialSettings settings;
  std::map<std::string, std::string> definition;  ///< the trial's settings as text, kept in its checkpoint
  std::string identity;         ///< fingerprint of sweep and point: a checkpoint of another identity is not used
  std::string checkpoint_path;  ///< empty: none is read or written
};

struct SegmentOutcome {
  store::SegmentRecord record;
  bool is_interrupted = false;  ///< stopped at a step boundary; the record is not to be used
  TrainingClock clock;
};

/// What a segment calls while it runs. `on_epoch` is called on the leader alone, for epochs after from_epoch, also for
/// those that a checkpoint already held: their records may have been lost.
struct SegmentHooks {
  std::function<void(const store::EpochRecord&)> on_epoch;
  std::function<bool()> wants_stop;
  std::function<void()> between_steps;
};

/// Runs segments on one rank, one after the other. Keeps the last trial in memory, so that its next segment loads
/// nothing. A lost checkpoint loses no result: the trial is trained again from its start, to the same bits.
class SegmentRunner {
 public:
  SegmentRunner(const data::Dataset& dataset, const Objective& objective, double checkpoint_interval_s);
  ~SegmentRunner();

  /// Collective over the group. What follows from the trial's settings is a record with Ending::failed. What does not
  /// (memory, files, MPI) is thrown: recorded, it would make the results depend on more than the config.
  SegmentOutcome run(const SegmentTask& task, Group& group, const SegmentHooks& hooks);

  /// The trial in memory, or TrialId{} for none.
  [[nodiscard]] TrialId resident() const;

 private:
  void prepare(const SegmentTask& task, Group& group);
  bool use_checkpoint(const SegmentTask& task);
  void write_checkpoint(const SegmentTask& task);
  SegmentOutcome train(const SegmentTask& task, Group& group, const SegmentHooks& hooks);

  const data::Dataset& dataset_;
  Objective objective_;
  double checkpoint_interval_s_;
  std::unique_ptr<Training> training_;
  std::string resident_identity_;
};

}  // namespace seqsweep::trial
