// SPDX-License-Identifier: Apache-2.0
// CSV tables. Either windows of one or several time series, cut in time, that predict what comes after them; or, with
// --sequence-column, one whole sequence per id with a class or a number to predict.
//
// Rows are taken as equally spaced: where hours are missing from the table, a window just steps over the gap, unless
// --gaps break.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/csv_cuts.hpp"
#include "data/importers/csv_features.hpp"
#include "data/importers/csv_left_out.hpp"
#include "data/importers/csv_options.hpp"
#include "data/importers/csv_sequences.hpp"
#include "data/importers/csv_stack.hpp"
#include "data/importers/importers.hpp"

namespace seqsweep::data::importers {
namespace {

Forecast forecast_of(const Options& given) {
  auto forecast = horizon_of(given);
  forecast.window = static_cast<std::size_t>(given.integer("window", 1));
  forecast.stride = static_cast<std::size_t>(given.integer("stride", 1));
  forecast.is_difference = given.flag("difference");
  if (forecast.is_difference) forecast.season = static_cast<std::size_t>(given.integer("season", 0));
  if (forecast.season > forecast.window)
    given.refuse("season", "is longer than --window, so the network would not see it");
  forecast.is_standardised = given.text("normalize") == "standard";
  return forecast;
}

void check_stack(const CsvPlan& plan, const Options& given) {
  if (!given.has("features")) return;
  for (const auto& feature : plan.features)
    if (std::ranges::find(plan.targets, feature) == plan.targets.end())
      given.refuse("stack-targets", fmt::format("shows the network each target column by itself, but --features names "
                                                "'{}', which is no target",
                                                feature));
  if (plan.features.size() != plan.targets.size())
    given.refuse("features", "--stack-targets shows the network every target; leave --features out");
}

// The difference of two numbers may be beyond what either is.
void check_differences(const SequenceTable& table, const CsvRows& rows, const Forecast& forecast,
                       const std::string& path) {
  const auto is_finite = [](float value) { return std::isfinite(value); };
  const auto bad = std::find_if_not(table.targets.begin(), table.targets.end(), is_finite);
  if (bad == table.targets.end()) return;
  const auto at = static_cast<std::size_t>(bad - table.targets.begin());
  const auto num_outputs = static_cast<std::size_t>(table.header.num_outputs);
  const auto num_targets = num_outputs / (forecast.last_horizon - forecast.first_horizon + 1);
  const auto& window = table.sequences[at / num_outputs];
  const auto row = static_cast<std::size_t>(window.start + window.length - 1) + forecast.first_horizon +
                   at % num_outputs / num_targets;
  throw DataError(fmt::format("the change to this row ({}) is beyond 3.4e38, the largest of 32-bit numbers; scale the "
                              "column, or leave --difference out",
                              table.header.output_names[at % num_outputs]),
                  path, rows.lines[row]);
}

SequenceTable windows(CsvRows& rows, CsvPlan& plan, const Options& given, const std::string& path) {
  const auto forecast = forecast_of(given);
  auto series = cut_series(rows, given, path);
  auto training = covered_rows(series, forecast, Split::train, rows.num_rows());
  if (std::find(training.begin(), training.end(), true) == training.end())
    throw DataError(
        fmt::format("no training part has the {} rows that one window and its horizon need; shorten --window "
                    "or give the train part more",
                    forecast.window + forecast.last_horizon),
        path);
  report_left_out(rows, series, forecast, path);
  if (given.flag("stack-targets")) {
    check_stack(plan, given);
    stack_targets(plan, rows, series, training);
  }
  SequenceTable table;
  add_csv_features(table, rows, plan, training, given);
  add_windows(table, series, forecast, csv_targets(rows, plan), training);
  check_differences(table, rows, forecast, path);
  return table;
}

SequenceTable import(const std::vector<std::string>& files, const Options& given) {
  expect_files(files, 1, "one CSV file");
  const auto separator = given.text("separator");
  if (separator != "tab" && separator.size() != 1) given.refuse("separator", "takes one character, or tab");
  refuse_what_does_not_apply(given);
  CsvReader reader(files[0], separator == "tab" ? '\t' : separator[0]);
  auto plan = plan_csv(reader, given);
  auto rows = read_csv_rows(reader, plan, given);
  auto table =
      plan.has_whole_sequences ? whole_sequences(rows, plan, given, files[0]) : windows(rows, plan, given, files[0]);
  if (given.has("unit")) table.header.target_unit = given.text("unit");
  set_floors(table);
  return table;
}

}  // namespace

Importer csv() {
  return {"FILE.csv", csv_options(), import};
}

}  // namespace seqsweep::data::importers
