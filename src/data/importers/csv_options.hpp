// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "seqsweep/data/options.hpp"

namespace seqsweep::data::importers {

[[nodiscard]] std::span<const OptionSpec> csv_options();

/// Throws ConfigError for options that would be ignored or contradict each other.
void refuse_what_does_not_apply(const Options& given);

}  // namespace seqsweep::data::importers
