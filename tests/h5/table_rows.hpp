// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "seqsweep/h5/file.hpp"

namespace seqsweep::test {

struct Row {
  std::int64_t number;
  double half;
  char word[12];
  bool operator==(const Row& other) const {
    return number == other.number && half == other.half && std::strncmp(word, other.word, sizeof word) == 0;
  }
};

inline Row row(std::int64_t number) {
  Row r{number, static_cast<double>(number) / 2, {}};
  std::strncpy(r.word, number % 2 == 0 ? "even" : "odd", sizeof r.word);
  return r;
}

inline h5::RowType row_type() {
  return {{{"number", h5::Kind::i64, offsetof(Row, number), 0, "", "counts the rows"},
           {"half", h5::Kind::f64, offsetof(Row, half), 0, "m", "half of it"},
           {"word", h5::Kind::text, offsetof(Row, word), sizeof Row::word, "", "even or odd"}},
          sizeof(Row)};
}

inline std::vector<Row> rows(std::int64_t from, std::int64_t to) {
  std::vector<Row> all;
  for (auto i = from; i < to; ++i) all.push_back(row(i));
  return all;
}

inline void append(h5::Table& table, const std::vector<Row>& rows) {
  table.append(std::as_bytes(std::span(rows)));
}

inline void overwrite(h5::Table& table, std::size_t first_row, const std::vector<Row>& rows) {
  table.overwrite(first_row, std::as_bytes(std::span(rows)));
}

inline std::vector<Row> read_rows(const h5::Table& table) {
  std::vector<Row> all(table.num_rows());
  table.read(0, std::as_writable_bytes(std::span(all)));
  return all;
}

}  // namespace seqsweep::test
