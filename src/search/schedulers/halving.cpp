// SPDX-License-Identifier: Apache-2.0
//
// Synchronous successive halving in rounds. With η = reduction_factor and the rungs r_0 < … < r_m of asha, a round is a
// bracket of n = round_trials trials that begin at r_0 = grace_period; by default n = η^m, which leaves one for the
// last rung. Jamieson, Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization"
// (AISTATS), section 3. Differs from the paper: the epochs of a rung follow from grace_period and η, not from a budget
// that is shared out evenly; round follows round for as long as trials begin; see also synchronous_halving.cpp.

#include <cstddef>

#include "option_checks.hpp"
#include "rungs.hpp"
#include "schedulers.hpp"
#include "synchronous_halving.hpp"

namespace seqsweep::search {

std::unique_ptr<Scheduler> make_halving(const SchedulerOptions& options) {
  check_rungs(options);
  expect_at_least(0, options.round_trials, "search.round_trials");
  const auto rungs = rung_epochs(options);
  std::size_t num_trials = 1;  // η^m
  for (std::size_t k = 1; k < rungs.size(); ++k) num_trials *= static_cast<std::size_t>(options.reduction_factor);
  if (options.round_trials > 0) num_trials = static_cast<std::size_t>(options.round_trials);
  return make_synchronous_halving(options, {{"round", num_trials, rungs}});
}

}  // namespace seqsweep::search
