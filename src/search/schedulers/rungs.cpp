// SPDX-License-Identifier: Apache-2.0
#include "rungs.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::search {
std::vector<int> rung_epochs(const SchedulerOptions& options) {
  std::vector<int> epochs;
  for (std::int64_t epoch = options.grace_period; epoch < options.max_epochs; epoch *= options.reduction_factor)
    epochs.push_back(static_cast<int>(epoch));
  epochs.push_back(options.max_epochs);
  return epochs;
}

std::string why_idle_at_rungs(const std::vector<int>& rungs, std::int64_t num_trials) {
  if (rungs.size() < 2) return fmt::format("its only rung is the last epoch, {}", rungs.back());
  return num_trials < 2 ? "one trial has no rivals" : "";
}

std::string place_at_rung(int epoch, double value, std::size_t position, std::size_t num_measured) {
  return fmt::format("rung {}: {:.4g} is {} of {}", epoch, value, ordinal(position + 1), num_measured);
}

}  // namespace seqsweep::search
