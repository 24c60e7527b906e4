// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "seqsweep/cluster/coordinator.hpp"
#include "seqsweep/search/study.hpp"

namespace seqsweep::jobs {

/// What the progress line tells besides counts.
struct ProgressNames {
  std::string metric;  ///< "val_loss"
  double floor = 0;    ///< of that metric; NaN: none
};

/// The line itself: "12/64 trials, 4 running, 3 paused · best val_loss 0.0123 (floor 0.167) · 0.9 epochs/s · about
/// 3 min left".
[[nodiscard]] std::string progress_text(const search::Study& study, const cluster::Progress& progress,
                                        const ProgressNames& names, double elapsed_s);

/// Shows how a sweep goes on standard error: one line that renews itself on a terminal, else a line every half minute.
class ProgressLine {
 public:
  ProgressLine(ProgressNames names, bool is_quiet);
  /// Shows the state if it is time to.
  void update(const search::Study& study, const cluster::Coordinator& coordinator);
  /// Leaves the cursor on a new line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  ProgressNames names_;
  bool is_quiet_, is_terminal_, has_text_ = false;
  Clock::time_point start_, next_;
};

}  // namespace seqsweep::jobs
