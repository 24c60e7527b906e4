// SPDX-License-Identifier: Apache-2.0
#include "data/statistics.hpp"

#include <cmath>

namespace seqsweep::data {
namespace {

template <class T>
Moments two_pass(std::span<const T> values, std::size_t first, std::size_t stride) {
  double sum = 0, squares = 0, count = 0;
  for (std::size_t i = first; i < values.size(); i += stride) {
    sum += static_cast<double>(values[i]);
    count += 1;
  }
  if (count == 0) return {};
  const double mean = sum / count;
  for (std::size_t i = first; i < values.size(); i += stride) {
    const double from_mean = static_cast<double>(values[i]) - mean;
    squares += from_mean * from_mean;
  }
  const double sd = std::sqrt(squares / count);
  // What is left of a constant column is rounding, of the order of 1e-16 of its value.
  const bool varies = sd > 1e-7 * std::abs(mean) && static_cast<float>(sd) > 1e-30F;
  return {static_cast<float>(mean), varies ? static_cast<float>(sd) : 1.0F};
}

}  // namespace

Moments moments_of(std::span<const float> values, std::size_t first, std::size_t stride) {
  return two_pass(values, first, stride);
}
Moments moments_of(std::span<const double> values) {
  return two_pass(values, 0, 1);
}

std::vector<double> values_in(const std::vector<double>& column, const std::vector<bool>& rows) {
  std::vector<double> values;
  for (std::size_t row = 0; row < column.size(); ++row)
    if (rows[row]) values.push_back(column[row]);
  return values;
}

}  // namespace seqsweep::data
