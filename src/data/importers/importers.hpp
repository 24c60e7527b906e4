// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "seqsweep/data/catalogues.hpp"

#include "data/splits.hpp"

namespace seqsweep::data::importers {

[[nodiscard]] Importer csv();
[[nodiscard]] Importer idx();
[[nodiscard]] Importer text();
[[nodiscard]] Importer ts();
[[nodiscard]] Importer piano_roll();

inline constexpr OptionSpec unit_option = {"unit", "UNIT", "", "unit of the target, shown beside errors"};
inline constexpr OptionSpec validation_option = {
    "validation", "SHARE", "0.1", "share of the training sequences set apart, where the test part is given"};

/// The file's bytes, unpacked where it is gzipped. Throws DataError where it cannot be read.
[[nodiscard]] std::string read_file(const std::string& path);

/// The file's text as UTF-8 without byte order marks; its lines end at LF, whether they did at LF, CR LF or CR. UTF-16
/// is told by its byte order mark. DataError, with the line, for what is neither.
[[nodiscard]] std::string read_text(const std::string& path);

/// The lines of read_text(); the first is line 1 of the file. A carriage return within a line is refused.
[[nodiscard]] std::vector<std::string> read_lines(const std::string& path);

/// Whether a float32 can hold the value; infinite ones are none.
[[nodiscard]] inline bool fits_float(double value) {
  return std::abs(value) <= std::numeric_limits<float>::max();
}

/// Exactly `count` files, or a ConfigError that says what is expected.
void expect_files(const std::vector<std::string>& files, std::size_t count, const std::string& what);

}  // namespace seqsweep::data::importers
