// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_reader.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "data/importers/date_time.hpp"
#include "data/importers/importers.hpp"

namespace seqsweep::data::importers {
namespace {

// What ends the records. CR alone does where the first line break outside quotes is one: a file may have such lines and
// LF within quotes (Excel for Mac), and in other files CR may stand within a field.
char line_end_of(std::string_view content) {
  bool is_quoted = false;
  for (const char c : content) {
    if (c == '"') is_quoted = !is_quoted;
    if (!is_quoted && (c == '\n' || c == '\r')) return c;
  }
  return '\n';
}

// Numbers and dates alone, a number with a point or a sign among them: a row of a file that has no header. Whole
// numbers may be names: of years, or of what has none (pandas).
bool are_values(const std::vector<std::string>& names) {
  bool has_measurement = false;
  for (const auto& name : names) {
    const bool is_number = parse_real(name).has_value();
    if (!is_number && !parse_date_time(name)) return false;
    has_measurement = has_measurement || (is_number && name.find_first_not_of("0123456789") != std::string::npos);
  }
  return has_measurement;
}

}  // namespace

CsvReader::CsvReader(const std::string& path, char separator)
    : path_(path), content_(read_text(path)), separator_(separator) {
  line_end_ = line_end_of(content_);
  if (!read_record()) throw DataError("is empty; the first line must name the columns", path_);
  header_line_ = record_line_;
  std::set<std::string> seen;
  for (const auto& name : fields_) {
    header_.emplace_back(trim(name));
    if (!header_.back().empty() && !seen.insert(header_.back()).second)
      throw DataError(fmt::format("two columns are named '{}'; rename one", header_.back()), path_, record_line_);
  }
  if (are_values(header_))
    throw DataError(fmt::format("holds values ({}), but the first line must name the columns; put a line with names "
                                "before it",
                                join(std::span(header_).first(std::min<std::size_t>(3, header_.size())), ", ")),
                    path_, header_line_);
  num_fields_ = header_.size();
  body_at_ = at_;
  body_line_ = line_;
}

std::string CsvReader::title(std::size_t column) const {
  return header_[column].empty() ? fmt::format("column {}", column + 1) : fmt::format("column '{}'", header_[column]);
}

void CsvReader::rewind() {
  at_ = body_at_;
  line_ = body_line_;
}

double CsvReader::share_read() const {
  return content_.empty() ? 1 : static_cast<double>(at_) / static_cast<double>(content_.size());
}

bool CsvReader::has_column(const std::string& name) const {
  return std::find(header_.begin(), header_.end(), name) != header_.end();
}

std::size_t CsvReader::column(const std::string& name, const char* option) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found == header_.end() || name.empty())
    throw ConfigError(fmt::format("--{}: {} has no column '{}' {}", option, path_, name, known_names(name, header_)),
                      "command line", option);
  return static_cast<std::size_t>(found - header_.begin());
}

void CsvReader::read_quoted(std::string& field) {
  for (++at_; at_ < content_.size(); ++at_) {
    if (content_[at_] == line_end_) ++line_;
    if (content_[at_] != '"') {
      field += content_[at_];
    } else if (at_ + 1 < content_.size() && content_[at_ + 1] == '"') {
      field += content_[++at_];
    } else {
      ++at_;
      return;
    }
  }
  throw DataError("a quoted field has no closing quote", path_, record_line_);
}

// A blank line is all that a missing number of a file with one column leaves.
bool CsvReader::is_at_empty_cell() const {
  const auto rest = std::string_view(content_).substr(at_);
  const bool is_blank = rest.starts_with(line_end_) || (line_end_ == '\n' && rest.starts_with("\r\n"));
  return num_fields_ == 1 && is_blank && rest.find_first_not_of("\r\n") != std::string_view::npos;
}

bool CsvReader::read_record() {
  if (is_at_empty_cell()) {
    record_line_ = line_++;
    at_ = content_.find(line_end_, at_) + 1;
    fields_.assign(1, "");
    return true;
  }
  while (at_ < content_.size() && (content_[at_] == '\n' || content_[at_] == '\r'))  // blank lines
    if (content_[at_++] == line_end_) ++line_;
  if (at_ >= content_.size()) return false;
  record_line_ = line_;
  std::size_t count = 0;
  for (;;) {
    if (count == fields_.size()) fields_.emplace_back();
    auto& field = fields_[count++];
    field.clear();
    if (at_ < content_.size() && content_[at_] == '"') read_quoted(field);
    const auto end = std::min(content_.find_first_of(std::string{separator_, line_end_}, at_), content_.size());
    field.append(content_, at_, end - at_);
    at_ = end;
    if (at_ < content_.size() && content_[at_] == separator_) {
      ++at_;
      continue;
    }
    if (!field.empty() && field.back() == '\r') field.pop_back();
    if (at_ < content_.size()) {
      ++at_;
      ++line_;
    }
    fields_.resize(count);
    return true;
  }
}

bool CsvReader::next() {
  if (!read_record()) return false;
  if (fields_.size() != num_fields_)
    throw DataError(
        fmt::format("has {} fields, but the header names {} columns (see --separator)", fields_.size(), num_fields_),
        path_, record_line_);
  return true;
}

}  // namespace seqsweep::data::importers
