// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/search/space.hpp"

namespace seqsweep::jobs {

/// A function to be minimised whose least value is known, so that a search can be judged.
struct TestFunction {
  std::string_view name;
  std::string_view summary;
  search::SearchSpace (*space)();
  double (*value)(const search::Point&);  ///< without noise; +infinity: training diverges here
  double optimum;                         ///< the least value
  double noise_sd = 0;                    ///< of what a trial measures
};

[[nodiscard]] std::span<const TestFunction> test_function_catalogue();
/// Throws ConfigError with the known names.
[[nodiscard]] const TestFunction& find_test_function(const std::string& name);

/// What a trial measures: the value with the trial's own noise, the same whenever it is measured.
[[nodiscard]] double measured(const TestFunction& function, double value, std::uint64_t seed, TrialId trial);

}  // namespace seqsweep::jobs
