// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <Eigen/Core>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/history.hpp"

namespace seqsweep::search {

/// Trials that a Parzen estimator needs before it proposes anything. (16 cost more than they teach.)
constexpr std::size_t parzen_startup = 10;
/// How many of so many measured trials are the good ones: ⌈0.15 N⌉, at most 25. Tuned together on ten test functions (2
/// to 8 dimensions, mixed and conditional ones among them), 50 to 200 trials, 1 and 16 in flight, 50 seeds; regret is
/// flat around all of them.
[[nodiscard]] std::size_t num_good(std::size_t num_measured);

/// What the tree-structured Parzen estimators have in common: given which trials are good, the next point is one where
/// these are dense and the others are not. (The formulas are in samplers/tpe.cpp.)
///
/// Dimensions with the same condition form a group, which has densities of its own, from the trials in which it exists,
/// and is placed after those that it depends on.
class ParzenSearch {
 public:
  using Group = std::vector<std::size_t>;  ///< of axes
  using Rows = std::vector<std::size_t>;   ///< of the history
  struct Split {
    Rows good;
    Eigen::ArrayXd weights;  ///< of the good, in all as many as they are; the others have the weight 1
    Rows others;
  };

  explicit ParzenSearch(const SearchSpace& space);

  /// `split` is asked for each group of the point.
  [[nodiscard]] Point propose(const History& history, RandomKey key,
                              const std::function<Split(const Group&)>& split) const;

  /// The trials in which a group exists, of any state, those of earlier sweeps too.
  [[nodiscard]] static Rows rows_with(const History& history, const Group& group);

 private:
  std::vector<Group> groups_;
  std::vector<std::uint64_t> keys_;  // [groups]
};

}  // namespace seqsweep::search
