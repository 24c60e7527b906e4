// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <tuple>
#include <vector>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

/// A made-up world: what each segment gives, as a pure function of the trial and its epochs.
struct World {
  std::uint64_t seed = 1;
  bool has_early_endings = true;  ///< some segments exhaust, diverge, fail or report NaN
  int num_levels = 1000;          ///< of values, few for many ties
  int num_further = 0;            ///< objectives after the first

  [[nodiscard]] double value(TrialId trial, int epoch) const;  ///< best so far, falling with epochs
  [[nodiscard]] SegmentResult run(const Segment& segment) const;
};

/// A space with conditional dimensions, and what an epoch costs in it: from 1 to about 100, different for each point.
[[nodiscard]] SearchSpace simulated_space();
[[nodiscard]] double simulated_cost(const Point& point);

/// Reports results in random order until the study is finished.
void run_in_random_order(Study& study, const World& world, std::uint64_t order);

/// Executes decided segments first come first served on so many physical workers, with random durations.
void run_on_workers(Study& study, const World& world, int num_workers, std::uint64_t timing);

/// Everything that a sweep decides, for comparison.
using Decision = std::tuple<TrialId, int, int, double, double, std::string>;
[[nodiscard]] std::vector<Decision> decisions_of(const Study& study);
[[nodiscard]] std::vector<Point> points_of(const Study& study);
/// Per trial: state, reason, value and every measurement.
[[nodiscard]] std::vector<std::string> outcomes_of(const Study& study);

}  // namespace seqsweep::search
