// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "seqsweep/data/dataset.hpp"
#include "seqsweep/data/writer.hpp"
#include "seqsweep/trial/training.hpp"

namespace seqsweep::trial::testing_support {

/// Small generated data sets in a scratch directory that goes with the process.
[[nodiscard]] std::string scratch(const std::string& name);
/// Unequal lengths 3 … 12, 2 features, one real target per sequence; 50 train, 20 validation, 20 test sequences.
[[nodiscard]] const data::Dataset& regression_data();
/// Unequal lengths, 11 tokens, a class out of 4 per step.
[[nodiscard]] const data::Dataset& tagging_data();

/// Writes a table as a scratch file of that name, with the scores of the trivial rule, and reads it.
[[nodiscard]] data::Dataset write_and_load(data::SequenceTable table, const std::string& name);

/// Small settings with everything in them that could go wrong between ranks: dropout, clipping, penalties, two layers.
[[nodiscard]] TrialSettings small_settings();

/// Runs `body(group)` on `num_ranks` threads that are the ranks of one group.
void run_group(int num_ranks, const std::function<void(Group&)>& body);

}  // namespace seqsweep::trial::testing_support
