// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/store/records.hpp"
#include "seqsweep/trial/command_runner.hpp"

namespace seqsweep::trial {

/// Longer lines of a program are cut here, and cannot be read. [bytes]
constexpr std::size_t longest_line = 16 << 20;

/// What a command says of an epoch: a line that is a JSON object.
struct MetricLine {
  std::optional<std::int64_t> epoch;     ///< as printed
  double value = store::not_applicable;  ///< of the sweep's metric; null, "nan" and the like are NaN
  std::vector<double> further;           ///< of `further_metrics`; NaN: it has no such number
  std::vector<store::Metric> metrics;    ///< every number in it but the epoch, in order of name; at most `most_metrics`
  std::size_t num_left_out = 0;          ///< numbers that are not among `metrics`: too many, or their names too long
  std::string fault;                     ///< why it cannot be an epoch of a trial, one phrase; empty: it can
};
constexpr std::size_t most_metrics = 24;

/// What a line of a program's output is.
struct LineReading {
  std::optional<MetricLine> found;
  std::string problem;     ///< of a line that names the metric as a member and is no metric line: why; else empty
  bool is_object = false;  ///< of such a line: it begins as an object does, so that it was meant as one
};

/// A metric line is a JSON object with a member `metric`. NaN and infinities are taken as Python, C and JavaScript
/// print them, numbers also where they are texts ("0.5") or lack a digit (.5). What terminals see is taken away first:
/// colors, and a byte order mark; bytes that are no UTF-8 count as unknown characters.
[[nodiscard]] LineReading read_metric_line(const std::string& line, const std::string& metric,
                                           const std::vector<std::string>& further_metrics = {});

/// The beginning of a line, for a message: valid UTF-8 without colors.
[[nodiscard]] std::string excerpt(const std::string& line, std::size_t most_bytes = 60);

}  // namespace seqsweep::trial
