// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/data/options.hpp"
#include "seqsweep/data/writer.hpp"

namespace seqsweep::data {

/// One uninterrupted series: rows begin … end[2]-1 of the step array, cut in time into train (up to end[0]), validation
/// (up to end[1]) and test.
struct Series {
  std::size_t begin = 0;
  std::array<std::size_t, 3> ends{};
};

/// One predicted column.
struct TargetColumn {
  std::string name;
  std::vector<double> values;  ///< [N]
  int feature = -1;            ///< the feature that is the same column, if any
};

struct Forecast {
  std::size_t window = 1;                           ///< steps the network sees
  std::size_t first_horizon = 1, last_horizon = 1;  ///< steps after the window, first … last: all predicted
  std::size_t stride = 1;                           ///< steps between windows
  bool is_difference = false;   ///< targets are relative to a value of the same column that the network sees
  std::size_t season = 0;       ///< [steps] which: 0 the last one; 24 the latest that is whole days of 24 steps earlier
  bool is_standardised = true;  ///< target statistics from the training rows, else 0 and 1
};

/// Reads "--horizon 24" (the value 24 steps on) or "--horizon 1..24" (all 24 steps).
[[nodiscard]] Forecast horizon_of(const Options& options);

/// Rows of the step array that are in a set. [N]
using RowSet = std::vector<bool>;

/// The rows that the windows of a part cover, as input or as target. Statistics come from those of the training part,
/// once each, so not from series that are too short for a window or from what stands behind the last one.
[[nodiscard]] RowSet covered_rows(std::span<const Series> series, const Forecast& forecast, Split split,
                                  std::size_t num_rows);

/// Adds every window whose targets all lie in one part, to that part; it may look back into the part before.
/// Output k = (horizon, target), targets fastest, so K = horizons · targets. Statistics are of the `training` rows;
/// under `is_difference` a target has mean 0 and its column's own sd, so that an error in normalised units is the same
/// with and without it.
void add_windows(SequenceTable& table, std::span<const Series> series, const Forecast& forecast,
                 const std::vector<TargetColumn>& targets, const RowSet& training);

/// Standardises feature `column` by the `training` rows.
void standardise_feature(SequenceTable& table, const RowSet& training, std::size_t column);

}  // namespace seqsweep::data
