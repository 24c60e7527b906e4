// SPDX-License-Identifier: Apache-2.0
#include "option_checks.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {

void expect_at_least(int minimum, int value, const std::string& key) {
  if (value < minimum)
    throw ConfigError(fmt::format("{} = {} is too small; write at least {}", key, value, minimum), {}, key);
}

void check_epochs(const SchedulerOptions& options) {
  expect_at_least(1, options.max_epochs, "train.max_epochs");
  expect_at_least(1, options.grace_period, "search.grace_period");
  if (options.grace_period > options.max_epochs)
    throw ConfigError(
        fmt::format("search.grace_period = {} is longer than train.max_epochs = {}, so nothing could be stopped; "
                    "shorten it, or take the scheduler none",
                    options.grace_period, options.max_epochs),
        {}, "search.grace_period");
}

void check_rungs(const SchedulerOptions& options) {
  check_epochs(options);
  expect_at_least(2, options.reduction_factor, "search.reduction_factor");
}

}  // namespace seqsweep::search
