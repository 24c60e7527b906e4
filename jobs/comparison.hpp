// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/report/seed_spread.hpp"
#include "seqsweep/store/results_file.hpp"

#include "status_view.hpp"

namespace seqsweep::jobs {

/// One of several sweeps of the same metric on the same data.
struct ComparedSweep {
  std::string path;
  store::ResultsHeader header;
  bool is_sealed = false;
  std::optional<TrialId> trial;          ///< the best
  double value = store::not_applicable;  ///< its value of the metric
  double test = store::not_applicable;   ///< the same score on the test split
  double floor = store::not_applicable;  ///< of the metric
  int num_trials = 0;                    ///< without replicates
  double node_hours = 0;
  BestSoFar best_so_far;
  std::optional<report::SeedSpread> spread;  ///< of the configuration with the best mean, if any has replicates
};
/// Reads no epochs.
[[nodiscard]] ComparedSweep read_compared(const std::string& path);

/// Whether one sweep's best configuration is better than another's for other reasons than luck with random numbers.
/// By Welch's t: means of replicates, which nobody chose, and their standard errors.
struct SpreadTest {
  std::size_t better = 0, worse = 0;          ///< places among the sweeps; the better best value
  double difference = store::not_applicable;  ///< of the means, worse - better, in the direction that improves
  double low = store::not_applicable, high = store::not_applicable;  ///< its 95 % interval
  std::optional<bool> exceeds_spread;                                ///< the interval leaves out 0; nothing: not known
  std::string sentence;
};

struct Comparison {
  std::vector<ComparedSweep> sweeps;
  std::map<std::string, std::vector<std::string>> differing;  ///< key → value by sweep ("": it has none)
  std::vector<SpreadTest> tests;                              ///< the best sweep against each other
};
/// Throws ConfigError where they cannot be compared: another metric, another data set.
[[nodiscard]] Comparison compare(std::vector<ComparedSweep> sweeps);

}  // namespace seqsweep::jobs
