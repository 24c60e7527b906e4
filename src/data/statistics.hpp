// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace seqsweep::data {

/// Mean and standard deviation (of the population) of a column, summed in double precision in one pass order.
struct Moments {
  float mean = 0;
  float sd = 1;  ///< 1 where the values do not vary, so that dividing by it is always safe
};

/// Of values first, first + stride, …
[[nodiscard]] Moments moments_of(std::span<const float> values, std::size_t first = 0, std::size_t stride = 1);
[[nodiscard]] Moments moments_of(std::span<const double> values);

/// The values of a column in some rows, in their order.
[[nodiscard]] std::vector<double> values_in(const std::vector<double>& column, const std::vector<bool>& rows);

}  // namespace seqsweep::data
