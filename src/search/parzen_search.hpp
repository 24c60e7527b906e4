// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <Eigen/Core>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/history.hpp"

namespace seqsweep::search {

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
