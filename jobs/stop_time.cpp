// SPDX-License-Identifier: Apache-2.0
#include "stop_time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::jobs {

std::optional<double> allocation_left_s() {
  const char* end = std::getenv("SLURM_JOB_END_TIME");
  const auto end_s = end == nullptr ? std::nullopt : parse_integer(end);
  if (!end_s) return std::nullopt;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const double left_s = static_cast<double>(*end_s) - std::chrono::duration<double>(now).count();
  return left_s > 0 ? std::optional(left_s) : std::nullopt;
}

StopTime stop_time(double time_limit_s, std::optional<double> left_of_allocation_s, double longest_drain_s) {
  StopTime stop;
  if (time_limit_s > 0) stop = {time_limit_s, fmt::format("the time limit of {}", human_seconds(time_limit_s))};
  if (!left_of_allocation_s) return stop;
  const double reserve_s = std::min(2 * longest_drain_s, *left_of_allocation_s / 10);
  const StopTime by_allocation = {*left_of_allocation_s - reserve_s, "the near end of the Slurm allocation"};
  return by_allocation.after_s < stop.after_s ? by_allocation : stop;
}

}  // namespace seqsweep::jobs
