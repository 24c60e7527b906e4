// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ini.hpp"
#include "keys.hpp"

namespace seqsweep::config {

/// Looks for keys that are written and can have no effect, as search.grace_period has none without a scheduler that
/// stops trials (Key::only_if). `config` has its search space by now.
///
/// What stands in a file is shared by runs, and the command line may choose another scheduler, optimizer or cell: such
/// a key gets a warning. What is written on the command line is meant for this run: there it is an error, but for
/// placement keys, which scripts give to every sweep. So is a dimension, wherever it is written, unless it is the
/// command line that makes it one: a search in vain is worse than a key. Throws ConfigError.
void check_relevance(const Entries& entries, SweepConfig& config);

/// "asha, halving": for which values of another key this one is; empty: for all.
[[nodiscard]] std::string relevant_for(const Key& key);

}  // namespace seqsweep::config
