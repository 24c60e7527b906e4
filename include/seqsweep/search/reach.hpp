// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

/// How far the budget of a sweep carries, if no trial diverges, fails or improves no more.
struct Reach {
  std::vector<RungReach> rungs;  ///< by rising epoch; empty: nothing but a comparison keeps a trial from its last epoch
  bool is_enough = true;         ///< for one trial to be trained for all its epochs
  std::string sentence;          ///< for people; empty where there is nothing to say
};

/// From the options alone: the scheduler's rungs, sweep.trials, the points that there are (`num_points`, where they can
/// be counted), and sweep.max_total_epochs. Throws ConfigError where the scheduler's options make no sense.
[[nodiscard]] Reach reach_of(const StudyOptions& options, std::optional<std::int64_t> num_points);

}  // namespace seqsweep::search
