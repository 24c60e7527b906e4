// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "data/importers/csv_rows.hpp"
#include "data/windows.hpp"

namespace seqsweep::data::importers {

/// Counts and names what no window covers: groups and pieces between gaps that are too short, groups of which there is
/// nothing to train on, single rows, and parts that were cut off but have no window.
void report_left_out(const CsvRows& rows, std::span<const Series> series, const Forecast& forecast,
                     const std::string& path);

}  // namespace seqsweep::data::importers
