// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "seqsweep/search/recorded_sweep.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::jobs {

/// A trial that another one is compared with.
struct Rival {
  TrialId trial;
  double value = 0;  ///< in the metric's own sense; infinite: diverged or failed
};

/// Where a trial stood among all that were measured at the same epoch.
struct PlaceAtRung {
  int epoch = 0;
  std::string group;      ///< "bracket 1": only its trials are compared; empty: all
  std::size_t place = 0;  ///< 1: the best
  std::size_t num_measured = 0;
  std::optional<std::size_t> num_going_on;  ///< nothing: no phrase says so
  std::optional<Rival> cutoff;              ///< the last of those that go on
  std::optional<Rival> above, below;        ///< the next better and the next worse
};

/// One segment of a trial: why it was decided, what came of it, and where that put the trial.
struct ExplainedSegment {
  search::Segment decision;
  const store::SegmentRecord* result = nullptr;  ///< null: it runs, or waits for a worker
  bool counts = false;                           ///< else earlier work in virtual time is awaited
  std::optional<PlaceAtRung> place;              ///< where it counts
};

/// What became of the place of a trial that went on no further.
struct Aftermath {
  PlaceAtRung at_end;                  ///< of the recorded sweep
  int num_went_on = 0;                 ///< from this rung, in all
  std::optional<Rival> worst_gone_on;  ///< of those
  struct Chance {
    double time = 0;  ///< virtual [multiply-adds]
    std::size_t place = 0, num_measured = 0, num_going_on = 0;
  };
  std::optional<Chance> chance;  ///< the first time when it was among those that may go on, and did not
};

/// Why a trial came to where it is: what `explain` says.
struct Explanation {
  store::ResultsHeader header;
  bool is_sealed = false;
  search::TrialRecord trial;               ///< values in the metric's own sense
  std::vector<ExplainedSegment> segments;  ///< in virtual time
  std::optional<Aftermath> aftermath;      ///< of a paused or stopped trial
};

/// Throws ConfigError for a trial that the results do not have. Refers to `results`.
[[nodiscard]] Explanation explain(const store::Results& results, TrialId trial);

[[nodiscard]] std::string to_text(const Explanation& explanation);
[[nodiscard]] std::string to_json(const Explanation& explanation);

}  // namespace seqsweep::jobs
