// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/cluster/coordinator.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::jobs {

/// Writes what the coordinator records to a results file, which must outlive it.
class FileRecorder final : public cluster::Recorder {
 public:
  explicit FileRecorder(store::ResultsWriter& writer) : writer_(writer) {}
  void append(const search::Segment& decision) override { writer_.append(decision); }
  void append(const store::EpochRecord& record) override { writer_.append(record); }
  void append(const store::SegmentRecord& record) override { writer_.append(record); }
  void append(const store::TimingRecord& record) override { writer_.append(record); }
  void put_trial(const search::TrialRecord& trial, const store::SegmentRecord* last_segment) override {
    writer_.put_trial(trial, last_segment);
  }
  void commit() override { writer_.commit(); }

 private:
  store::ResultsWriter& writer_;
};

}  // namespace seqsweep::jobs
