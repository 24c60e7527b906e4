// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "tables.hpp"

namespace seqsweep::store {

/// Throws StoreError where a record speaks of trials, epochs or times that no sweep has. Who reads on counts up to
/// them, follows parents to their parents, and sorts by time.
void check_records(const Results& results, std::span<const TrialRow> trials, const std::string& path);

}  // namespace seqsweep::store
