// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "seqsweep/data/options.hpp"

#include "data/importers/csv_reader.hpp"

namespace seqsweep::data::importers {

/// Which columns of a CSV file are read, and as what; from the command line and the file's header.
struct CsvPlan {
  std::vector<std::string> features;    ///< numbers
  std::vector<std::string> categories;  ///< texts, to be one-hot encoded
  std::vector<std::string> targets;     ///< numbers
  std::string time;                     ///< date and time; "" where there is none
  std::string series;                   ///< rows of equal value form a series; "" where all rows do
  std::vector<std::string> labels;      ///< texts, read as they are: the class, a condition
};

[[nodiscard]] CsvPlan plan_csv(CsvReader& reader, const Options& options);

/// The rows that are kept, by series (in the order in which series first appear), in the file's order within a series.
struct CsvRows {
  std::map<std::string, std::vector<double>> numbers;     ///< each [N], finite
  std::map<std::string, std::vector<std::string>> texts;  ///< each [N]
  std::vector<std::int64_t> times;                        ///< [N] or empty [s]
  std::vector<std::int64_t> lines;                        ///< [N] in the file
  std::vector<std::size_t> series_begin;                  ///< first row of each series, and N
  std::vector<std::string> series_name;

  [[nodiscard]] std::size_t num_rows() const { return lines.size(); }
};

/// Reads all rows, under the policies --skip-rows, --drop-duplicates and --missing. Throws DataError with line and
/// column for what is no number or no date.
[[nodiscard]] CsvRows read_csv_rows(CsvReader& reader, const CsvPlan& plan, const Options& options);

}  // namespace seqsweep::data::importers
