// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace seqsweep::data {

/// Mean and standard deviation (of the population) of a column, summed in double precision in one pass order.
struct Moments {
  float mean = 0;
  float sd = 1;  ///< 1 where the values do not vary, so that dividing by it is always safe
};

/// Of values first, first + stride, …
[[nodiscard]] Moments moments_of(std::span<const float> values, std::size_t first = 0, std::size_t stride = 1);
[[nodiscard]] Moments moments_of(std::span<const double> values);

}  // namespace seqsweep::data
