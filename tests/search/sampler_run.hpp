// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

/// What is to be minimised; infinity and NaN: the trial diverges.
using Objective = std::function<double(const Point&)>;

struct SamplerRun {
  std::string sampler;
  int num_trials = 100;
  int num_in_flight = 1;
  std::uint64_t seed = 1;
};

struct Tried {
  Point point;
  double value;
};

/// A whole search with trials of one epoch and equal cost: what was tried, in order.
[[nodiscard]] std::vector<Tried> tried_by(const SamplerRun& run, const SearchSpace& space, const Objective& objective);
/// The best of it.
[[nodiscard]] double best_of(const std::vector<Tried>& tried);

/// [0, 1]^num_dimensions.
[[nodiscard]] SearchSpace unit_box(int num_dimensions);
/// Of a space whose dimensions are all real numbers.
[[nodiscard]] std::vector<double> numbers_of(const Point& point);

}  // namespace seqsweep::search
