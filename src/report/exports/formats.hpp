// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seqsweep/report/exports.hpp"

namespace seqsweep::report {

// One file each.
extern const ExportFormat csv_format, json_format, optuna_format;

/// A trial and where its last recorded segment left it: what /trials says in one row.
struct ExportedTrial {
  const search::TrialRecord* record;
  store::SegmentRecord last;  ///< of a trial without any: no epochs, and what is measured does not apply
};
[[nodiscard]] std::vector<ExportedTrial> exported_trials(const store::Results& results);

}  // namespace seqsweep::report
