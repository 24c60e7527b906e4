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
  if (!std::isfinite(value)) return four_digits(value);
  return fmt::format("{:#.2g}", value);
}

std::string percent(double share) {
  if (!std::isfinite(share)) return four_digits(share);
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

void TextTable::cut_titles(std::size_t width, std::size_t least) {
  auto untitled = *this;
  for (auto& column : untitled.columns) column.title.clear();
  const auto of_cells = column_widths(untitled);
  while (this->width() > width) {
    const auto length_beyond_need = [&](std::size_t c) {
      const auto length = display_width(columns[c].title), need = std::max(least, of_cells[c]);
      return length > need ? length : 0;
    };
    std::size_t longest = 0;
    for (std::size_t c = 1; c < columns.size(); ++c)
      if (length_beyond_need(c) > length_beyond_need(longest)) longest = c;
    const auto length = length_beyond_need(longest);
    if (length == 0) return;
    columns[longest].title = first_columns(columns[longest].title, length - 1);
  }
}

void TextTable::drop(std::string_view title) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.title == title; });
  if (found == columns.end()) return;
  const auto place = found - columns.begin();
  columns.erase(found);
  for (auto& row : rows) row.erase(row.begin() + place);
}

std::string first_columns(const std::string& text, std::size_t columns) {
  if (display_width(text) <= columns) return text;
  std::size_t end = 0;
  for (std::size_t width = 0; end < text.size(); ++end) {
    const bool begins_character = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins_character && ++width == columns) break;
  }
  return text.substr(0, end) + "…";
}

std::string counted(std::int64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string short_name(const std::string& key) {
  return key.substr(key.rfind('.') + 1);
}

std::string wrapped(const std::string& first, const std::string& text, std::size_t columns) {
  std::string lines = first;
  const std::size_t indent = display_width(first);
  std::size_t column = indent;
  for (const auto& word : split(text, ' ')) {
    const std::size_t width = display_width(word);
    if (column > indent && column + 1 + width > columns) {
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
