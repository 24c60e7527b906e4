// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "seqsweep/report/sweep_summary.hpp"

namespace seqsweep::jobs {

/// All of it for a terminal of 100 columns, with the `num_best` best trials.
[[nodiscard]] std::string to_text(const report::SweepSummary& summary, std::size_t num_best);
/// All of it as JSON; run_status() documents the keys. Numbers that do not apply are null.
[[nodiscard]] std::string to_json(const report::SweepSummary& summary, std::size_t num_best);

}  // namespace seqsweep::jobs
