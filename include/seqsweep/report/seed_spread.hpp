// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// Mean and standard error of the mean, s / √n with s² = Σ (x - mean)² / (n - 1); NaN where there are too few.
struct Spread {
  double mean = store::not_applicable;
  double standard_error = store::not_applicable;
};
[[nodiscard]] Spread spread_of(const std::vector<double>& values);

/// What came of a trial's replicates. The value that it was chosen by is left out: it is too good by the choice.
struct SeedSpread {
  TrialId trial;
  double chosen_by = store::not_applicable;  ///< the sweep's metric
  int num_replicates = 0;                    ///< finished
  int num_lost = 0;                          ///< of these: diverged or failed, and in no mean
  Spread value;                              ///< the sweep's metric
  Spread test;                               ///< the same score on the test split; NaN where there is none
};

/// Of the trials that have replicates, best mean first, those that lost some behind. `score`: which of the test scores
/// ("loss"); empty: none.
[[nodiscard]] std::vector<SeedSpread> seed_spreads(const store::Results& results, const std::string& score);

}  // namespace seqsweep::report
