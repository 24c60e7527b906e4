// SPDX-License-Identifier: Apache-2.0
#include "data/windows.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

#include "data/header_io.hpp"
#include "data/statistics.hpp"

namespace seqsweep::data {
namespace {

void describe_outputs(SequenceTable& table, std::span<const Series> series, const Forecast& forecast,
                      const std::vector<TargetColumn>& targets) {
  std::vector<Moments> moments;
  for (const auto& target : targets) {
    std::vector<double> training;
    for (const auto& one : series)
      training.insert(training.end(), target.values.begin() + static_cast<std::ptrdiff_t>(one.begin),
                      target.values.begin() + static_cast<std::ptrdiff_t>(one.ends[0]));
    moments.push_back(forecast.is_standardised ? moments_of(training) : Moments{});
  }
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

void add_part(SequenceTable& table, const Series& series, Split split, const Forecast& forecast,
              const std::vector<TargetColumn>& targets) {
  const auto part = static_cast<std::size_t>(split);
  const auto part_begin = part == 0 ? series.begin : series.ends[part - 1];
  // The last row the network sees, counted so that the first window of the series ends at begin + window - 1.
  const auto first_seen = series.begin + forecast.window - 1;
  for (auto last = first_seen; last + forecast.last_horizon < series.ends[part]; last += forecast.stride) {
    if (last + forecast.first_horizon < part_begin) continue;
    table.sequences.push_back({static_cast<std::int64_t>(last + 1 - forecast.window),
                               static_cast<std::int32_t>(forecast.window), static_cast<std::int32_t>(split)});
    for (auto horizon = forecast.first_horizon; horizon <= forecast.last_horizon; ++horizon)
      for (const auto& target : targets) {
        const double from = forecast.is_difference ? target.values[reference_step(forecast, last, horizon)] : 0.0;
        table.targets.push_back(static_cast<float>(target.values[last + horizon] - from));
      }
  }
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

void add_windows(SequenceTable& table, std::span<const Series> series, const Forecast& forecast,
                 const std::vector<TargetColumn>& targets) {
  describe_outputs(table, series, forecast, targets);
  for (const Split split : all_splits)
    for (const auto& one : series) add_part(table, one, split, forecast, targets);
}

void standardise_feature(SequenceTable& table, std::span<const Series> series, std::size_t column) {
  const auto D = static_cast<std::size_t>(table.header.num_features);
  std::vector<float> training;
  for (const auto& one : series)
    for (auto row = one.begin; row < one.ends[0]; ++row) training.push_back(table.features[row * D + column]);
  const auto moments = moments_of(training);
  table.header.feature_mean[column] = moments.mean;
  table.header.feature_sd[column] = moments.sd;
}

}  // namespace seqsweep::data
