// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/search/importance.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// Where the best trials lie along one dimension.
struct BestRegion {
  std::size_t num_trials = 0;              ///< that have it
  std::optional<search::Value> low, high;  ///< numbers
  std::optional<std::string> choice;       ///< the most frequent; of equals the one with the best trial
  std::size_t num_choice = 0;
};

/// Which dimensions of a sweep matter, and where along them the best tenth of the trials lie.
struct ImportanceReport {
  store::ResultsHeader header;
  search::Importance importance;
  std::size_t num_best = 0;      ///< of trials that did not diverge or fail
  bool has_values = false;       ///< of at least one trial
  bool is_sealed = false;        ///< the sweep is finished: no value is still to come
  std::vector<BestRegion> best;  ///< by dimension

  [[nodiscard]] const std::string& name(std::size_t d) const { return header.dimensions[d].name; }
  [[nodiscard]] bool has_shares() const;
  /// What three or more dimensions do together: what dimensions and pairs leave of 1.
  [[nodiscard]] double rest() const;
};

/// The same answer each time. Needs no epochs. Throws Error where a point does not lie in the space.
[[nodiscard]] ImportanceReport importance_of(const store::Results& results);

}  // namespace seqsweep::report
