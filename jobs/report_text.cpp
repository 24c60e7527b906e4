// SPDX-License-Identifier: Apache-2.0
#include "report_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::jobs {
namespace {

// Code points, which is what a terminal shows for the characters that we write.
std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool is_left) {
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return is_left ? text + blanks : blanks + text;
}

std::vector<std::size_t> column_widths(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    widths.push_back(display_width(table.columns[c].title));
    for (const auto& row : table.rows) widths[c] = std::max(widths[c], display_width(row[c]));
  }
  return widths;
}

}  // namespace

std::string four_digits(double value) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "-∞";
  const double size = std::abs(value);
  if (value != 0 && (size < 1e-3 || size >= 1e6)) return fmt::format("{:.3e}", value);
  if (size >= 999.95) return fmt::format("{:.0f}", value);
  return fmt::format("{:#.4g}", value);
}

std::string two_digits(double value) {
  return fmt::format("{:#.2g}", value);
}

std::string percent(double share) {
  const double value = 100 * share;
  return value >= 0.05 && value < 1 ? fmt::format("{:.1f} %", value) : fmt::format("{:.0f} %", value);
}

std::size_t TextTable::width() const {
  std::size_t total = 0;
  for (const auto width : column_widths(*this)) total += 2 + width;
  return total;
}

std::string TextTable::text() const {
  const auto widths = column_widths(*this);
  const auto line_of = [&](const auto& cell) {
    std::string line;
    for (std::size_t c = 0; c < columns.size(); ++c) line += "  " + padded(cell(c), widths[c], columns[c].is_left);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  };
  std::string text = line_of([&](std::size_t c) { return columns[c].title; });
  for (const auto& row : rows) text += line_of([&](std::size_t c) { return row[c]; });
  return text;
}

std::string wrapped(const std::string& first, const std::string& text) {
  std::string lines = first;
  const std::size_t indent = display_width(first);
  std::size_t column = indent;
  for (const auto& word : split(text, ' ')) {
    const std::size_t width = display_width(word);
    if (column > indent && column + 1 + width > terminal_columns) {
      lines += '\n';
      lines.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += width;
  }
  return lines + "\n";
}

}  // namespace seqsweep::jobs
