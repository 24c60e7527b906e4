// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace seqsweep::jobs {

constexpr std::size_t terminal_columns = 100;

/// Four significant digits ("0.01234", "12.30", "3.100e-05"); "–" for NaN, "∞" for infinity.
[[nodiscard]] std::string four_digits(double value);
/// As an error is given: "0.0012".
[[nodiscard]] std::string two_digits(double value);

/// A share as a percentage: "12 %", "0.4 %".
[[nodiscard]] std::string percent(double share);

/// A plain table: columns two blanks apart, right-aligned unless `is_left` says so, two blanks before each line.
struct TextTable {
  struct Column {
    std::string title;
    bool is_left = false;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;

  [[nodiscard]] std::size_t width() const;  ///< columns of the terminal
  [[nodiscard]] std::string text() const;   ///< lines with their newlines
};

/// Breaks at blanks so that lines fit the terminal; `first` opens the first line, as many blanks the others.
[[nodiscard]] std::string wrapped(const std::string& first, const std::string& text);

}  // namespace seqsweep::jobs
