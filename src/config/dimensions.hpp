// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ini.hpp"
#include "keys.hpp"

namespace seqsweep::config {

/// Whether a distribution stands in place of its value.
[[nodiscard]] bool holds_distribution(const Entry& entry);

/// Makes dimensions of the entries that hold a distribution. Every constant must be in `config` already: conditions on
/// constants are resolved here, so a dimension may turn out unconditional, or never to exist.
///
/// The order is that of the key table, but a condition's key comes first; that of the file plays no part.
[[nodiscard]] std::vector<search::Dimension> make_dimensions(const std::vector<Entry>& distributions,
                                                             SweepConfig& config);

/// ", up to 0.9" of uniform(0, 1, 0.3), whose upper bound is no value of it; empty where steps end at the bound.
[[nodiscard]] std::string end_of_steps(const search::Distribution& distribution);

/// " if model.cell == rnn" or " if model.cell in (gru, lstm)", canonical; empty for none.
[[nodiscard]] std::string condition_text(const search::Dimension& dimension);

}  // namespace seqsweep::config
