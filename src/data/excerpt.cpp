// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/excerpt.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "seqsweep/core/error.hpp"

namespace seqsweep::data {
namespace {

constexpr int least_steps = 8;  // in fewer, recurrence has nothing to do

std::int64_t nearest(std::size_t whole, double share) {
  SEQSWEEP_EXPECT(share > 0 && share <= 1, "a share is more than 0 and at most 1");
  return std::llround(static_cast<double>(whole) * share);
}

}  // namespace

std::size_t sequences_in_share(std::size_t num_sequences, double share, int batch_size) {
  const auto least = std::min(num_sequences, static_cast<std::size_t>(batch_size));
  return std::max(static_cast<std::size_t>(nearest(num_sequences, share)), least);
}

std::vector<std::uint32_t> nested_excerpt(std::size_t num_sequences, std::size_t count, RandomKey key) {
  SEQSWEEP_EXPECT(count <= num_sequences, "an excerpt is larger than the whole");
  std::vector<std::uint32_t> order(num_sequences);
  std::iota(order.begin(), order.end(), 0U);
  if (count == num_sequences) return order;
  shuffle(std::span(order), key.stream());
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

int steps_in_share(int length, double share) {
  const auto steps = static_cast<int>(nearest(static_cast<std::size_t>(length), share));
  return std::max(steps, std::min(length, least_steps));
}

}  // namespace seqsweep::data
