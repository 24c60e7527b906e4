// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "seqsweep/data/dataset.hpp"
#include "seqsweep/trial/segment_runner.hpp"

namespace seqsweep::trial {

/// Trains networks. Keeps the last trial in memory, so that its next segment loads nothing. A lost checkpoint loses no
/// result: the trial is trained again from its start, to the same bits.
class TrainingRunner final : public SegmentRunner {
 public:
  TrainingRunner(const data::Dataset& dataset, const Objective& objective, double checkpoint_interval_s);
  ~TrainingRunner() override;

  SegmentOutcome run(const SegmentTask& task, Group& group, const SegmentHooks& hooks) override;
  void keep(const SegmentTask& task) override { write_checkpoint(task); }
  [[nodiscard]] double epochs_trained() const override { return training_ ? training_->epochs_trained() : 0; }

  /// The trial in memory, or TrialId{} for none.
  [[nodiscard]] TrialId resident() const;

 private:
  void prepare(const SegmentTask& task, Group& group);
  void abandon_training(const SegmentTask& task);
  bool use_checkpoint(const SegmentTask& task);
  void start_over(const SegmentTask& task);
  void keep_snapshot(const SegmentTask& task);
  void write_checkpoint(const SegmentTask& task);
  SegmentOutcome train(const SegmentTask& task, Group& group, const SegmentHooks& hooks);

  const data::Dataset& dataset_;
  Objective objective_;
  double checkpoint_interval_s_;
  std::unique_ptr<Training> training_;
  std::string resident_identity_;
  bool is_prepared_ = false;  ///< training_ holds a state that was reached, not half of one that is being taken over
  double prepare_s_ = 0;      ///< what it took to get there
};

}  // namespace seqsweep::trial
