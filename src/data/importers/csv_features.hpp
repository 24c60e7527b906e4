// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "data/importers/csv_rows.hpp"
#include "data/windows.hpp"

namespace seqsweep::data::importers {

/// Fills the table's features: the number columns (standardised by the training rows), the one-hot encoded categories
/// (those the training rows have; a later unseen one is all zeros) and the sine and cosine of the --time-features.
void add_csv_features(SequenceTable& table, const CsvRows& rows, const CsvPlan& plan, const RowSet& training,
                      const Options& options);

[[nodiscard]] std::vector<TargetColumn> csv_targets(const CsvRows& rows, const CsvPlan& plan);

}  // namespace seqsweep::data::importers
