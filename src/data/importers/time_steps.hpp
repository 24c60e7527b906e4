// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "data/importers/date_time.hpp"

namespace seqsweep::data::importers {

/// How a series goes on in time.
struct TimeSteps {
  std::string usual;              ///< the step that is most frequent: "1 hour", "0.1 s", "3 months", "1 weekday"
  std::vector<std::size_t> gaps;  ///< places before which another time passes, rising
};

/// Measures the steps between rising times by the ruler that leaves the fewest gaps: the time that passes; what the
/// clock as written shows (days stay days when summer time begins); calendar months, where each time is on the same day
/// of its month, or the last where the month has no such day; weekdays, where there are ten and none is a Saturday or
/// Sunday. Fewer than two times have no usual step.
[[nodiscard]] TimeSteps steps_in(std::span<const DateTime> times);

}  // namespace seqsweep::data::importers
