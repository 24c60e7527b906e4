// SPDX-License-Identifier: Apache-2.0
// CSV tables. Either windows of one or several time series, cut in time, that predict what comes after them; or, with
// --sequence-column, one whole sequence per id with a class or a number to predict.
//
// Rows are taken as equally spaced: where hours are missing from the table, a window just steps over the gap, unless
// --gaps break.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/csv_features.hpp"
#include "data/importers/csv_stack.hpp"
#include "data/importers/date_time.hpp"
#include "data/importers/importers.hpp"
#include "data/importers/labelled.hpp"
#include "data/statistics.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::array options = {
    OptionSpec{"features", "A,B,..", "", "number columns the network sees; without it, all that are left over"},
    OptionSpec{"categorical", "A,B,..", "", "text columns the network sees, one-hot encoded"},
    OptionSpec{"time-features", "P,..", "",
               "of the time column, as sine and cosine: minute, hour, weekday, month, yearday"},
    OptionSpec{"time-column", "A", "", "column of dates and times; without it, the first that holds any"},
    OptionSpec{"skip-columns", "A,B,..", "", "columns that are not features, where --features is not given"},
    OptionSpec{"target", "A,B,..", "", "columns to predict, or all-features"},
    OptionSpec{"stack-targets", "", "",
               "every target column becomes a series of its own, standardised: one network for all"},
    OptionSpec{"window", "W", "", "steps the network sees [rows]"},
    OptionSpec{"horizon", "H", "1", "rows after the window to predict: 24 is the 24th, 1..24 all 24"},
    OptionSpec{"stride", "S", "1", "rows from one window to the next"},
    OptionSpec{"difference", "", "", "predict the change since the window's last row"},
    OptionSpec{"season", "S", "0", "with --difference: since the row a season ago instead (24: same hour yesterday)"},
    split_option,
    OptionSpec{"split-rows", "A,B[,C]", "", "cut at rows: train before A, validation A to B, test B to C (or the end)"},
    OptionSpec{"split-dates", "A,B[,C]", "", "cut at dates, likewise"},
    OptionSpec{"gaps", "POLICY", "cross", "where rows are missing in time: cross, or break (no window spans a gap)"},
    OptionSpec{"group", "A", "", "rows of equal value form a series of their own; each is cut by itself"},
    OptionSpec{"sequence-column", "A", "", "rows of equal value form one sequence, whole"},
    OptionSpec{"class-column", "A", "", "the sequence's class; or give a number in --target"},
    OptionSpec{"test-every", "N", "", "every N-th sequence is for testing, in place of --split"},
    OptionSpec{"test-where", "A=VALUE", "", "sequences with this value are for testing, in place of --split"},
    validation_option,
    OptionSpec{"skip-rows", "N", "0", "leave out the first N rows"},
    OptionSpec{"drop-duplicates", "A", "", "of rows with the same value keep the first"},
    OptionSpec{"missing", "POLICY", "error",
               "for missing numbers: error, ffill (the last value), zero, drop (the row)"},
    OptionSpec{"normalize", "HOW", "standard", "standard: mean 0 and sd 1 over the training part; none"},
    OptionSpec{"separator", "C", ",", "between fields: a character, or tab"},
    unit_option,
    seed_option,
};

using Ends = std::array<std::size_t, 3>;

// The two or three values of --split-rows or --split-dates.
template <class Parse>
std::vector<std::int64_t> cuts_of(const Options& given, const char* option, Parse&& parse) {
  std::vector<std::int64_t> cuts;
  for (const auto& text : given.list(option)) {
    const auto value = parse(text);
    if (!value || (!cuts.empty() && *value < cuts.back()))
      given.refuse(option, fmt::format("'{}' is no valid cut; give two or three in rising order", text));
    cuts.push_back(*value);
  }
  if (cuts.size() < 2 || cuts.size() > 3) given.refuse(option, "takes two or three cuts A,B[,C]");
  return cuts;
}

Ends ends_by_rows(const Options& given, std::size_t num_rows, const std::string& path) {
  auto cuts = cuts_of(given, "split-rows", [](const std::string& text) { return parse_integer(text); });
  if (cuts.size() == 2) cuts.push_back(static_cast<std::int64_t>(num_rows));
  if (cuts[0] < 1) given.refuse("split-rows", "leaves nothing to train on");
  if (cuts[1] > static_cast<std::int64_t>(num_rows) || cuts[2] > static_cast<std::int64_t>(num_rows))
    throw DataError(fmt::format("has {} rows, fewer than --split-rows {}", num_rows, given.text("split-rows")), path);
  return {static_cast<std::size_t>(cuts[0]), static_cast<std::size_t>(cuts[1]), static_cast<std::size_t>(cuts[2])};
}

Ends ends_by_dates(const Options& given, const CsvRows& rows, std::size_t begin, std::size_t end,
                   const std::string& path) {
  if (rows.times.empty()) given.refuse("split-dates", "no column holds dates and times; name it with --time-column");
  const auto first = rows.times.begin() + static_cast<std::ptrdiff_t>(begin),
             last = rows.times.begin() + static_cast<std::ptrdiff_t>(end);
  if (const auto step_back = std::is_sorted_until(first, last); step_back != last)
    throw DataError("goes back in time; sort the rows before cutting them at dates", path,
                    rows.lines[static_cast<std::size_t>(step_back - rows.times.begin())]);
  const auto cuts = cuts_of(given, "split-dates", [](const std::string& text) { return parse_date_time(text); });
  Ends ends = {0, 0, end - begin};
  for (std::size_t i = 0; i < cuts.size(); ++i)
    ends[i] = static_cast<std::size_t>(std::lower_bound(first, last, cuts[i]) - first);
  return ends;
}

// Rows after which the time does not go on by the step that is most frequent.
std::vector<std::size_t> gaps_in(const CsvRows& rows, std::size_t begin, std::size_t end) {
  std::map<std::int64_t, std::size_t> frequency;
  for (auto i = begin + 1; i < end; ++i) ++frequency[rows.times[i] - rows.times[i - 1]];
  const auto usual = std::max_element(frequency.begin(), frequency.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<std::size_t> gaps;
  for (auto i = begin + 1; i < end; ++i)
    if (rows.times[i] - rows.times[i - 1] != usual->first) gaps.push_back(i);
  return gaps;
}

// Breaks a series that is already cut into its parts.
std::vector<Series> break_at_gaps(const CsvRows& rows, const Series& whole, std::size_t end) {
  auto breaks = gaps_in(rows, whole.begin, end);
  breaks.push_back(end);
  std::vector<Series> pieces;
  auto begin = whole.begin;
  for (const auto stop : breaks) {
    Series piece{begin, whole.ends};
    for (auto& e : piece.ends) e = std::clamp(e, begin, stop);
    pieces.push_back(piece);
    begin = stop;
  }
  return pieces;
}

std::vector<Series> cut_series(const CsvRows& rows, const Options& given, const std::string& path) {
  if (given.is_given("split") + given.is_given("split-rows") + given.is_given("split-dates") > 1)
    given.refuse("split", "give one of --split, --split-rows and --split-dates");
  const bool breaks = given.choice("gaps", {"cross", "break"}) == "break";
  if (breaks && rows.times.empty()) given.refuse("gaps", "no column holds dates and times; name it with --time-column");
  std::vector<Series> series;
  for (std::size_t s = 0; s + 1 < rows.series_begin.size(); ++s) {
    const auto begin = rows.series_begin[s], end = rows.series_begin[s + 1];
    auto ends = given.has("split-rows")    ? ends_by_rows(given, end - begin, path)
                : given.has("split-dates") ? ends_by_dates(given, rows, begin, end, path)
                                           : split_ends(end - begin, split_fractions(given));
    for (auto& e : ends) e += begin;
    const Series whole{begin, ends};
    const auto pieces = breaks ? break_at_gaps(rows, whole, end) : std::vector<Series>{whole};
    series.insert(series.end(), pieces.begin(), pieces.end());
  }
  return series;
}

TrainingRows training_rows(const CsvRows& rows, std::span<const Series> series) {
  TrainingRows training(rows.num_rows());
  for (const auto& one : series)
    for (auto row = one.begin; row < one.ends[0]; ++row) training[row] = true;
  return training;
}

SequenceTable windows(const CsvRows& rows, const CsvPlan& plan, const Options& given, const std::string& path) {
  for (const char* option : {"class-column", "test-every", "test-where"})
    if (given.is_given(option)) given.refuse(option, "needs --sequence-column");
  static_cast<void>(given.text("target"));
  auto forecast = horizon_of(given);
  forecast.window = static_cast<std::size_t>(given.integer("window", 1));
  forecast.stride = static_cast<std::size_t>(given.integer("stride", 1));
  forecast.is_difference = given.flag("difference");
  forecast.season = static_cast<std::size_t>(given.integer("season", 0));
  if (forecast.season > 0 && !forecast.is_difference) given.refuse("season", "needs --difference");
  if (forecast.season > forecast.window)
    given.refuse("season", "is longer than --window, so the network would not see it");
  forecast.is_standardised = given.text("normalize") == "standard";
  const auto series = cut_series(rows, given, path);
  SequenceTable table;
  add_csv_features(table, rows, plan, training_rows(rows, series), given);
  add_windows(table, series, forecast, csv_targets(rows, plan));
  if (table.num_sequences(Split::train) == 0)
    throw DataError(
        fmt::format("no training part has the {} rows that one window and its horizon need; shorten --window "
                    "or give the train part more",
                    forecast.window + forecast.last_horizon),
        path);
  return table;
}

// The text of a column that must be the same all through each sequence.
std::vector<std::string> constant_texts(const CsvRows& rows, const std::string& column, const std::string& path) {
  const auto& texts = rows.texts.at(column);
  std::vector<std::string> constant;
  for (std::size_t s = 0; s + 1 < rows.series_begin.size(); ++s) {
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

std::vector<Split> sequence_splits(const CsvRows& rows, const std::vector<std::int32_t>& classes, const Options& given,
                                   const std::string& path) {
  if (given.is_given("test-every") && given.is_given("test-where"))
    given.refuse("test-where", "give one of --test-every and --test-where");
  std::vector<bool> is_test(classes.size());
  if (given.has("test-every")) {
    const auto every = static_cast<std::size_t>(given.integer("test-every", 2));
    for (std::size_t s = 0; s < is_test.size(); ++s) is_test[s] = s % every == every - 1;
  }
  if (given.has("test-where")) {
    const auto condition = given.text("test-where");
    const auto equals = condition.find('=');
    if (equals == std::string::npos) given.refuse("test-where", "takes COLUMN=VALUE");
    const auto values = constant_texts(rows, condition.substr(0, equals), path);
    for (std::size_t s = 0; s < is_test.size(); ++s) is_test[s] = values[s] == condition.substr(equals + 1);
  }
  std::vector<std::int32_t> strata;
  for (std::size_t s = 0; s < classes.size(); ++s)
    if (!is_test[s]) strata.push_back(classes[s]);
  const bool has_test = given.has("test-every") || given.has("test-where");
  const double validation = given.real("validation", 0, 0.99);
  const auto drawn =
      draw_splits(strata, has_test ? Fractions{1 - validation, validation, 0} : split_fractions(given), seed_of(given));
  std::vector<Split> splits;
  for (std::size_t s = 0, next = 0; s < classes.size(); ++s) splits.push_back(is_test[s] ? Split::test : drawn[next++]);
  return splits;
}

SequenceTable whole_sequences(const CsvRows& rows, const CsvPlan& plan, const Options& given, const std::string& path) {
  for (const char* option :
       {"window", "horizon", "stride", "difference", "season", "stack-targets", "split-rows", "split-dates"})
    if (given.is_given(option)) given.refuse(option, "is for windows; with --sequence-column every sequence is whole");
  const bool has_classes = given.has("class-column");
  if (has_classes == !plan.targets.empty()) given.refuse("class-column", "give one of --class-column and --target");
  const auto num_sequences = rows.series_name.size();
  std::vector<std::int32_t> classes(num_sequences);
  Labels labels;
  if (has_classes) {
    const auto texts = constant_texts(rows, given.text("class-column"), path);
    for (const auto& text : texts) labels.add(text);
    labels.number_them();
    for (std::size_t s = 0; s < num_sequences; ++s) classes[s] = labels.number_of(texts[s]);
  }
  const auto splits = sequence_splits(rows, classes, given, path);
  TrainingRows training(rows.num_rows());
  for (std::size_t s = 0; s < num_sequences; ++s)
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
  auto& header = table.header;
  if (has_classes) {
    labels.describe(header);
    return table;
  }
  const auto K = plan.targets.size(), num_training = table.num_sequences(Split::train);
  header.num_outputs = static_cast<int>(K);
  header.output_names = plan.targets;
  for (std::size_t k = 0; k < K; ++k) {
    const auto moments = given.text("normalize") == "none"
                             ? Moments{}
                             : moments_of(std::span<const float>(table.targets).first(num_training * K), k, K);
    header.target_mean.push_back(moments.mean);
    header.target_sd.push_back(moments.sd);
  }
  return table;
}

SequenceTable import(const std::vector<std::string>& files, const Options& given) {
  expect_files(files, 1, "one CSV file");
  const auto separator = given.text("separator");
  if (separator != "tab" && separator.size() != 1) given.refuse("separator", "takes one character, or tab");
  CsvReader reader(files[0], separator == "tab" ? '\t' : separator[0]);
  auto plan = plan_csv(reader, given);
  auto rows = read_csv_rows(reader, plan, given);
  if (given.flag("stack-targets")) {
    for (const auto& feature : plan.features)
      if (given.has("features") && std::ranges::find(plan.targets, feature) == plan.targets.end())
        given.refuse("stack-targets",
                     fmt::format("shows the network each target column by itself, but --features names "
                                 "'{}', which is no target",
                                 feature));
    stack_targets(plan, rows, training_rows(rows, cut_series(rows, given, files[0])));
  }
  auto table = given.has("sequence-column") ? whole_sequences(rows, plan, given, files[0])
                                            : windows(rows, plan, given, files[0]);
  if (given.has("unit")) table.header.target_unit = given.text("unit");
  set_floors(table);
  return table;
}

}  // namespace

Importer csv() {
  return {"FILE.csv", options, import};
}

}  // namespace seqsweep::data::importers
