// SPDX-License-Identifier: Apache-2.0
#pragma once

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

/// Exactly `count` files, or a ConfigError that says what is expected.
void expect_files(const std::vector<std::string>& files, std::size_t count, const std::string& what);

}  // namespace seqsweep::data::importers
