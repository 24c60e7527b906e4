// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "seqsweep/store/records.hpp"

namespace seqsweep::trial {

/// What a command says of an epoch: a line that is a JSON object.
struct MetricLine {
  std::optional<int> epoch;
  double value = store::not_applicable;  ///< of the sweep's metric; null, "nan" and the like are NaN
  std::vector<double> further;           ///< of `further_metrics`; NaN: it has no such number
  std::vector<store::Metric> metrics;    ///< every number in it but the epoch, in order of name; at most `most_metrics`
};
constexpr std::size_t most_metrics = 24;

/// Nothing where the line is no JSON object with a member `metric`. NaN, Infinity and -Infinity are taken as Python
/// prints them.
[[nodiscard]] std::optional<MetricLine> read_metric_line(const std::string& line, const std::string& metric,
                                                         const std::vector<std::string>& further_metrics = {});

}  // namespace seqsweep::trial
