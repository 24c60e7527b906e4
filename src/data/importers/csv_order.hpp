// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "data/importers/csv_rows.hpp"

namespace seqsweep::data::importers {

/// Puts rows that were read in the file's order into series (series_of_row names that of each row), and each series
/// into the order of time where there is a time column: a file may be newest first, or shuffled. Says where that moved
/// rows. Throws DataError where a time repeats within a series, for then some rows are of different things.
void order_rows(CsvRows& rows, const std::vector<std::string>& series_of_row, const CsvPlan& plan,
                const CsvReader& reader);

}  // namespace seqsweep::data::importers
