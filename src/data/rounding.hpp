// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "data/splits.hpp"

namespace seqsweep::data {

/// Controlled rounding of a table of shares (Cox 1987, "A constructive procedure for unbiased controlled rounding", for
/// the problem): row k divides sizes[k] things among the parts, each count is its share rounded down or up, and the
/// parts together have `totals`, which must be rounded shares of all things themselves. Such a table always exists.
/// Starts from split_ends() of each row and moves as few things as it can; of rows that may give or take, the ones with
/// the largest remainders first. A row without a thing in training gets one where that is possible.
[[nodiscard]] std::vector<Counts> round_shares(std::span<const std::size_t> sizes, const Fractions& fractions,
                                               const Counts& totals);

}  // namespace seqsweep::data
