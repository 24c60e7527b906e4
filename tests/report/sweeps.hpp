// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seqsweep/store/results_file.hpp"

// Results in memory, for pages to be made of.
namespace seqsweep::test {

/// Every text that a results file can bring along tries to break out of the page.
store::Results hostile_sweep();
/// Nothing has begun.
store::Results empty_sweep();
store::Results sweep_of_one_trial();
/// Every trial failed, with the same message.
store::Results failed_sweep();
/// Trials on four hosts, a third of them promoted from epoch `rung` to the last.
store::Results large_sweep(int num_trials, int rung = 4, int max_epochs = 16);

/// What the hostile sweep brings along.
constexpr const char* hostile_text = "</script><script>alert('out')</script><!--{data}--><b>\"bold\"</b> å数 \xff";

/// Four trials whose accuracy is maximised, of which the better two went on from epoch 2 to epoch 4. Each is at its
/// best before its last epoch: trial 1 (0.9, epoch 3), 2 (0.8, epoch 1), 0 (0.6, epoch 2 of 2), 3 (0.4, epoch 1).
[[nodiscard]] store::Results maximised_sweep();

}  // namespace seqsweep::test
