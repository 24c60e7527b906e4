// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
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
  std::optional<std::size_t> time;      ///< number of the column of dates and times, named or found
  bool is_time_named = false;           ///< by --time-column
  std::string series;                   ///< rows of equal value form a series; "" where all rows do
  bool has_whole_sequences = false;     ///< these series are whole sequences, with a target of their own each
  std::vector<std::string> labels;      ///< texts, read as they are: the class, a condition
};

/// Throws ConfigError for columns that are not there, are named twice, or would show a whole sequence its own answer.
/// Says which columns are left out because they have no name of their own.
[[nodiscard]] CsvPlan plan_csv(CsvReader& reader, const Options& options);

}  // namespace seqsweep::data::importers
