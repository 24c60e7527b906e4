// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/hash.hpp"
#include "seqsweep/h5/file.hpp"

namespace seqsweep::store {

/// No sweep has more, as config/sweep_keys.cpp has it.
constexpr std::int64_t most_trials = 10'000'000, most_epochs = 1'000'000;

/// What a cell holds that its column cannot.
struct BadCell {
  std::string problem;
};

// Cells as they lie in a row. Every NaN becomes the same NaN, so that equal content is equal bytes.
void put_cell(std::byte* at, std::int64_t value);
void put_cell(std::byte* at, double value);
void put_cell(std::byte* at, const std::string& text, std::size_t width);
[[nodiscard]] std::int64_t integer_cell(const std::byte* at);
[[nodiscard]] double real_cell(const std::byte* at);
[[nodiscard]] std::string text_cell(const std::byte* at, std::size_t width);
/// A cell as people read it.
[[nodiscard]] std::string shown_cell(const h5::Column& column, const std::byte* row);

/// How records become rows of a table and rows records again: the one place where a column is defined.
/// Accessors are `[](auto& record) -> auto& { return record.member; }`.
template <class Record>
class RowFormat {
 public:
  RowFormat(std::string path_, std::string description_)
      : path(std::move(path_)), description(std::move(description_)) {}

  template <class Access>
  void integer(const char* name, const char* unit, const char* meaning, Access access) {
    add(
        {name, h5::Kind::i64, 0, 0, unit, meaning},
        [access](const Record& r, std::byte* at) { put_cell(at, std::int64_t{access(r)}); },
        [access](Record& r, const std::byte* at) {
          using Target = std::remove_reference_t<decltype(access(r))>;
          const std::int64_t value = integer_cell(at);
          if (value < std::numeric_limits<Target>::min() || value > std::numeric_limits<Target>::max())
            throw BadCell{fmt::format("{} is out of range", value)};
          access(r) = static_cast<Target>(value);
        });
  }
  template <class Access>
  void real(const std::string& name, const char* unit, const std::string& meaning, Access access) {
    add(
        {name, h5::Kind::f64, 0, 0, unit, meaning},
        [access](const Record& r, std::byte* at) { put_cell(at, access(r)); },
        [access](Record& r, const std::byte* at) { access(r) = real_cell(at); });
  }
  template <class Access>
  void text(const char* name, const char* meaning, std::size_t width, Access access) {
    add(
        {name, h5::Kind::text, 0, width, "", meaning},
        [access, width](const Record& r, std::byte* at) { put_cell(at, access(r), width); },
        [access, width](Record& r, const std::byte* at) { access(r) = text_cell(at, width); });
  }
  /// An enumeration, shown by its words.
  template <class Enum, class Access>
  void word(const char* name, const char* meaning, std::vector<Enum> all, Access access) {
    constexpr std::size_t width = 12;
    add(
        {name, h5::Kind::text, 0, width, "", meaning},
        [access](const Record& r, std::byte* at) { put_cell(at, std::string(name_of(access(r))), width); },
        [access, all = std::move(all)](Record& r, const std::byte* at) {
          const std::string word = text_cell(at, width);
          for (const Enum value : all)
            if (name_of(value) == word) {
              access(r) = value;
              return;
            }
          throw BadCell{fmt::format("'{}' is no known word", word)};
        });
  }

  /// A last column that guards the others.
  void checksum() {
    const std::size_t width = type.row_bytes;
    const auto hash_before = [width](const std::byte* at) {
      return static_cast<std::int64_t>(hash_of({at - width, width}));
    };
    add(
        {"checksum", h5::Kind::i64, 0, 0, "", "XXH3 of the columns before"},
        [=](const Record&, std::byte* at) { put_cell(at, hash_before(at)); },
        [=](Record&, const std::byte* at) {
          if (integer_cell(at) != hash_before(at)) throw BadCell{"the row is not as it was written"};
        });
  }

  using Put = std::function<void(const Record&, std::byte* at)>;
  using Get = std::function<void(Record&, const std::byte* at)>;  ///< throws BadCell
  void add(h5::Column column, Put put, Get get) {
    column.offset = type.row_bytes;
    type.row_bytes += column.kind == h5::Kind::text ? column.text_bytes : 8;
    type.columns.push_back(std::move(column));
    puts_.push_back(std::move(put));
    gets_.push_back(std::move(get));
  }

  void encode(const Record& record, std::vector<std::byte>& rows) const {
    const std::size_t start = rows.size();
    rows.resize(start + type.row_bytes);
    for (std::size_t c = 0; c < puts_.size(); ++c) puts_[c](record, rows.data() + start + type.columns[c].offset);
  }

  [[nodiscard]] std::vector<std::byte> encode(std::span<const Record> records) const {
    std::vector<std::byte> rows;
    rows.reserve(records.size() * type.row_bytes);
    for (const auto& record : records) encode(record, rows);
    return rows;
  }

  void decode(const std::byte* row, Record& record) const {
    for (std::size_t c = 0; c < gets_.size(); ++c) {
      try {
        gets_[c](record, row + type.columns[c].offset);
      } catch (BadCell& bad) {
        throw BadCell{fmt::format("column '{}': {}", type.columns[c].name, bad.problem)};
      }
    }
  }

  std::string path, description;
  h5::RowType type;

 private:
  std::vector<Put> puts_;
  std::vector<Get> gets_;
};

/// A live table grows, and has small chunks, since each commit rewrites the last. A sealed one keeps its rows: no chunk
/// is larger than they are, as much of it would be compressed zeros.
enum class TableUse { live, sealed };
/// A new, empty table of this format, for `num_rows` if it is to be sealed.
template <class Record>
[[nodiscard]] h5::Table create_table(h5::File& file, const RowFormat<Record>& format, TableUse use,
                                     std::size_t num_rows = 0) {
  const std::size_t chunk_bytes = use == TableUse::live ? 64 << 10 : 256 << 10;
  std::size_t chunk_rows = chunk_bytes / format.type.row_bytes;
  if (use == TableUse::sealed) chunk_rows = std::min(chunk_rows, num_rows);
  auto table =
      file.create_table(format.path, format.type, std::max<std::size_t>(1, chunk_rows), use == TableUse::sealed);
  file.write_attribute(format.path, "description", format.description);
  return table;
}

/// A new table that holds these records. Throws where they cannot be written (closing the table would not).
template <class Record>
void write_table(h5::File& file, const RowFormat<Record>& format, std::span<const Record> records, TableUse use) {
  auto table = create_table(file, format, use, records.size());
  table.append(format.encode(records));
  table.flush();
}

[[noreturn]] void refuse_table(const h5::File& file, const std::string& table, const std::string& problem);

/// Rows `first` to `end` - 1 of a table.
template <class Record>
[[nodiscard]] std::vector<Record> read_rows(const h5::File& file, const h5::Table& table,
                                            const RowFormat<Record>& format, std::size_t first, std::size_t end) {
  std::vector<Record> records(end - first);
  constexpr std::size_t rows_at_once = 4096;
  std::vector<std::byte> rows;
  for (std::size_t row = first; row < end; row += rows_at_once) {
    const std::size_t n = std::min(rows_at_once, end - row);
    rows.resize(n * format.type.row_bytes);
    table.read(row, rows);
    for (std::size_t i = 0; i < n; ++i) try {
        format.decode(rows.data() + i * format.type.row_bytes, records[row + i - first]);
      } catch (const BadCell& bad) {
        refuse_table(file, format.path, fmt::format("row {}, {}", row + i, bad.problem));
      }
  }
  return records;
}

/// The records of a table, in its order; `num_rows` of them, or all.
template <class Record>
[[nodiscard]] std::vector<Record> read_records(const h5::File& file, const RowFormat<Record>& format,
                                               std::optional<std::int64_t> num_rows = {}) {
  const h5::Table table = file.open_table(format.path, format.type);
  const auto count = num_rows ? static_cast<std::size_t>(*num_rows) : table.num_rows();
  if (count > table.num_rows())
    refuse_table(file, format.path, fmt::format("{} rows are committed, but it has {}", count, table.num_rows()));
  return read_rows(file, table, format, 0, count);
}

}  // namespace seqsweep::store
