// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "seqsweep/core/random.hpp"

namespace seqsweep::data {

// Parts of a split, for training that is to be cheap. A share is in (0, 1]; 1 is all.

/// How many of the sequences a share is: the nearest whole number, but a whole batch where there are as many.
[[nodiscard]] std::size_t sequences_in_share(std::size_t num_sequences, double share, int batch_size);

/// The first `count` of 0 … num_sequences - 1 in an order drawn from `key`, ascending. A smaller excerpt of the same
/// key is a part of each larger one; the largest is 0 … num_sequences - 1.
[[nodiscard]] std::vector<std::uint32_t> nested_excerpt(std::size_t num_sequences, std::size_t count, RandomKey key);

/// How many steps of a sequence of `length` a share is: the nearest whole number, but 8 where there are as many.
[[nodiscard]] int steps_in_share(int length, double share);

}  // namespace seqsweep::data
