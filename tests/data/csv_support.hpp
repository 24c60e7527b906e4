// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "data/support.hpp"

namespace seqsweep::data::testing_support {

/// Imports CSV texts.
class CsvText : public testing::Test {
 protected:
  SequenceTable import(const std::string& text, const Given& given) {
    return import_files("csv", {dir_.write("data.csv", text)}, given);
  }
  /// What the user reads on standard error while the import succeeds.
  std::string said(const std::string& text, const Given& given) {
    testing::internal::CaptureStderr();
    try {
      import(text, given);
    } catch (...) {
      testing::internal::GetCapturedStderr();
      throw;
    }
    return testing::internal::GetCapturedStderr();
  }
  std::string data_error(const std::string& text, const Given& given) {
    return error_of<DataError>([&] { import(text, given); });
  }
  std::string config_error(const std::string& text, const Given& given) {
    return error_of<ConfigError>([&] { import(text, given); });
  }
  static std::vector<std::int64_t> starts(const SequenceTable& table, Split split) {
    std::vector<std::int64_t> found;
    for (const auto& row : table.sequences)
      if (row.split == static_cast<std::int32_t>(split)) found.push_back(row.start);
    return found;
  }

  TemporaryDirectory dir_;
};

inline Given with(Given given, const Given& more) {
  given.insert(given.end(), more.begin(), more.end());
  return given;
}

/// Mean and standard deviation of the population, as an independent sum.
inline std::pair<double, double> mean_and_sd(const std::vector<double>& values) {
  double mean = 0, squares = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean) / static_cast<double>(values.size());
  return {mean, std::sqrt(squares)};
}

}  // namespace seqsweep::data::testing_support
