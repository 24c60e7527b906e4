// SPDX-License-Identifier: Apache-2.0
//
// Hyperband. With η = reduction_factor and R = max_epochs:
//   s_max = ⌊log_η(R / grace_period)⌋
//   for s = s_max … 0: successive halving of n = ⌈(s_max + 1) · η^s / (s + 1)⌉ trials with rungs at R · η^(k − s),
//                      k = 0 … s [epochs]
// and again from s_max for as long as trials begin. Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar 2018, "Hyperband: a
// novel bandit-based approach to hyperparameter optimization" (JMLR 18), algorithm 1. With the sampler tpe this is
// BOHB: Falkner, Klein, Hutter 2018, "BOHB: robust and efficient hyperparameter optimization at scale" (ICML).
// Differs from the paper: the smallest number of epochs is grace_period, not 1; epochs are rounded down; see also
// synchronous_halving.cpp.

#include <cstdint>

#include <fmt/format.h>

#include "option_checks.hpp"
#include "schedulers.hpp"
#include "synchronous_halving.hpp"

namespace seqsweep::search {

std::unique_ptr<Scheduler> make_hyperband(const SchedulerOptions& options) {
  check_rungs(options);
  std::vector<std::int64_t> powers = {1};  // η^s for s = 0 … s_max
  while (options.grace_period * powers.back() * options.reduction_factor <= options.max_epochs)
    powers.push_back(powers.back() * options.reduction_factor);

  std::vector<BracketPlan> plans;
  for (auto s = powers.size(); s-- > 0;) {
    const auto total = powers.size() * static_cast<std::size_t>(powers[s]);  // (s_max + 1) · η^s
    std::vector<int> rungs;
    for (auto i = s + 1; i-- > 0;) rungs.push_back(static_cast<int>(options.max_epochs / powers[i]));
    plans.push_back({fmt::format("bracket s = {}, round", s), (total + s) / (s + 1), std::move(rungs)});
  }
  return make_synchronous_halving(options, std::move(plans));
}

}  // namespace seqsweep::search
