// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace seqsweep::data::importers {

struct TsCase {
  std::vector<std::vector<float>> dimensions;  ///< [D × T]
  std::string label;                           ///< of its class; empty where a number is to predict
  float target = 0;                            ///< the number to predict
  std::int64_t line = 0;
};

/// What the lines "@key value" of a .ts file say of its cases.
struct TsClaims {
  std::string problem_name;
  bool has_labels = false;                                    ///< @classLabel true
  std::vector<std::string> labels;                            ///< the labels that @classLabel declares; empty: any
  bool has_numbers = false;                                   ///< @targetLabel true
  std::optional<bool> is_univariate;                          ///< @univariate
  std::optional<bool> is_equal_length;                        ///< @equalLength
  std::optional<std::int64_t> num_dimensions, series_length;  ///< @dimensions, @seriesLength
  [[nodiscard]] bool declares(const std::string& label) const;
};

struct TsFile {
  std::string path;
  TsClaims claims;
  std::vector<TsCase> cases;  ///< at least one; all of the same number of dimensions
};

/// Reads a .ts file. DataError, with the line, for a value that is no number of float32 and for every case that
/// contradicts what the file says of itself.
[[nodiscard]] TsFile read_ts(const std::string& path);

}  // namespace seqsweep::data::importers
