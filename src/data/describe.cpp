// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"
#include "seqsweep/data/schema.hpp"

#include "data/header_io.hpp"

namespace seqsweep::data {
namespace {

constexpr std::size_t width = 80;  // [columns of a terminal]
constexpr std::size_t label_width = 15;
constexpr std::size_t most_columns = 12;  // shown one by one

// Words after a label, broken at blanks.
std::string paragraph(const std::string& label, const std::string& text) {
  std::string out = fmt::format("  {:<{}}", label, label_width - 2);
  std::size_t column = label_width;
  bool is_first = true;
  for (const auto& word : split(text, ' ')) {
    if (!is_first && column + 1 + word.size() > width) {
      out += fmt::format("\n{:{}}", "", label_width);
      column = label_width;
      is_first = true;
    }
    if (!is_first) out += ' ';
    out += word;
    column += word.size() + (is_first ? 0 : 1);
    is_first = false;
  }
  return out + '\n';
}

std::string some_names(const std::vector<std::string>& names) {
  if (names.size() <= most_columns) return join(names, ", ");
  const std::vector<std::string> first(names.begin(), names.begin() + most_columns);
  return fmt::format("{}, … ({} more)", join(first, ", "), names.size() - most_columns);
}

std::string with_commas(std::size_t number) {
  auto digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string number_or_dash(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.4g}", value);
}

std::string input_text(const DatasetHeader& header) {
  if (header.vocabulary > 0)
    return fmt::format("tokens, vocabulary of {}", with_commas(static_cast<std::size_t>(header.vocabulary)));
  return fmt::format("{} per step{}{}", header.num_features, header.feature_names.empty() ? "" : ": ",
                     some_names(header.feature_names));
}

std::string target_text(const DatasetHeader& header) {
  const auto K = header.num_outputs;
  const std::string what = header.target_kind == TargetKind::real ? fmt::format("{} number{}", K, K == 1 ? "" : "s")
                           : header.target_kind == TargetKind::classes ? fmt::format("one of {} classes", K)
                                                                       : fmt::format("{} keys, on or off", K);
  const bool are_tokens = header.output_names == header.token_names;
  return fmt::format("{} per {}{}{}{}", what, header.target_position == TargetPosition::per_step ? "step" : "sequence",
                     header.target_unit.empty() ? "" : " [" + header.target_unit + "]",
                     header.output_names.empty() ? "" : ": ",
                     are_tokens && !header.token_names.empty() ? "the tokens" : some_names(header.output_names));
}

using Lengths = std::array<std::vector<int>, all_splits.size()>;  // [steps] of the sequences of each split

Lengths lengths_in(const h5::File& file) {
  const auto table = file.open_table(schema::sequences, schema::sequence_row());
  std::vector<schema::SequenceRow> rows(table.num_rows());
  if (!rows.empty()) table.read(0, std::as_writable_bytes(std::span(rows)));
  Lengths lengths;
  for (const auto& row : rows)
    if (row.split >= 0 && static_cast<std::size_t>(row.split) < lengths.size())
      lengths[static_cast<std::size_t>(row.split)].push_back(row.length);
  return lengths;
}

Lengths lengths_in(const Dataset& dataset) {
  Lengths lengths;
  for (const Split split : all_splits)
    for (std::uint32_t i = 0; i < dataset.num_sequences(split); ++i)
      lengths[static_cast<std::size_t>(split)].push_back(dataset.length(split, i));
  return lengths;
}

std::string split_table(Lengths all_lengths) {
  std::string out = fmt::format("  {:<12}{:>13}{:>15}{:>12}{:>12}{:>12}\n", "part", "sequences", "steps", "shortest",
                                "median", "longest");
  for (const Split split : all_splits) {
    auto& lengths = all_lengths[static_cast<std::size_t>(split)];
    std::sort(lengths.begin(), lengths.end());
    const auto num_steps = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
    const auto length_at = [&](std::size_t i) {
      return lengths.empty() ? "-" : with_commas(static_cast<std::size_t>(lengths[i]));
    };
    out +=
        fmt::format("  {:<12}{:>13}{:>15}{:>12}{:>12}{:>12}\n", name_of(split), with_commas(lengths.size()),
                    with_commas(num_steps), length_at(0), length_at(lengths.size() / 2), length_at(lengths.size() - 1));
  }
  return out;
}

template <class Values>
bool are_equal(const Values& values) {
  return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
}

void add_columns(std::string& out, const char* kind, const std::vector<std::string>& names, std::span<const float> mean,
                 std::span<const float> sd) {
  const auto add = [&](std::size_t i, const std::string& name) {
    out += fmt::format("  {:<12}{:<36.36}{:>14.5g}{:>14.5g}\n", i == 0 ? kind : "", name, mean[i], sd[i]);
  };
  if (mean.size() > 1 && names.empty() && are_equal(mean) && are_equal(sd))
    return add(0, fmt::format("all {} columns", mean.size()));
  for (std::size_t i = 0; i < std::min(mean.size(), most_columns); ++i)
    add(i, i < names.size() ? names[i] : fmt::format("column {}", i));
  if (mean.size() > most_columns) out += fmt::format("  {:<12}… ({} more)\n", "", mean.size() - most_columns);
}

std::string floor_table(const DatasetHeader& header) {
  std::string out = paragraph("floor", "what a network must beat: " + header.floor_rule);
  out += fmt::format("  {:<12}{:>13}{:>13}{:>19}{:>19}\n", "part", "loss", "accuracy", "mean abs. error", "RMSE");
  for (const Split split : all_splits) {
    const auto& floor = header.floors[static_cast<std::size_t>(split)];
    out += fmt::format("  {:<12}{:>13}{:>13}{:>19}{:>19}\n", name_of(split), number_or_dash(floor.loss),
                       number_or_dash(floor.accuracy), number_or_dash(floor.mae), number_or_dash(floor.rmse));
  }
  return out;
}

std::string contents(const DatasetHeader& header, Lengths lengths) {
  std::string out = paragraph("input", input_text(header));
  out += paragraph("target", target_text(header));
  out += '\n' + split_table(std::move(lengths));
  const auto column_title = fmt::format("\n  {:<12}{:<36}{:>14}{:>14}\n", "normalised", "column", "mean", "sd");
  if (header.num_features > 0 || header.target_kind == TargetKind::real) out += column_title;
  add_columns(out, "feature", header.feature_names, header.feature_mean, header.feature_sd);
  add_columns(out, "target", header.output_names, header.target_mean, header.target_sd);
  return out + '\n' + floor_table(header);
}

}  // namespace

std::string describe(const std::string& path) {
  const auto file = open_dataset_file(path);
  const auto header = read_header(file, path);
  std::string out = fmt::format("{} ({})\n\n", header.name, path);
  if (!header.provenance.empty()) out += paragraph("made by", header.provenance);
  out += paragraph("fingerprint", header.fingerprint);
  if (!header.text_rules.empty()) out += paragraph("text rules", header.text_rules);
  return out + contents(header, lengths_in(file));
}

std::string describe_contents(const Dataset& dataset) {
  return contents(dataset.header(), lengths_in(dataset));
}

}  // namespace seqsweep::data
