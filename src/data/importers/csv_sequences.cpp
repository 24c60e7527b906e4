// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_sequences.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "data/importers/csv_features.hpp"
#include "data/importers/labelled.hpp"
#include "data/splits.hpp"
#include "data/statistics.hpp"

namespace seqsweep::data::importers {
namespace {

// The text of a column that must be the same all through each sequence.
std::vector<std::string> constant_texts(const CsvRows& rows, const std::string& column, const std::string& path) {
  const auto& texts = rows.texts.at(column);
  std::vector<std::string> constant;
  for (std::size_t s = 0; s < rows.num_series(); ++s) {
    const auto& first = texts[rows.series_begin[s]];
    for (auto i = rows.series_begin[s]; i < rows.series_begin[s + 1]; ++i)
      if (texts[i] != first)
        throw DataError(fmt::format("column '{}' changes from '{}' to '{}' within sequence '{}'", column, first,
                                    texts[i], rows.series_name[s]),
                        path, rows.lines[i]);
    constant.push_back(first);
  }
  return constant;
}

std::string some_values(const std::vector<std::string>& values) {
  constexpr std::size_t most = 10;
  const std::set<std::string> unique(values.begin(), values.end());
  std::vector<std::string> shown;
  for (const auto& value : unique)
    if (shown.size() < most) shown.push_back('\'' + value + '\'');
  return join(shown, ", ") + (unique.size() > most ? fmt::format(", … ({} more)", unique.size() - most) : "");
}

std::vector<bool> every_nth(std::size_t num_sequences, const Options& given) {
  const auto every = static_cast<std::size_t>(given.integer("test-every", 2));
  if (every > num_sequences)
    given.refuse("test-every", fmt::format("there are only {} sequences, so none is for testing", num_sequences));
  std::vector<bool> is_test(num_sequences);
  for (std::size_t s = 0; s < num_sequences; ++s) is_test[s] = s % every == every - 1;
  return is_test;
}

std::vector<bool> those_where(const CsvRows& rows, const Options& given, const std::string& path) {
  const auto condition = given.text("test-where");
  const auto equals = condition.find('=');
  if (equals == std::string::npos) given.refuse("test-where", "takes COLUMN=VALUE");
  const auto column = condition.substr(0, equals), value = condition.substr(equals + 1);
  const auto values = constant_texts(rows, column, path);
  std::vector<bool> is_test(values.size());
  std::transform(values.begin(), values.end(), is_test.begin(), [&](const auto& text) { return text == value; });
  const auto count = std::count(is_test.begin(), is_test.end(), true);
  if (count == 0)
    given.refuse("test-where",
                 fmt::format("no sequence has '{}' in column '{}'; there are {}", value, column, some_values(values)));
  if (count == std::ssize(is_test))
    given.refuse("test-where",
                 fmt::format("all sequences have '{}' in column '{}': none is left to train on", value, column));
  return is_test;
}

std::vector<Split> sequence_splits(const CsvRows& rows, const std::vector<std::int32_t>& classes, const Options& given,
                                   const std::string& path) {
  const char* test = given.has("test-every") ? "test-every" : given.has("test-where") ? "test-where" : "";
  const auto fractions = drawn_fractions(given, test);
  const auto is_test = given.has("test-every")   ? every_nth(classes.size(), given)
                       : given.has("test-where") ? those_where(rows, given, path)
                                                 : std::vector<bool>(classes.size());
  std::vector<std::int32_t> strata;
  for (std::size_t s = 0; s < classes.size(); ++s)
    if (!is_test[s]) strata.push_back(classes[s]);
  const auto drawn = draw_splits(strata, fractions, given);
  std::vector<Split> splits;
  for (std::size_t s = 0, next = 0; s < classes.size(); ++s) splits.push_back(is_test[s] ? Split::test : drawn[next++]);
  return splits;
}

// The class of each sequence; `labels` gets their names.
std::vector<std::int32_t> classes_of(const CsvRows& rows, Labels& labels, const Options& given,
                                     const std::string& path) {
  const auto column = given.text("class-column");
  const auto texts = constant_texts(rows, column, path);
  for (std::size_t s = 0; s < texts.size(); ++s) {
    const auto line = rows.lines[rows.series_begin[s]];
    if (texts[s].empty())
      throw DataError(fmt::format("column '{}': the class of sequence '{}' is missing", column, rows.series_name[s]),
                      path, line);
    labels.add(texts[s], path, line);
  }
  labels.number_them();
  if (labels.are_measurements())
    given.refuse("class-column",
                 fmt::format("column '{}' holds {}; if they are numbers to predict, name it in --target", column,
                             labels.measurements_text()));
  std::vector<std::int32_t> classes;
  for (const auto& text : texts) classes.push_back(labels.number_of(text));
  return classes;
}

// A number to predict is that of the last row; where it changes on the way there, that is said once a column.
void report_changing_targets(const CsvRows& rows, const CsvPlan& plan, const std::string& path) {
  for (const auto& name : plan.targets) {
    const auto& values = rows.numbers.at(name);
    for (std::size_t s = 0; s < rows.num_series(); ++s) {
      const auto begin = rows.series_begin[s], end = rows.series_begin[s + 1];
      const auto changed = std::find_if(values.begin() + static_cast<std::ptrdiff_t>(begin),
                                        values.begin() + static_cast<std::ptrdiff_t>(end),
                                        [&](double value) { return value != values[begin]; });
      if (changed == values.begin() + static_cast<std::ptrdiff_t>(end)) continue;
      log::info(
          fmt::format("{}:{}: column '{}' changes within sequence '{}'; the last row's value is what is predicted",
                      path, rows.lines[static_cast<std::size_t>(changed - values.begin())], name, rows.series_name[s]));
      break;
    }
  }
}

void describe_numbers(SequenceTable& table, const std::vector<std::string>& targets, bool is_standardised) {
  const auto K = targets.size(), num_training = table.num_sequences(Split::train);
  auto& header = table.header;
  header.num_outputs = static_cast<int>(K);
  header.output_names = targets;
  for (std::size_t k = 0; k < K; ++k) {
    const auto training = std::span<const float>(table.targets).first(num_training * K);
    const auto moments = is_standardised ? moments_of(training, k, K) : Moments{};
    header.target_mean.push_back(moments.mean);
    header.target_sd.push_back(moments.sd);
  }
}

}  // namespace

SequenceTable whole_sequences(const CsvRows& rows, const CsvPlan& plan, const Options& given, const std::string& path) {
  const bool has_classes = given.has("class-column");
  Labels labels;
  const auto classes =
      has_classes ? classes_of(rows, labels, given, path) : std::vector<std::int32_t>(rows.num_series());
  report_changing_targets(rows, plan, path);
  const auto splits = sequence_splits(rows, classes, given, path);
  RowSet training(rows.num_rows());
  for (std::size_t s = 0; s < classes.size(); ++s)
    for (auto i = rows.series_begin[s]; i < rows.series_begin[s + 1]; ++i) training[i] = splits[s] == Split::train;
  SequenceTable table;
  add_csv_features(table, rows, plan, training, given);
  for (const auto s : order_by_split(splits)) {
    const auto begin = rows.series_begin[s], end = rows.series_begin[s + 1];
    table.sequences.push_back({static_cast<std::int64_t>(begin), static_cast<std::int32_t>(end - begin),
                               static_cast<std::int32_t>(splits[s])});
    if (has_classes) table.classes.push_back(classes[s]);
    for (const auto& name : plan.targets) table.targets.push_back(static_cast<float>(rows.numbers.at(name)[end - 1]));
  }
  if (has_classes)
    labels.describe(table.header);
  else
    describe_numbers(table, plan.targets, given.text("normalize") == "standard");
  return table;
}

}  // namespace seqsweep::data::importers
