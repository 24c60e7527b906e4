// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// An epoch at which the scheduler compared trials, and what became of those that got there.
struct Rung {
  std::string group;  ///< "bracket 1": only its trials are compared; empty: all
  int epoch = 0;
  int num_measured = 0;   ///< all below together
  int num_went_on = 0;    ///< to a later rung
  int num_completed = 0;  ///< at their last epoch, or improving no more
  int num_stopped = 0;
  int num_waiting = 0;                           ///< paused, or nothing is decided yet
  int num_lost = 0;                              ///< diverged or failed
  double worst_gone_on = store::not_applicable;  ///< the sweep's metric here
  double best_left = store::not_applicable;      ///< of those stopped or waiting
  std::optional<int> place_of_winner;            ///< 1: the best trial of the sweep was the best here, too
};

/// By group and epoch; none where all trials end at one epoch. Replicates are left out. `winner`: the best trial, if
/// there is one.
[[nodiscard]] std::vector<Rung> rungs_of(const store::Results& results, std::optional<TrialId> winner);

}  // namespace seqsweep::report
