// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_plan.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "data/importers/date_time.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::size_t num_sampled = 100;  // rows that are looked at to find the column of dates

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> checked_columns(const CsvReader& reader, const Options& options, const char* option) {
  auto names = options.list(option);
  std::set<std::string> seen;
  for (const auto& name : names) {
    static_cast<void>(reader.column(name, option));
    if (!seen.insert(name).second) options.refuse(option, fmt::format("names column '{}' twice", name));
  }
  return names;
}

// The first cells of each column that are not empty, at most num_sampled.
std::vector<std::vector<std::string>> first_cells(CsvReader& reader, std::int64_t skipped_rows) {
  std::vector<std::vector<std::string>> cells(reader.header().size());
  for (std::int64_t row = 0; row < skipped_rows && reader.next(); ++row) {
  }
  for (std::size_t row = 0; row < num_sampled && reader.next(); ++row)
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (const auto cell = trim(reader.fields()[c]); !cell.empty()) cells[c].emplace_back(cell);
  reader.rewind();
  return cells;
}

// A day is written in a form that is nothing else; "2016-07", "2016-Q3" and "2016-183" may be numbers of parts, so all
// of them have to be dates. Digits alone (2016, 20160701) are numbers until --time-column names them.
bool holds_dates(const std::vector<std::string>& cells) {
  if (cells.empty()) return false;
  const auto is_date = [](const std::string& cell) { return parse_date_time(cell).has_value(); };
  const auto& first = cells.front();
  if (!is_date(first) || std::all_of(first.begin(), first.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  return (first.size() > 8 && (first[4] == first[7])) || std::all_of(cells.begin(), cells.end(), is_date);
}

// Digits alone, under a name of time or days such as 20160701, and not in rising order.
bool may_be_time_out_of_order(const std::string& name, const std::vector<std::string>& cells) {
  constexpr std::array names = {"date", "datetime", "time", "timestamp", "year", "ds", "unix"};
  const auto are_digits = [](const std::string& cell) {
    return cell.find_first_not_of("0123456789") == std::string::npos;
  };
  const auto is_day = [](const std::string& cell) { return cell.size() == 8 && parse_date_time(cell).has_value(); };
  const auto is_less = [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  };
  if (!std::all_of(cells.begin(), cells.end(), are_digits)) return false;
  if (std::is_sorted(cells.begin(), cells.end(), is_less)) return false;
  std::string lowered(name);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::find(names.begin(), names.end(), lowered) != names.end() ||
         std::all_of(cells.begin(), cells.end(), is_day);
}

// The column of dates that is named; else, of those with no other role, the first that does not repeat a date within a
// single series, or the first.
std::optional<std::size_t> time_column(CsvReader& reader, const Options& options, const std::set<std::string>& taken,
                                       const CsvPlan& plan) {
  if (options.has("time-column")) {
    const auto name = options.text("time-column");
    if (name == "none" && !reader.has_column(name)) return std::nullopt;
    return reader.column(name, "time-column");
  }
  const auto cells = first_cells(reader, options.integer("skip-rows", 0));
  std::vector<std::size_t> found;
  for (std::size_t c = 0; c < cells.size(); ++c)
    if (!taken.contains(reader.header()[c]) && holds_dates(cells[c])) found.push_back(c);
  if (found.empty()) return std::nullopt;
  const auto repeats = [&](std::size_t c) {
    return std::set<std::string>(cells[c].begin(), cells[c].end()).size() < cells[c].size();
  };
  const auto best = plan.series.empty() ? std::find_if_not(found.begin(), found.end(), repeats) : found.begin();
  const auto time = best != found.end() ? *best : found.front();
  if (found.size() > 1)
    log::info(fmt::format("{}: {} columns hold dates; {} is taken for the time of the rows (see --time-column)",
                          reader.path(), found.size(), reader.title(time)));
  return time;
}

// Columns of time that are not read as such: of digits alone, which may be numbers, and with the year last.
void warn_of_unread_time(CsvReader& reader, const Options& options, const CsvPlan& plan) {
  if (plan.time || plan.is_time_named) return;
  const auto cells = first_cells(reader, options.integer("skip-rows", 0));
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const auto& name = reader.header()[c];
    const bool is_read_as_number = contains(plan.features, name) || contains(plan.targets, name);
    if (plan.series.empty() && may_be_time_out_of_order(name, cells[c]))
      log::warning(fmt::format(
          "{}: {} ({}, …) may be time, and is {}: rows are taken in the order of the file; name "
          "it in --time-column, or say --time-column none",
          reader.path(), reader.title(c), cells[c].front(), is_read_as_number ? "read as a number" : "not read"));
    else if (!is_read_as_number && !cells[c].empty() && has_year_last(cells[c].front()))
      log::warning(fmt::format("{}: {}; {} is not read as time, and rows are taken in the order of the file",
                               reader.path(), date_problem(cells[c].front()), reader.title(c)));
  }
}

// As a separator at the end of each line makes it.
bool is_empty(CsvReader& reader, std::size_t column) {
  bool is_empty = true;
  while (is_empty && reader.next()) is_empty = trim(reader.fields()[column]).empty();
  reader.rewind();
  return is_empty;
}

// pandas writes its index as a first column without a name, and reads that back as "Unnamed: 0".
bool is_index(const std::string& name, std::size_t column) {
  return (name.empty() && column == 0) || name.starts_with("Unnamed: ");
}

// All columns that are left over.
std::vector<std::string> default_features(CsvReader& reader, const Options& options, const CsvPlan& plan) {
  auto skipped = checked_columns(reader, options, "skip-columns");
  std::set<std::string> taken(skipped.begin(), skipped.end());
  taken.insert(plan.categories.begin(), plan.categories.end());
  taken.insert(plan.labels.begin(), plan.labels.end());
  if (!plan.series.empty()) taken.insert(plan.series);
  if (plan.has_whole_sequences) taken.insert(plan.targets.begin(), plan.targets.end());
  std::vector<std::string> features, left_out;
  for (std::size_t c = 0; c < reader.header().size(); ++c) {
    const auto& name = reader.header()[c];
    if (taken.contains(name) || c == plan.time) continue;
    if (is_index(name, c)) {
      left_out.push_back(reader.title(c));
      continue;
    }
    if (name.empty() && is_empty(reader, c)) {
      log::info(fmt::format("{}: {} has neither a name nor a value, and is left out", reader.path(), reader.title(c)));
      continue;
    }
    if (name.empty())
      throw DataError(fmt::format("{} has no name; give it one, name the columns in --features, or take the separator "
                                  "off the ends of the lines",
                                  reader.title(c)),
                      reader.path(), reader.header_line());
    features.push_back(name);
  }
  if (!left_out.empty())
    log::info(fmt::format("{}: {} is taken for an index of the rows and is no feature (see --features)", reader.path(),
                          join(left_out, ", ")));
  return features;
}

std::string own_answer(const std::string& column) {
  return fmt::format("'{}' is what is to be predicted: every sequence would be shown its own answer; leave it out",
                     column);
}

// What is predicted of a whole sequence must not be among its inputs. (The past of a windows' target may be.)
void refuse_answers_as_inputs(const Options& options, const CsvPlan& plan) {
  if (!plan.has_whole_sequences) return;
  auto answers = plan.targets;
  if (options.has("class-column")) answers.push_back(options.text("class-column"));
  for (const auto& answer : answers) {
    if (contains(plan.features, answer)) options.refuse("features", own_answer(answer));
    if (contains(plan.categories, answer)) options.refuse("categorical", own_answer(answer));
  }
}

std::vector<std::string> label_columns(const CsvReader& reader, const Options& options) {
  std::vector<std::string> labels;
  if (options.has("class-column"))
    labels.push_back(reader.header()[reader.column(options.text("class-column"), "class-column")]);
  if (options.has("test-where")) {
    const auto condition = options.text("test-where");
    labels.push_back(reader.header()[reader.column(condition.substr(0, condition.find('=')), "test-where")]);
  }
  return labels;
}

}  // namespace

CsvPlan plan_csv(CsvReader& reader, const Options& options) {
  CsvPlan plan;
  plan.categories = checked_columns(reader, options, "categorical");
  plan.has_whole_sequences = options.has("sequence-column");
  for (const char* option : {"sequence-column", "group"})
    if (options.has(option)) plan.series = reader.header()[reader.column(options.text(option), option)];
  plan.labels = label_columns(reader, options);
  std::set<std::string> taken(plan.categories.begin(), plan.categories.end());
  taken.insert(plan.labels.begin(), plan.labels.end());
  if (!plan.series.empty()) taken.insert(plan.series);
  plan.time = time_column(reader, options, taken, plan);
  plan.is_time_named = options.has("time-column");
  const bool predicts_all = options.has("target") && options.text("target") == "all-features";
  if (predicts_all && plan.has_whole_sequences)
    options.refuse("target", "all-features is for windows: a whole sequence must not be shown its own answer");
  if (!predicts_all) plan.targets = checked_columns(reader, options, "target");
  const bool are_targets_alone = options.flag("stack-targets") && !predicts_all;
  plan.features = options.has("features") ? checked_columns(reader, options, "features")
                  : are_targets_alone     ? plan.targets
                                          : default_features(reader, options, plan);
  if (predicts_all) plan.targets = plan.features;
  refuse_answers_as_inputs(options, plan);
  warn_of_unread_time(reader, options, plan);
  return plan;
}

}  // namespace seqsweep::data::importers
