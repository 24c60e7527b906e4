// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/cluster/coordinator.hpp"
#include "seqsweep/store/checkpoint_space.hpp"
#include "seqsweep/store/results_file.hpp"

#include "sweep_session.hpp"

namespace seqsweep::jobs {

/// Writes what the coordinator records to a results file, which must outlive it, and removes the checkpoints that
/// nobody needs any more.
class FileRecorder final : public cluster::Recorder {
 public:
  /// Leaves all checkpoints where they are.
  explicit FileRecorder(store::ResultsWriter& writer) : writer_(writer), checkpoints_(0, search::Goal::minimize) {}
  FileRecorder(const SweepSession& session, store::ResultsWriter& writer)
      : writer_(writer),
        results_path_(session.results_path),
        checkpoints_(most_checkpoints(session), session.config.study.goal) {}
  void append(const search::Segment& decision) override { writer_.append(decision); }
  void append(const store::EpochRecord& record) override { writer_.append(record); }
  void append(const store::SegmentRecord& record) override { writer_.append(record); }
  void append(const store::TimingRecord& record) override { writer_.append(record); }
  void put_trial(const search::TrialRecord& trial, const store::SegmentRecord* last_segment) override {
    writer_.put_trial(trial, last_segment);
    checkpoints_.observe(trial);
  }
  void commit() override {
    writer_.commit();  // first: what is recorded needs no checkpoint
    for (const TrialId spare : checkpoints_.take_spare()) store::remove_checkpoint(results_path_, spare);
  }

 private:
  // What a command keeps is its own; with several objectives there is no order of trials.
  static std::size_t most_checkpoints(const SweepSession& session) {
    const auto& config = session.config;
    const bool has_order = config.metrics.size() == 1 && !config.is_command();
    return has_order ? static_cast<std::size_t>(config.placement.keep_checkpoints) : 0;
  }

  store::ResultsWriter& writer_;
  std::string results_path_;
  store::CheckpointSpace checkpoints_;
};

}  // namespace seqsweep::jobs
