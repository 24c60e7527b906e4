// SPDX-License-Identifier: Apache-2.0
// Polyphonic music: one piece a line, its steps separated by blanks, the numbers of the keys that sound separated by
// commas ('-': silence). At each step the target is the next step's keys (Boulanger-Lewandowski et al. 2012), so a
// piece of T steps gives T - 1.
#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::array options = {
    OptionSpec{"keys", "K", "88", "keys of the instrument, numbered from 0"},
    OptionSpec{"validation-file", "FILE", "", "the validation part"},
    OptionSpec{"test", "FILE", "", "the test part; without it --split divides the one file there is"},
    split_option,
    seed_option,
};

using Piece = std::vector<std::vector<std::size_t>>;  // the keys of each step

std::vector<std::size_t> read_step(const std::string& text, std::size_t num_keys, const std::string& path,
                                   std::int64_t line) {
  std::vector<std::size_t> keys;
  if (text == "-") return keys;
  for (const auto& cell : split(text, ',')) {
    const auto key = parse_integer(cell);
    if (!key || *key < 0 || static_cast<std::size_t>(*key) >= num_keys)
      throw DataError(fmt::format("'{}' is no key from 0 to {} (see --keys)", cell, num_keys - 1), path, line);
    keys.push_back(static_cast<std::size_t>(*key));
  }
  return keys;
}

std::vector<Piece> read_pieces(const std::string& path, std::size_t num_keys) {
  std::vector<Piece> pieces;
  std::int64_t number = 0;
  for (const auto& line : read_lines(path)) {
    ++number;
    if (trim(line).empty()) continue;
    Piece piece;
    for (const auto& step : split(trim(line), ' '))
      if (!step.empty()) piece.push_back(read_step(step, num_keys, path, number));
    if (piece.size() < 2) throw DataError("a piece needs at least 2 steps", path, number);
    pieces.push_back(std::move(piece));
  }
  if (pieces.empty()) throw DataError("has no pieces", path);
  return pieces;
}

void add_step(std::vector<float>& rows, const std::vector<std::size_t>& keys, std::size_t num_keys) {
  rows.resize(rows.size() + num_keys, 0.0F);
  for (const auto key : keys) rows[rows.size() - num_keys + key] = 1.0F;
}

void add_piece(SequenceTable& table, const Piece& piece, Split split_of_piece) {
  const auto K = static_cast<std::size_t>(table.header.num_features);
  const auto start = table.num_steps();
  for (std::size_t t = 0; t + 1 < piece.size(); ++t) {
    add_step(table.features, piece[t], K);
    add_step(table.targets, piece[t + 1], K);
  }
  table.close_sequence(start, split_of_piece);
}

SequenceTable import(const std::vector<std::string>& files, const Options& given) {
  expect_files(files, 1, "one file of pieces");
  const auto K = static_cast<std::size_t>(given.integer("keys", 1, 1 << 16));
  if (given.is_given("test") != given.is_given("validation-file"))
    given.refuse(given.is_given("test") ? "test" : "validation-file",
                 "give --validation-file and --test both, or neither");
  if (given.is_given("test"))
    given.refuse_given({"split", "seed"}, "where the parts are given by --validation-file and --test");
  SequenceTable table;
  auto& header = table.header;
  header.num_features = header.num_outputs = static_cast<int>(K);
  header.feature_mean.assign(K, 0);
  header.feature_sd.assign(K, 1);
  header.target_kind = TargetKind::binary;
  header.target_position = TargetPosition::per_step;
  const auto pieces = read_pieces(files[0], K);
  if (given.is_given("test")) {
    for (const auto& piece : pieces) add_piece(table, piece, Split::train);
    for (const auto& piece : read_pieces(given.text("validation-file"), K)) add_piece(table, piece, Split::validation);
    for (const auto& piece : read_pieces(given.text("test"), K)) add_piece(table, piece, Split::test);
  } else {
    const auto splits = draw_splits(std::vector<std::int32_t>(pieces.size()), split_fractions(given), given);
    for (const auto i : order_by_split(splits)) add_piece(table, pieces[i], splits[i]);
  }
  set_floors(table);
  return table;
}

}  // namespace

Importer piano_roll() {
  return {"FILE.txt", options, import};
}

}  // namespace seqsweep::data::importers
