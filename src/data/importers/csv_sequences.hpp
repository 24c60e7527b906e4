// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seqsweep/data/writer.hpp"

#include "data/importers/csv_rows.hpp"

namespace seqsweep::data::importers {

/// One whole sequence per series of rows, with a class (which is the same in all of its rows) or the numbers of its
/// last row to predict.
[[nodiscard]] SequenceTable whole_sequences(const CsvRows& rows, const CsvPlan& plan, const Options& given,
                                            const std::string& path);

}  // namespace seqsweep::data::importers
