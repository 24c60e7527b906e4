// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "seqsweep/h5/file.hpp"

// The data set file, format version 1 (HDF5).
//
//   N steps in all, S sequences, D features, K outputs, R = S rows (target per sequence) or N rows (target per step)
//
//   /features        [N × D] float32   the steps of all sequences one after another, raw, in their own units;
//   /tokens          [N] int32           or: token ids; 0 is padding (unused), 1 is unknown
//   /sequences       [S] {start int64, length int32, split int32}
//                                      a sequence is the view start … start+length-1 into the steps; views may overlap,
//                                      so the windows of a long series are not expanded. split: 0 train, 1 validation,
//                                      2 test; rows are ordered by split
//   /targets         [R × K] float32   raw; kind real: numbers, kind binary: 0 or 1
//   /classes         [R] int32           or, kind classes: 0 … K-1; negative: not scored
//   /feature_columns [D] {name, mean, sd}   mean and sd are of the training part; normalised = (raw - mean) / sd,
//   /target_columns  [K] {name, mean, sd}   0 and 1 where a column is not normalised; names are "" where unknown
//   /token_names     [vocabulary] {name}    tokens only
//   /floors          [3] {split, loss, accuracy, mae, rmse}   what the trivial rule scores; NaN where it does not apply
//
// Attributes of the root: format "seqsweep data set", format_version, name, provenance, fingerprint, target_kind
// (real | classes | binary), target_position (per_sequence | per_step), target_unit, floor_rule, vocabulary; of
// imported text also text_rules, what cut and lowered its words ("ICU 72.1 (Unicode 15.0)"), which older files do not
// have. The fingerprint (XXH3) is of the content alone: numbers, names and statistics, not the data set's own name or
// source. Arrays are compressed and carry checksums. A file gets its final name when it is complete.
namespace seqsweep::data::schema {

inline constexpr const char* format = "seqsweep data set";
inline constexpr std::int64_t format_version = 1;
inline constexpr std::size_t name_bytes = 96;  ///< longest name of a column, class or token [bytes, UTF-8]

inline constexpr const char* features = "/features";
inline constexpr const char* tokens = "/tokens";
inline constexpr const char* sequences = "/sequences";
inline constexpr const char* targets = "/targets";
inline constexpr const char* classes = "/classes";
inline constexpr const char* feature_columns = "/feature_columns";
inline constexpr const char* target_columns = "/target_columns";
inline constexpr const char* token_names = "/token_names";
inline constexpr const char* floors = "/floors";

struct SequenceRow {
  std::int64_t start = 0;
  std::int32_t length = 0;
  std::int32_t split = 0;
  friend bool operator==(const SequenceRow&, const SequenceRow&) = default;
};
struct ColumnRow {
  char name[name_bytes] = {};
  float mean = 0;
  float sd = 1;
};
struct NameRow {
  char name[name_bytes] = {};
};
struct FloorRow {
  char split[16] = {};
  double loss = 0, accuracy = 0, mae = 0, rmse = 0;
};

[[nodiscard]] h5::RowType sequence_row();
[[nodiscard]] h5::RowType column_row();
[[nodiscard]] h5::RowType name_row();
[[nodiscard]] h5::RowType floor_row();

}  // namespace seqsweep::data::schema
