// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "data/importers/csv_rows.hpp"
#include "data/windows.hpp"

namespace seqsweep::data::importers {

/// Cuts each series in time, as --split, --split-rows or --split-dates tell, and breaks it at gaps in time where --gaps
/// break tells; so there are one or more pieces a series, in order. Says how many gaps there are, and how large the
/// usual step is.
[[nodiscard]] std::vector<Series> cut_series(const CsvRows& rows, const Options& given, const std::string& path);

}  // namespace seqsweep::data::importers
