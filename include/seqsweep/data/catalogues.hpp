// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/data/options.hpp"
#include "seqsweep/data/writer.hpp"

namespace seqsweep::data {

// Run them by make_table() and import_table().

/// A generated task: same options, same data set, on any machine of the same instruction set.
struct Task {
  std::span<const OptionSpec> options;
  SequenceTable (*make)(const Options& options);
};

/// An importer turns the user's files into a data set. Throws DataError with file and line for bad input.
struct Importer {
  std::string_view files;  ///< what it reads, for the usage line: "FILE.csv"
  std::span<const OptionSpec> options;
  SequenceTable (*import)(const std::vector<std::string>& files, const Options& options);
};

/// Makes the data set of a task, or imports one. An option that was given but does not apply is a ConfigError. Classes
/// that are never trained are named in the table's remarks.
[[nodiscard]] SequenceTable make_table(const Task& task, const Options& options);
[[nodiscard]] SequenceTable import_table(const Importer& importer, const std::vector<std::string>& files,
                                         const Options& options);

[[nodiscard]] std::span<const CatalogueEntry<Task>> task_catalogue();
[[nodiscard]] std::span<const CatalogueEntry<Importer>> importer_catalogue();

}  // namespace seqsweep::data
