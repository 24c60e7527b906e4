// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "seqsweep/search/recorded_sweep.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::jobs {

/// What a sweep cost and found: a fold over its commits in virtual order.
struct SweepFigures {
  int num_trials = 0;
  std::int64_t num_epochs = 0;  ///< trained, all trials
  double multiply_adds = 0;
  double best = store::not_applicable;  ///< in the metric's own sense; NaN: no trial has a value
  TrialId best_trial;                   ///< as the results file numbers it
  std::int64_t epochs_to_best = 0;      ///< trained, all trials, when the best value was there
  std::map<int, int> trials_per_rung;   ///< by epoch: trials that were measured there, or ended on their way there
  int num_cut_short = 0;  ///< trials whose recorded curve broke off before the scheduler was done with them
  std::int64_t num_epochs_missing = 0;  ///< epochs that were asked of them in vain
};
[[nodiscard]] SweepFigures figures_of(const search::RecordedSweep& sweep, search::Goal goal);

[[nodiscard]] nlohmann::ordered_json to_json(const SweepFigures& figures);

/// Two columns side by side: the recorded sweep, and its replay (of several the medians, with quartiles).
[[nodiscard]] std::string to_text(const SweepFigures& recorded, std::span<const SweepFigures> replays,
                                  const store::ResultsHeader& header);

}  // namespace seqsweep::jobs
