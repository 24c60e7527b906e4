// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "report_text.hpp"
#include "status_view.hpp"
#include "terminal.hpp"

namespace seqsweep::jobs {

/// All of it, with the `num_best` best trials, in as many columns as `style` has.
[[nodiscard]] std::string to_text(const Status& status, std::size_t num_best,
                                  const TextStyle& style = {.columns = terminal_columns});
/// What changes while a sweep runs: less, so that it fits a screen.
[[nodiscard]] std::string to_brief_text(const Status& status, std::size_t num_best, const TextStyle& style);
/// All of it as JSON; run_status() documents the keys. Numbers that do not apply are null.
[[nodiscard]] std::string to_json(const Status& status, std::size_t num_best);

// Its paragraphs; empty where there is nothing to say.
[[nodiscard]] std::string now_lines(const Status& status, std::size_t most_teams, const TextStyle& style);
[[nodiscard]] std::string best_lines(const Status& status, const TextStyle& style);
[[nodiscard]] std::string trial_lines(const Status& status, std::size_t num_best, const TextStyle& style);
[[nodiscard]] std::string replicate_lines(const Status& status, const TextStyle& style);
[[nodiscard]] std::string lineage_lines(const Status& status, const TextStyle& style);

}  // namespace seqsweep::jobs
