// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// A result of a segment, and how much work was done by then. Replicates are left out.
struct Measured {
  TrialId trial;
  std::int64_t num_trials = 0;             ///< with a result by then
  std::int64_t num_epochs = 0;             ///< trained by then, all trials
  double ended_s = store::not_applicable;  ///< [s] since the epoch of Unix; NaN: no leg of it is recorded
  double value = store::not_applicable;    ///< the sweep's metric, best so far of the trial; NaN: diverged or failed
};

/// All results in virtual order; those of a running sweep that do not count yet come last.
[[nodiscard]] std::vector<Measured> measured_in_order(const store::Results& results);

/// The places of those that were better than all before them.
[[nodiscard]] std::vector<std::size_t> improvements(const std::vector<Measured>& measured, search::Goal goal);

/// Whether the search was still finding better trials when its work ended.
struct Outlook {
  enum class Kind { unknown, improving, levelled_off } kind = Kind::unknown;
  std::string sentence;
};
/// Looks at the last third of the epochs: what it gained, against what is noise. `noise`: standard error of the best
/// trial's value over seeds; NaN: unknown, then one part in a hundred of the value counts as noise.
[[nodiscard]] Outlook outlook(const std::vector<Measured>& measured, search::Goal goal, double noise);

}  // namespace seqsweep::report
