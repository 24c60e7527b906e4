// SPDX-License-Identifier: Apache-2.0
// The .ts format of the UEA archive, sktime and aeon: lines "@key value", then after "@data" one case a line: its
// dimensions separated by ':', the values of each by ',', and last the class label or, under "@targetLabel true", a
// number to predict. Lines that begin with '#' are comments. Cases may differ in length.
#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"
#include "data/importers/labelled.hpp"
#include "data/importers/tokens.hpp"
#include "data/importers/ts_reader.hpp"
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

void add_case(SequenceTable& table, const TsCase& one, Split split_of_case) {
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

// "ArrowHead" of "ArrowHead_TRAIN" and "arrowhead_test".
std::string problem_of(const TsFile& file) {
  auto name = lower_case(file.claims.problem_name);
  for (const std::string part : {"train", "test"})
    if (name.ends_with(part)) name.resize(name.size() - part.size());
  while (name.ends_with('_') || name.ends_with('-')) name.pop_back();
  return name;
}

void check_test(const TsFile& set, const TsFile& test, SequenceTable& table) {
  const auto D = set.cases.front().dimensions.size();
  if (test.cases.front().dimensions.size() != D || test.claims.has_numbers != set.claims.has_numbers)
    throw DataError(fmt::format("does not have the dimensions ({}) and kind of labels of {}", D, set.path), test.path);
  if (!set.claims.problem_name.empty() && !test.claims.problem_name.empty() && problem_of(set) != problem_of(test))
    table.remarks.push_back(fmt::format("{} says it is of '{}', but {} of '{}'", test.path, test.claims.problem_name,
                                        set.path, set.claims.problem_name));
}

// Classes are what occurs in the file to train on; of the test part also what that file declares.
Labels labels_of(const TsFile& set, const std::optional<TsFile>& test) {
  Labels labels;
  for (const auto& one : set.cases) labels.add(one.label, set.path, one.line);
  if (set.claims.labels.empty() && labels.are_measurements())
    throw DataError(fmt::format("its class labels are {}; if they are numbers to predict, write '@targetLabel true' in "
                                "place of '@classLabel true'",
                                labels.measurements_text()),
                    set.path);
  if (test)
    for (const auto& one : test->cases) {
      if (!labels.has(one.label) && !set.claims.declares(one.label))
        throw DataError(fmt::format("label '{}' never occurs in {}; is it the right file?", one.label, set.path),
                        test->path, one.line);
      labels.add(one.label, test->path, one.line);
    }
  labels.number_them();
  return labels;
}

std::vector<Split> splits_of(const TsFile& set, const Labels& labels, const Options& given) {
  std::vector<std::int32_t> strata;
  for (const auto& one : set.cases) strata.push_back(set.claims.has_numbers ? 0 : labels.number_of(one.label));
  return draw_splits(strata, drawn_fractions(given, given.is_given("test") ? "test" : ""), given);
}

SequenceTable import(const std::vector<std::string>& files, const Options& given) {
  expect_files(files, 1, "one .ts file");
  const auto normalize = given.choice("normalize", {"standard", "none"});
  const auto set = read_ts(files[0]);
  const auto test = given.is_given("test") ? std::optional(read_ts(given.text("test"))) : std::nullopt;
  const bool has_numbers = set.claims.has_numbers;
  if (!has_numbers) given.refuse_given({"unit"}, "on classes; it is the unit of numbers to predict");
  SequenceTable table;
  auto& header = table.header;
  if (test) check_test(set, *test, table);
  const auto labels = has_numbers ? Labels() : labels_of(set, test);
  const auto splits = splits_of(set, labels, given);
  const auto D = set.cases.front().dimensions.size();
  header.num_features = static_cast<int>(D);
  for (std::size_t d = 0; d < D; ++d) header.feature_names.push_back(fmt::format("dimension_{}", d + 1));
  header.feature_mean.assign(D, 0);
  header.feature_sd.assign(D, 1);
  const auto add = [&](const TsCase& one, Split split_of_case) {
    add_case(table, one, split_of_case);
    if (has_numbers)
      table.targets.push_back(one.target);
    else
      table.classes.push_back(labels.number_of(one.label));
  };
  for (const auto i : order_by_split(splits)) add(set.cases[i], splits[i]);
  if (test)
    for (const auto& one : test->cases) add(one, Split::test);
  if (has_numbers) {
    header.output_names = {"target"};
    header.target_mean = {0};
    header.target_sd = {1};
    if (given.is_given("unit")) header.target_unit = given.text("unit");
  } else {
    labels.describe(header);
  }
  if (normalize == "standard") standardise(table, has_numbers);
  set_floors(table);
  return table;
}

}  // namespace

Importer ts() {
  return {"FILE.ts", options, import};
}

}  // namespace seqsweep::data::importers
