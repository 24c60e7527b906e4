// SPDX-License-Identifier: Apache-2.0
#include "data/importers/csv_features.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "data/header_io.hpp"
#include "data/importers/date_time.hpp"
#include "data/statistics.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::size_t most_categories = 1000;

// One feature of the network.
struct FeatureColumn {
  std::string name;
  std::vector<float> values;  // [N]
  Moments moments = {};
};

FeatureColumn number_feature(const std::string& name, const std::vector<double>& values, const RowSet& training,
                             bool is_standardised) {
  FeatureColumn column{name, {values.begin(), values.end()}, {}};
  if (is_standardised) column.moments = moments_of(values_in(values, training));
  return column;
}

// They tell the network nothing in training, and what they are later reaches it as it is.
void report_constants(const CsvRows& rows, const CsvPlan& plan, const RowSet& training) {
  std::vector<std::string> constants;
  for (const auto& name : plan.features) {
    const auto values = values_in(rows.numbers.at(name), training);
    if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end())
      constants.push_back(name);
  }
  if (!constants.empty())
    log::info(
        fmt::format("constant in the training rows, so that no network can learn from it: {}", join(constants, ", ")));
}

// Categories that the training rows lack are zeros in all columns, like no category at all.
void report_unseen(const std::string& name, const std::vector<std::string>& texts,
                   const std::set<std::string>& categories) {
  std::set<std::string> unseen;
  std::size_t num_rows = 0;
  for (const auto& text : texts)
    if (!categories.contains(text)) {
      unseen.insert(text);
      ++num_rows;
    }
  if (num_rows > 0)
    log::info(
        fmt::format("column '{}': {} of {} texts are not among the training rows; they are all zeros ({} rows): "
                    "'{}'{}",
                    name, unseen.size(), unseen.size() + categories.size(), num_rows, *unseen.begin(),
                    unseen.size() > 1 ? " …" : ""));
}

void add_one_hot(std::vector<FeatureColumn>& columns, const std::string& name, const std::vector<std::string>& texts,
                 const RowSet& training, const Options& options) {
  std::set<std::string> categories;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (training[i]) categories.insert(texts[i]);
  if (categories.size() > most_categories)
    options.refuse("categorical", fmt::format("column '{}' has {} different texts, more than {}; is it a category?",
                                              name, categories.size(), most_categories));
  report_unseen(name, texts, categories);
  for (const auto& category : categories) {
    FeatureColumn column{fmt::format("{}={}", name, category), {}, {}};
    for (const auto& text : texts) column.values.push_back(text == category ? 1.0F : 0.0F);
    columns.push_back(std::move(column));
  }
}

void add_period(std::vector<FeatureColumn>& columns, const std::string& period, const std::vector<DateTime>& times) {
  FeatureColumn sine{period + "_sin", {}, {}}, cosine{period + "_cos", {}, {}};
  for (const auto& time : times) {
    const double angle = 2 * std::numbers::pi * position_in(period, time);
    sine.values.push_back(static_cast<float>(std::sin(angle)));
    cosine.values.push_back(static_cast<float>(std::cos(angle)));
  }
  columns.push_back(std::move(sine));
  columns.push_back(std::move(cosine));
}

std::vector<std::string> periods_of(const CsvRows& rows, const Options& options) {
  auto periods = options.list("time-features");
  const auto known = period_names();
  for (const auto& period : periods)
    if (std::find(known.begin(), known.end(), period) == known.end())
      options.refuse("time-features", fmt::format("unknown period '{}' {}", period, known_names(period, known)));
  if (!periods.empty() && rows.times.empty())
    options.refuse("time-features", "no column holds dates and times; name it with --time-column");
  for (const auto& period : periods)
    if (!has_position(period, rows.times.front().precision))
      options.refuse("time-features", fmt::format("'{}' has no place in its {}", text_of(rows.times.front()), period));
  return periods;
}

}  // namespace

void add_csv_features(SequenceTable& table, const CsvRows& rows, const CsvPlan& plan, const RowSet& training,
                      const Options& options) {
  const bool is_standardised = options.choice("normalize", {"standard", "none"}) == "standard";
  std::vector<FeatureColumn> columns;
  for (const auto& name : plan.features)
    columns.push_back(number_feature(name, rows.numbers.at(name), training, is_standardised));
  report_constants(rows, plan, training);
  for (const auto& name : plan.categories) add_one_hot(columns, name, rows.texts.at(name), training, options);
  for (const auto& period : periods_of(rows, options)) add_period(columns, period, rows.times);
  if (columns.empty()) options.refuse("features", "no feature is left; name at least one column");
  auto& header = table.header;
  header.num_features = static_cast<int>(columns.size());
  for (const auto& column : columns) {
    header.feature_names.push_back(cut_name(column.name));
    header.feature_mean.push_back(column.moments.mean);
    header.feature_sd.push_back(column.moments.sd);
  }
  table.features.reserve(rows.num_rows() * columns.size());
  for (std::size_t i = 0; i < rows.num_rows(); ++i)
    for (const auto& column : columns) table.features.push_back(column.values[i]);
}

std::vector<TargetColumn> csv_targets(const CsvRows& rows, const CsvPlan& plan) {
  std::vector<TargetColumn> targets;
  for (const auto& name : plan.targets) {
    const auto feature = std::find(plan.features.begin(), plan.features.end(), name);
    const int index = feature == plan.features.end() ? -1 : static_cast<int>(feature - plan.features.begin());
    targets.push_back({name, rows.numbers.at(name), index});
  }
  return targets;
}

}  // namespace seqsweep::data::importers
