// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/store/results_file.hpp"

namespace seqsweep::report {

/// How the results of a sweep become a file for other tools.
struct ExportFormat {
  std::string_view ending;                   ///< of the file's name, ".json"
  std::span<const std::string_view> tables;  ///< one file holds one of these, by default the first; empty: it holds all
  std::string (*text)(const store::Results& results, std::string_view table);  ///< `table`: one of `tables`, or empty
};

/// Every format, in the order of the help text.
[[nodiscard]] std::span<const CatalogueEntry<ExportFormat>> export_catalogue();

}  // namespace seqsweep::report
