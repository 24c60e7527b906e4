// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/importers/csv_plan.hpp"
#include "data/importers/date_time.hpp"

namespace seqsweep::data::importers {

/// The rows that are kept, by series (in the order in which series first appear). Within a series they are in the order
/// of time where there is a time column, else in the file's order.
struct CsvRows {
  std::map<std::string, std::vector<double>> numbers;     ///< each [N], finite, also as 32-bit numbers
  std::map<std::string, std::vector<std::string>> texts;  ///< each [N]
  std::vector<DateTime> times;                            ///< [N] or empty
  std::vector<std::int64_t> lines;                        ///< [N] in the file
  std::vector<std::size_t> series_begin;                  ///< first row of each series, and N
  std::vector<std::string> series_name;

  [[nodiscard]] std::size_t num_rows() const { return lines.size(); }
  [[nodiscard]] std::size_t num_series() const { return series_name.size(); }
};

/// Reads all rows, under the policies --skip-rows, --drop-duplicates and --missing, and puts them into order. Throws
/// DataError with line and column for what is no number or no date, for dates of which some have an offset from UTC and
/// some not, and for times that repeat within a series. Says how many rows were dropped, and whether they were sorted.
[[nodiscard]] CsvRows read_csv_rows(CsvReader& reader, const CsvPlan& plan, const Options& options);

}  // namespace seqsweep::data::importers
