// SPDX-License-Identifier: Apache-2.0
#include "data/windows.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

#include "data/header_io.hpp"
#include "data/statistics.hpp"

namespace seqsweep::data {
namespace {

void describe_outputs(SequenceTable& table, const RowSet& training, const Forecast& forecast,
                      const std::vector<TargetColumn>& targets) {
  std::vector<Moments> moments;
  for (const auto& target : targets)
    moments.push_back(forecast.is_standardised ? moments_of(values_in(target.values, training)) : Moments{});
  auto& header = table.header;
  header.target_kind = TargetKind::real;
  header.target_position = TargetPosition::per_sequence;
  for (auto horizon = forecast.first_horizon; horizon <= forecast.last_horizon; ++horizon)
    for (std::size_t j = 0; j < targets.size(); ++j) {
      header.output_names.push_back(cut_name(fmt::format("{}+{}", targets[j].name, horizon)));
      header.target_mean.push_back(forecast.is_difference ? 0.0F : moments[j].mean);
      header.target_sd.push_back(moments[j].sd);
      if (targets[j].feature >= 0) table.persistence_feature.push_back(targets[j].feature);
    }
  header.num_outputs = static_cast<int>(header.output_names.size());
  if (table.persistence_feature.size() != header.output_names.size()) table.persistence_feature.clear();
  table.has_difference_targets = forecast.is_difference;
  table.season = forecast.season;
}

// What a difference is relative to: the last step seen, or the latest one a whole number of seasons before the target.
std::size_t reference_step(const Forecast& forecast, std::size_t last, std::size_t horizon) {
  if (forecast.season == 0) return last;
  const auto seasons = (horizon + forecast.season - 1) / forecast.season;
  return last + horizon - seasons * forecast.season;
}

// Calls `visit(last)` for each window of a part of the series; `last` is the last row that the network sees.
template <class Visit>
void for_each_window(const Series& series, Split split, const Forecast& forecast, Visit&& visit) {
  const auto part = static_cast<std::size_t>(split);
  const auto part_begin = part == 0 ? series.begin : series.ends[part - 1];
  // Counted so that the first window of the series ends at begin + window - 1.
  const auto first_seen = series.begin + forecast.window - 1;
  for (auto last = first_seen; last + forecast.last_horizon < series.ends[part]; last += forecast.stride)
    if (last + forecast.first_horizon >= part_begin) visit(last);
}

void add_part(SequenceTable& table, const Series& series, Split split, const Forecast& forecast,
              const std::vector<TargetColumn>& targets) {
  for_each_window(series, split, forecast, [&](std::size_t last) {
    table.sequences.push_back({static_cast<std::int64_t>(last + 1 - forecast.window),
                               static_cast<std::int32_t>(forecast.window), static_cast<std::int32_t>(split)});
    for (auto horizon = forecast.first_horizon; horizon <= forecast.last_horizon; ++horizon)
      for (const auto& target : targets) {
        const double from = forecast.is_difference ? target.values[reference_step(forecast, last, horizon)] : 0.0;
        table.targets.push_back(static_cast<float>(target.values[last + horizon] - from));
      }
  });
}

}  // namespace

Forecast horizon_of(const Options& options) {
  const auto text = options.text("horizon");
  const auto dots = text.find("..");
  const auto last = parse_integer(dots == std::string::npos ? text : text.substr(dots + 2));
  const auto first = dots == std::string::npos ? last : parse_integer(text.substr(0, dots));
  if (!first || !last || *first < 1 || *last < *first || *last > 1 << 20)
    options.refuse("horizon",
                   fmt::format("takes a number of steps such as 24, or 1..24 for all of them, not '{}'", text));
  Forecast forecast;
  forecast.first_horizon = static_cast<std::size_t>(*first);
  forecast.last_horizon = static_cast<std::size_t>(*last);
  return forecast;
}

RowSet covered_rows(std::span<const Series> series, const Forecast& forecast, Split split, std::size_t num_rows) {
  std::vector<std::ptrdiff_t> opened(num_rows + 1);  // windows that begin to cover at a row, less those that cease to
  for (const auto& one : series)
    for_each_window(one, split, forecast, [&](std::size_t last) {
      ++opened[last + 1 - forecast.window];
      --opened[last + 1];
      ++opened[last + forecast.first_horizon];
      --opened[last + forecast.last_horizon + 1];
    });
  RowSet covered(num_rows);
  std::ptrdiff_t covering = 0;
  for (std::size_t row = 0; row < num_rows; ++row) covered[row] = (covering += opened[row]) > 0;
  return covered;
}

void add_windows(SequenceTable& table, std::span<const Series> series, const Forecast& forecast,
                 const std::vector<TargetColumn>& targets, const RowSet& training) {
  describe_outputs(table, training, forecast, targets);
  for (const Split split : all_splits)
    for (const auto& one : series) add_part(table, one, split, forecast, targets);
}

void standardise_feature(SequenceTable& table, const RowSet& training, std::size_t column) {
  const auto D = static_cast<std::size_t>(table.header.num_features);
  std::vector<float> values;
  for (std::size_t row = 0; row < training.size(); ++row)
    if (training[row]) values.push_back(table.features[row * D + column]);
  const auto moments = moments_of(values);
  table.header.feature_mean[column] = moments.mean;
  table.header.feature_sd[column] = moments.sd;
}

}  // namespace seqsweep::data
