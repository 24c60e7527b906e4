// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "seqsweep/core/random.hpp"
#include "seqsweep/data/dataset.hpp"
#include "seqsweep/data/options.hpp"

namespace seqsweep::data {

/// Shares of train, validation and test.
using Fractions = std::array<double, 3>;
/// How many things each part has, or where it ends, by Split.
using Counts = std::array<std::size_t, 3>;

/// Reads "--split 0.7,0.15,0.15" (or two numbers: no test part). Throws ConfigError unless they add up to 1.
[[nodiscard]] Fractions split_fractions(const Options& options);

/// Where the parts of n things in a row end: 0 … ends[0]-1 train, … ends[2]-1 test; ends[2] = n. A cut lies at its
/// share of n, rounded down (int(0.9 * n), as the literature cuts texts and series), so it is off by less than one
/// thing.
[[nodiscard]] Counts split_ends(std::size_t n, const Fractions& fractions);

/// The same for several rows of things that are cut each by itself: every part of a row is within one thing of its
/// share, and together they are what split_ends() gives for all things. Rounding down each row would take up to one
/// thing a row from the training part, and with many short rows that is no small thing.
[[nodiscard]] std::vector<Counts> split_ends(std::span<const std::size_t> sizes, const Fractions& fractions);

/// Shares of n things as whole numbers that add up to n: rounded down, what is left goes to the largest remainders, of
/// equal ones to training, then to validation.
[[nodiscard]] Counts largest_remainders(std::size_t n, const Fractions& fractions);

/// Draws the split of each thing at random, with the same shares in every stratum (its class; all 0 where there are
/// none): the parts are the largest_remainders() of all things, and within one thing of their share in each stratum.
/// Each stratum has a thing to train on as far as the shares allow it.
[[nodiscard]] std::vector<Split> draw_splits(std::span<const std::int32_t> strata, const Fractions& fractions,
                                             RandomKey key);

/// The shares to draw by. `test` is the option that gives the test part: --validation of the rest is set apart, and
/// --split is refused. Where it is empty, those of --split, and --validation is refused.
[[nodiscard]] Fractions drawn_fractions(const Options& options, std::string_view test);

/// draw_splits() with the seed of --seed, which is refused where nothing is drawn because one part takes all.
[[nodiscard]] std::vector<Split> draw_splits(std::span<const std::int32_t> strata, const Fractions& fractions,
                                             const Options& options);

/// The indices 0 … n-1 ordered by split (train first), in the old order within a split.
[[nodiscard]] std::vector<std::size_t> order_by_split(std::span<const Split> splits);

/// The options that many tasks and importers share.
inline constexpr OptionSpec split_option = {"split", "T,V,S", "0.7,0.15,0.15",
                                            "shares of the train, validation and test parts"};
inline constexpr OptionSpec seed_option = {"seed", "N", "1", "seed of everything random"};
[[nodiscard]] RandomKey seed_of(const Options& options);

}  // namespace seqsweep::data
