// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seqsweep/core/random.hpp"
#include "seqsweep/core/sequence_batch.hpp"
#include "seqsweep/nn/parameters.hpp"
#include "seqsweep/nn/spec.hpp"

namespace seqsweep::nn {

/// A network and the lengths of a batch for it.
struct PairCase {
  std::string name;
  NetworkSpec spec;
  std::vector<int> lengths;  ///< falling
};

/// Rows of levels, one level of each factor, so that every two levels of two factors meet in some row. Factor f has
/// num_levels[f] of them. Greedy, after Cohen, Dalal, Fredman, Patton, "The AETG system", IEEE TSE 23 (1997).
std::vector<std::vector<std::size_t>> all_pairs(const std::vector<std::size_t>& num_levels);

/// Cells and activations × layers × directions × head × loss × input and its width × outputs × dropout × hidden sizes
/// at every edge of a vector, a panel and a cache line × lengths: every two settings together in some case.
std::vector<PairCase> engine_cases();

/// Weights that neither fade nor explode over many steps, so that what is wrong far from the loss shows.
std::vector<float> lively_parameters(const ParameterLayout& layout, RandomKey key);

}  // namespace seqsweep::nn
