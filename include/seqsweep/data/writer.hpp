// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/data/dataset.hpp"
#include "seqsweep/data/schema.hpp"

namespace seqsweep::data {

/// A data set in memory on its way to a file: what tasks and importers make. Shapes and meaning as in schema.hpp.
struct SequenceTable {
  DatasetHeader header;
  std::vector<float> features;                 ///< [N × D], raw
  std::vector<std::int32_t> tokens;            ///< [N]
  std::vector<schema::SequenceRow> sequences;  ///< [S], ordered by split
  std::vector<float> targets;                  ///< [R × K], raw
  std::vector<std::int32_t> classes;           ///< [R]
  /// What persistence ("nothing changes") predicts for output k: this feature at the sequence's last step …
  std::vector<int> persistence_feature;  ///< [K] or empty: not known
  /// … or no change at all, where targets are already differences to the last step.
  bool has_difference_targets = false;
  std::size_t season = 0;  ///< [steps] … or to the step a season before; names the rule
  /// What the user should know of how it was made: what was left out, classes that are never trained. A line each.
  std::vector<std::string> remarks;

  [[nodiscard]] std::size_t num_steps() const;
  [[nodiscard]] std::size_t num_sequences(Split split) const;
  /// Adds a sequence of the steps from `start` to the end of the step array.
  void close_sequence(std::size_t start, Split split);
};

enum class IfExists { refuse, overwrite };

/// Throws DataError where `path` exists and may not be overwritten: to be asked before any long work.
void refuse_existing(const std::string& path, IfExists if_exists);

/// Writes a data set file by appending. The file is made under a temporary name and takes its own at finish(); a writer
/// that goes before leaves nothing.
class DatasetWriter {
 public:
  /// `header` fixes D, K, vocabulary, kind and position; the rest of it may change until finish().
  /// Throws DataError where `path` exists (and `if_exists` is refuse) or cannot be made.
  DatasetWriter(const std::string& path, const DatasetHeader& header, IfExists if_exists);
  ~DatasetWriter();
  DatasetWriter(const DatasetWriter&) = delete;
  DatasetWriter& operator=(const DatasetWriter&) = delete;

  void append_features(std::span<const float> rows);
  void append_tokens(std::span<const std::int32_t> tokens);
  void append_sequences(std::span<const schema::SequenceRow> rows);
  void append_targets(std::span<const float> rows);
  void append_classes(std::span<const std::int32_t> classes);

  /// Writes names, statistics and floors, computes the fingerprint, and renames the file into place.
  /// Returns the fingerprint.
  std::string finish(const DatasetHeader& header);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

/// Fills header.floors and header.floor_rule from the table: the better (on validation, else on train) of the mean of
/// the training part and persistence; the majority class; the marginal of each key.
void set_floors(SequenceTable& table);

/// Checks the table as Dataset::load would, and writes it. Returns the fingerprint.
std::string write_dataset(const SequenceTable& table, const std::string& path, IfExists if_exists);

}  // namespace seqsweep::data
