// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/importers/csv_features.hpp"
#include "data/importers/csv_rows.hpp"

namespace seqsweep::data::importers {

/// Makes every target column a series of its own, one after the other, standardised by its own training rows, so that
/// one network learns to forecast them all alike, each from its own past ("channel independence"; Nie, Nguyen,
/// Sinthong, Kalagnanam 2023, "A time series is worth 64 words", section 3.1). The one column that is left is called
/// "value". `series` and `training` go along with the rows.
void stack_targets(CsvPlan& plan, CsvRows& rows, std::vector<Series>& series, RowSet& training);

}  // namespace seqsweep::data::importers
