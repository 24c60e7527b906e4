// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seqsweep::data::importers {

/// Reads a CSV file (RFC 4180: quoted fields, doubled quotes, line breaks within quotes; LF, CRLF, or CR alone where
/// the header ends with it) record by record, as read_text() gives it. The first record names the columns. Throws
/// DataError with the line for records of another number of fields.
class CsvReader {
 public:
  CsvReader(const std::string& path, char separator);

  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
  [[nodiscard]] std::int64_t header_line() const { return header_line_; }
  /// The number of the column of that name; ConfigError naming `option` where there is none.
  [[nodiscard]] std::size_t column(const std::string& name, const char* option) const;
  [[nodiscard]] bool has_column(const std::string& name) const;
  /// "column 'score'", or "column 3" of one without a name: for messages.
  [[nodiscard]] std::string title(std::size_t column) const;

  /// Reads the next record into fields(); false at the end. Blank lines are passed over, but where there is one column
  /// they are its empty cells, up to the last line that is not blank.
  bool next();
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
  [[nodiscard]] std::int64_t line() const { return record_line_; }  ///< on which the record begins
  [[nodiscard]] const std::string& path() const { return path_; }
  void rewind();                            ///< to the first record after the header
  [[nodiscard]] double share_read() const;  ///< 0 … 1

 private:
  bool read_record();
  [[nodiscard]] bool is_at_empty_cell() const;
  void read_quoted(std::string& field);
  std::string path_, content_;
  char separator_, line_end_ = '\n';
  std::size_t at_ = 0, body_at_ = 0, num_fields_ = 0;
  std::int64_t line_ = 1, header_line_ = 0, body_line_ = 1, record_line_ = 0;
  std::vector<std::string> header_, fields_;
};

}  // namespace seqsweep::data::importers
