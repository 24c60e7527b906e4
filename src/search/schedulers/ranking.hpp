// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>

#include "seqsweep/core/ids.hpp"

namespace seqsweep::search {

/// A trial with its value at one epoch. Ordered by value, ties by id.
using Ranked = std::pair<double, TrialId>;

/// The trials that were measured at one epoch, best first; inserting and counting take O(log n).
class Ranking {
 public:
  void insert(const Ranked& trial) { tree_.insert(trial); }
  [[nodiscard]] std::size_t size() const { return tree_.size(); }
  /// How many are better.
  [[nodiscard]] std::size_t position(const Ranked& trial) const { return tree_.order_of_key(trial); }

 private:
  __gnu_pbds::tree<Ranked, __gnu_pbds::null_type, std::less<Ranked>, __gnu_pbds::rb_tree_tag,
                   __gnu_pbds::tree_order_statistics_node_update>
      tree_;
};

}  // namespace seqsweep::search
