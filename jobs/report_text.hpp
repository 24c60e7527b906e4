// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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
  /// Cuts the titles that are wider than their cells, the widest first, until the table is no wider than that. What is
  /// left of a title has at least `least` characters, so it may stay wider.
  void cut_titles(std::size_t width, std::size_t least);
  void drop(std::string_view title);  ///< the column of that title
};

/// Breaks at blanks so that lines fit the columns; `first` opens the first line, as many blanks the others.
[[nodiscard]] std::string wrapped(const std::string& first, const std::string& text,
                                  std::size_t columns = terminal_columns);

/// As much of a text as fits so many columns, with an ellipsis where that is not all.
[[nodiscard]] std::string first_columns(const std::string& text, std::size_t columns);

/// "1 trial", "3 trials".
[[nodiscard]] std::string counted(std::int64_t number, std::string_view what);
/// "learning_rate" of "train.learning_rate": sections only help where names repeat.
[[nodiscard]] std::string short_name(const std::string& key);

}  // namespace seqsweep::jobs
