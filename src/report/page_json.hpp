// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "seqsweep/report/curves.hpp"
#include "seqsweep/report/ledger.hpp"
#include "seqsweep/report/page.hpp"
#include "seqsweep/report/sweep_summary.hpp"

// The parts of the object that a page holds: src/report/page/*.js draws them. Numbers that do not apply are null.
namespace seqsweep::report {

using Json = nlohmann::ordered_json;

/// Enough digits to draw with. Not for numbers that are shown as they are.
[[nodiscard]] double six_digits(double value);

// page_json.cpp
[[nodiscard]] Json answer_json(const store::Results& results, const SweepSummary& summary, const PageContext& context);
[[nodiscard]] Json dimensions_json(const SweepSummary& summary);
[[nodiscard]] Json record_json(const SweepSummary& summary);
[[nodiscard]] Json failures_json(const SweepSummary& summary);

// page_plots.cpp
[[nodiscard]] Json trials_json(const SweepSummary& summary, const std::map<TrialId, LearningCurve>& curves);
[[nodiscard]] Json curves_json(const SweepSummary& summary, const std::map<TrialId, LearningCurve>& curves);
[[nodiscard]] Json progress_json(const store::Results& results, const Ledger& ledger);
[[nodiscard]] Json gradients_json(const store::Results& results, const SweepSummary& summary);

// page_search.cpp
[[nodiscard]] Json importance_json(const store::Results& results);
[[nodiscard]] Json rungs_json(const store::Results& results, const SweepSummary& summary);
[[nodiscard]] Json front_json(const SweepSummary& summary);
[[nodiscard]] Json ledger_json(const Ledger& ledger);

}  // namespace seqsweep::report
