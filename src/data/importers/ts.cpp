// SPDX-License-Identifier: Apache-2.0
// The .ts format of the UEA archive, sktime and aeon: lines "@key value", then after "@data" one case a line: its
// dimensions separated by ':', the values of each by ',', and last the class label or, under "@targetlabel true", a
// number to predict. Lines that begin with '#' are comments. Cases may differ in length.
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"
#include "data/importers/labelled.hpp"
#include "data/statistics.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::array options = {
    OptionSpec{"test", "FILE", "", "the test part; without it --split divides the one file there is"},
    validation_option,
    split_option,
    OptionSpec{"normalize", "HOW", "standard", "standard: per dimension, by the training part; none"},
    unit_option,
    seed_option,
};

struct Case {
  std::vector<std::vector<float>> dimensions;
  std::string label;
};

struct Cases {
  bool has_numbers = false;  // to predict, in place of classes
  std::vector<Case> cases;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return out;
}

struct Place {
  const std::string& path;
  std::int64_t line;
  [[noreturn]] void refuse(const std::string& problem) const { throw DataError(problem, path, line); }
};

// One "@key value" line.
void read_key(Cases& found, std::string_view line, const Place& at, bool& has_labels) {
  const auto blank = line.find_first_of(" \t");
  const auto key = lower(line.substr(0, blank));
  const auto value = blank == std::string_view::npos ? std::string() : lower(trim(line.substr(blank)));
  if (key == "@timestamps" && value == "true") at.refuse("time stamps are not read; export the series without them");
  if (key == "@classlabel") has_labels = value.starts_with("true");
  if (key == "@targetlabel") has_labels = found.has_numbers = value.starts_with("true");
}

Case read_case(std::string_view line, const Place& at) {
  auto parts = split(line, ':');
  if (parts.size() < 2) at.refuse("a case needs at least one dimension and a label, separated by ':'");
  Case one;
  one.label = std::string(trim(parts.back()));
  if (one.label.empty()) at.refuse("the label after the last ':' is empty");
  parts.pop_back();
  for (std::size_t d = 0; d < parts.size(); ++d) {
    auto& values = one.dimensions.emplace_back();
    for (const auto& cell : split(parts[d], ',')) {
      const auto value = parse_real(cell);
      if (!value || !std::isfinite(*value))
        at.refuse(fmt::format("'{}' (dimension {}, step {}) is no number; missing values must be filled first",
                              trim(cell), d + 1, values.size() + 1));
      values.push_back(static_cast<float>(*value));
    }
    if (values.size() != one.dimensions.front().size())
      at.refuse(fmt::format("dimension {} has {} steps, but dimension 1 has {}", d + 1, values.size(),
                            one.dimensions.front().size()));
  }
  return one;
}

Cases read_cases(const std::string& path) {
  const auto content = read_file(path);
  Cases found;
  bool is_data = false, has_labels = false;
  std::int64_t number = 0;
  for (const auto& raw : split(content, '\n')) {
    const Place at{path, ++number};
    const auto line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    if (is_data) {
      found.cases.push_back(read_case(line, at));
      const auto D = found.cases.front().dimensions.size();
      if (found.cases.back().dimensions.size() != D)
        at.refuse(fmt::format("has {} dimensions, but the first case has {}", found.cases.back().dimensions.size(), D));
    } else if (lower(line) == "@data") {
      if (!has_labels)
        at.refuse("no '@classLabel true' or '@targetlabel true' before @data: there is nothing to learn");
      is_data = true;
    } else if (line.front() == '@') {
      read_key(found, line, at, has_labels);
    } else {
      at.refuse("neither a comment nor an @key before @data; is this a .ts file?");
    }
  }
  if (found.cases.empty()) throw DataError("has no cases after @data", path);
  return found;
}

void add_case(SequenceTable& table, const Case& one, Split split_of_case) {
  const auto start = table.num_steps();
  for (std::size_t t = 0; t < one.dimensions.front().size(); ++t)
    for (const auto& dimension : one.dimensions) table.features.push_back(dimension[t]);
  table.close_sequence(start, split_of_case);
}

// The training sequences come first.
void standardise(SequenceTable& table, bool has_numbers) {
  auto& header = table.header;
  std::size_t steps = 0;
  const auto sequences = table.num_sequences(Split::train);
  for (std::size_t i = 0; i < sequences; ++i) steps += static_cast<std::size_t>(table.sequences[i].length);
  const auto D = static_cast<std::size_t>(header.num_features);
  for (std::size_t d = 0; d < D; ++d) {
    const auto moments = moments_of(std::span<const float>(table.features).first(steps * D), d, D);
    header.feature_mean[d] = moments.mean;
    header.feature_sd[d] = moments.sd;
  }
  if (!has_numbers) return;
  const auto moments = moments_of(std::span<const float>(table.targets).first(sequences));
  header.target_mean = {moments.mean};
  header.target_sd = {moments.sd};
}

SequenceTable import(const std::vector<std::string>& files, const Options& given) {
  expect_files(files, 1, "one .ts file");
  const auto normalize = given.choice("normalize", {"standard", "none"});
  const double validation = given.real("validation", 0, 0.99);
  const auto set = read_cases(files[0]);
  const auto test = given.is_given("test") ? std::optional(read_cases(given.text("test"))) : std::nullopt;
  const auto D = set.cases.front().dimensions.size();
  if (test && (test->cases.front().dimensions.size() != D || test->has_numbers != set.has_numbers))
    throw DataError(fmt::format("does not have the dimensions ({}) and kind of labels of {}", D, files[0]),
                    given.text("test"));
  Labels labels;
  for (const auto& one : set.cases) labels.add(one.label);
  if (test && !set.has_numbers)
    for (const auto& one : test->cases)
      if (!labels.has(one.label))
        throw DataError(fmt::format("label '{}' never occurs in {}; is it the right file?", one.label, files[0]),
                        given.text("test"));
  labels.number_them();
  std::vector<std::int32_t> strata;
  for (const auto& one : set.cases) strata.push_back(set.has_numbers ? 0 : labels.number_of(one.label));
  const auto splits =
      draw_splits(strata, test ? Fractions{1 - validation, validation, 0} : split_fractions(given), seed_of(given));

  SequenceTable table;
  auto& header = table.header;
  header.num_features = static_cast<int>(D);
  for (std::size_t d = 0; d < D; ++d) header.feature_names.push_back(fmt::format("dimension_{}", d + 1));
  header.feature_mean.assign(D, 0);
  header.feature_sd.assign(D, 1);
  header.target_unit = given.has("unit") ? given.text("unit") : "";
  const auto add = [&](const Case& one, Split split_of_case, const std::string& path) {
    add_case(table, one, split_of_case);
    if (!set.has_numbers) return table.classes.push_back(labels.number_of(one.label));
    const auto value = parse_real(one.label);
    if (!value || !std::isfinite(*value)) throw DataError(fmt::format("the target '{}' is no number", one.label), path);
    table.targets.push_back(static_cast<float>(*value));
  };
  for (const auto i : order_by_split(splits)) add(set.cases[i], splits[i], files[0]);
  if (test)
    for (const auto& one : test->cases) add(one, Split::test, given.text("test"));
  if (set.has_numbers) {
    header.output_names = {"target"};
    header.target_mean = {0};
    header.target_sd = {1};
  } else {
    labels.describe(header);
  }
  if (normalize == "standard") standardise(table, set.has_numbers);
  set_floors(table);
  return table;
}

}  // namespace

Importer ts() {
  return {"FILE.ts", options, import};
}

}  // namespace seqsweep::data::importers
