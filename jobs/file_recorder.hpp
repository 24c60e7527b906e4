// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "seqsweep/cluster/coordinator.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/store/checkpoint_space.hpp"
#include "seqsweep/store/results_file.hpp"

#include "sweep_session.hpp"

namespace seqsweep::jobs {

/// Writes what the coordinator records to a results file, which must outlive it, and removes the checkpoints that
/// nobody needs any more.
class FileRecorder final : public cluster::Recorder {
 public:
  /// Leaves all checkpoints where they are.
  explicit FileRecorder(store::ResultsWriter& writer) : writer_(writer), checkpoints_({}, search::Goal::minimize) {}
  FileRecorder(const SweepSession& session, store::ResultsWriter& writer)
      : writer_(writer),
        results_path_(session.results_path),
        bounds_(bounds(session.config)),
        checkpoints_(bounds_, session.config.study.goal) {}
  void append(const search::Segment& decision) override { writer_.append(decision); }
  void append(const store::EpochRecord& record) override { writer_.append(record); }
  void append(const store::SegmentRecord& record) override {
    writer_.append(record);
    const bool has_gone_well = record.ending == search::Ending::reached || record.ending == search::Ending::exhausted;
    if (has_gone_well && !record.message.empty()) pass_on(record);
  }
  void append(const store::TimingRecord& record) override { writer_.append(record); }
  void put_trial(const search::TrialRecord& trial, const store::SegmentRecord* last_segment) override {
    writer_.put_trial(trial, last_segment);
    checkpoints_.observe(trial, bounds_.bytes > 0 ? store::checkpoint_bytes(results_path_, trial.id) : 0);
  }
  void commit() override {
    writer_.commit();  // first: what is recorded needs no checkpoint
    for (const TrialId spare : checkpoints_.take_spare()) store::remove_checkpoint(results_path_, spare);
    if (checkpoints_.is_exceeded() && !std::exchange(has_warned_, true))
      log::warning(
          fmt::format("checkpoints take {}, more than cluster.checkpoint_space: those of trials that may go on stay",
                      human_bytes(static_cast<double>(checkpoints_.bytes()))));
  }

 private:
  // What a command keeps is its own; with several objectives there is no order of trials.
  static store::CheckpointSpace::Bounds bounds(const config::SweepConfig& config) {
    const bool has_order = config.metrics.size() == 1 && !config.is_command();
    if (!has_order) return {};
    return {static_cast<std::size_t>(config.placement.keep_checkpoints), config.placement.checkpoint_space_bytes};
  }

  // What a program printed and is not counted would be a line for each trial: a few are enough.
  void pass_on(const store::SegmentRecord& record) {
    constexpr std::size_t most = 3;
    if (remarks_.size() >= most || !remarks_.insert(record.message).second) return;
    log::warning(
        fmt::format("trial {}: {}{}", record.trial.value, record.message,
                    remarks_.size() < most ? "" : "; there may be more, see column message of /segment_results"));
  }

  store::ResultsWriter& writer_;
  std::string results_path_;
  store::CheckpointSpace::Bounds bounds_;
  store::CheckpointSpace checkpoints_;
  bool has_warned_ = false;
  std::set<std::string> remarks_;  // that were passed on
};

}  // namespace seqsweep::jobs
