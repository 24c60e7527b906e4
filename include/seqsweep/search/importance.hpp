// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/history.hpp"

namespace seqsweep::search {

/// From fewer trials than this, shares are mostly chance.
constexpr std::size_t enough_for_importance = 30;

/// How much of the variance of what was measured, over the whole space, is due to each dimension alone, and to each
/// pair beyond what its two do alone. What is left of 1 is due to three or more together.
struct Importance {
  /// Of the variance, in [0, 1]: mean and standard deviation over the trees of the forest that was grown.
  struct Share {
    double mean = 0;
    double sd = 0;
  };
  struct Pair {
    std::size_t first = 0, second = 0;  ///< dimensions of the space, first < second
    Share share;
  };
  int epoch = 0;  ///< trials are compared after so many epochs
  std::size_t num_trials = 0;
  /// How much of the variance the forest predicts for trials that it has not seen, at most 1. Where that is little,
  /// shares mean little. NaN where values do not differ: all shares are 0.
  double predicted_share = std::numeric_limits<double>::quiet_NaN();
  std::vector<Share> dimensions;  ///< in the order of the space
  std::vector<Pair> pairs;        ///< all, largest first
};

/// Of the highest level of training with `enough_for_importance` trials, or the one with the most. The same key gives
/// the same answer.
[[nodiscard]] Importance importance(const History& history, RandomKey key);

}  // namespace seqsweep::search
