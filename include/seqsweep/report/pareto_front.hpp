// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

struct TrialLine;

/// The trials that no other dominates: none is as good in all objectives and better in one.
struct ParetoFront {
  std::vector<std::size_t> places;  ///< in the ranking that it was made of, so the best in the first metric comes first
  /// The worst value of each objective, in its own sense, among the trials that have all of them.
  std::vector<double> reference;
  double hypervolume = 0;  ///< that the front dominates, below the reference point; product of the metrics' units
  double share = 0;        ///< of the box between the best and the worst values: 1 if one trial is the best in all
};

/// Of the first `num_usable` of `ranking`, which have a value.
[[nodiscard]] ParetoFront pareto_front(const std::vector<TrialLine>& ranking, std::size_t num_usable,
                                       const store::ResultsHeader& header);

}  // namespace seqsweep::report
