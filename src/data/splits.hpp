// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/core/random.hpp"
#include "seqsweep/data/dataset.hpp"
#include "seqsweep/data/options.hpp"

namespace seqsweep::data {

/// Shares of train, validation and test.
using Fractions = std::array<double, 3>;

/// Reads "--split 0.7,0.15,0.15" (or two numbers: no test part). Throws ConfigError unless they add up to 1.
[[nodiscard]] Fractions split_fractions(const Options& options);

/// Where the parts of n things in a row end: 0 … ends[0]-1 train, … ends[2]-1 test; ends[2] = n.
[[nodiscard]] std::array<std::size_t, 3> split_ends(std::size_t n, const Fractions& fractions);

/// Draws the split of each thing at random, with the same shares in every stratum (its class; all 0 where there are
/// none).
[[nodiscard]] std::vector<Split> draw_splits(std::span<const std::int32_t> strata, const Fractions& fractions,
                                             RandomKey key);

/// The indices 0 … n-1 ordered by split (train first), in the old order within a split.
[[nodiscard]] std::vector<std::size_t> order_by_split(std::span<const Split> splits);

/// The options that many tasks and importers share.
inline constexpr OptionSpec split_option = {"split", "T,V,S", "0.7,0.15,0.15",
                                            "shares of the train, validation and test parts"};
inline constexpr OptionSpec seed_option = {"seed", "N", "1", "seed of everything random"};
[[nodiscard]] RandomKey seed_of(const Options& options);

}  // namespace seqsweep::data
