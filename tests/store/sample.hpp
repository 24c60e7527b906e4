// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/store/checkpoint.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::test {

/// A header with a dimension of every kind.
store::ResultsHeader sample_header();

// Records of a sweep whose trial i has two segments: epochs 0 to 1, and 1 to 3.
search::TrialRecord sample_trial(int trial);
search::Segment sample_decision(int trial, int from_epoch, int to_epoch);
store::EpochRecord sample_epoch(int trial, int epoch);
store::SegmentRecord sample_segment(int trial, int from_epoch, int to_epoch);
store::TimingRecord sample_timing(int trial, double started_s);

/// All of it, in canonical order.
store::Results sample_results(int num_trials);
/// The same into a writer, trial by trial in this order of trials (each number once), committed.
void append_sample(store::ResultsWriter& writer, const std::vector<int>& order);

/// A half-trained network with an awkward layout of tensors.
store::Checkpoint sample_checkpoint();

}  // namespace seqsweep::test
