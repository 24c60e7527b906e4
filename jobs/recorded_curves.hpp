// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "seqsweep/search/study.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::jobs {

/// What a sweep recorded of one trial, to be had again without training.
struct RecordedCurve {
  std::vector<double> best;                         ///< after epoch 1, 2 …: best so far, in the metric's own sense
  search::Ending ending = search::Ending::reached;  ///< reached: how it goes on is not known
  std::vector<double> epoch_costs;                  ///< of epoch 1, 2 … as far as one was decided [multiply-adds]

  [[nodiscard]] int num_epochs() const { return static_cast<int>(best.size()); }
  /// Of the epochs from_epoch + 1 … to_epoch; beyond the record they cost what the last one did. [multiply-adds]
  [[nodiscard]] double cost(int from_epoch, int to_epoch) const;
};

/// Of each trial that has a decision, by id.
[[nodiscard]] std::map<TrialId, RecordedCurve> recorded_curves(const store::Results& results);

/// What training would have given, had it been done. A curve that breaks off before the end of the segment ends there,
/// as one that improves no more.
[[nodiscard]] search::SegmentResult replayed(const RecordedCurve& curve, const search::Segment& segment);

/// A text that tells points of a space from one another.
[[nodiscard]] std::string key_of(const search::Point& point);

}  // namespace seqsweep::jobs
