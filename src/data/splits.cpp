// SPDX-License-Identifier: Apache-2.0
#include "data/splits.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::data {

Fractions split_fractions(const Options& options) {
  const auto parts = options.list("split");
  Fractions fractions{};
  if (parts.size() < 2 || parts.size() > 3)
    options.refuse("split",
                   fmt::format("takes two or three shares such as 0.7,0.15,0.15, not '{}'", options.text("split")));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto value = parse_real(parts[i]);
    if (!value || !(*value >= 0 && *value <= 1))
      options.refuse("split", fmt::format("'{}' is no share from 0 to 1", parts[i]));
    fractions[i] = *value;
  }
  const double sum = fractions[0] + fractions[1] + fractions[2];
  if (std::abs(sum - 1) > 1e-6)
    options.refuse("split", fmt::format("'{}' adds up to {}, not to 1", options.text("split"), shortest(sum)));
  if (fractions[0] <= 0) options.refuse("split", "leaves nothing to train on; give the first share more");
  return fractions;
}

std::array<std::size_t, 3> split_ends(std::size_t n, const Fractions& fractions) {
  const auto end = [&](double share) {  // 0.7 + 0.15 is a little less than 0.85
    return std::min(n, static_cast<std::size_t>(std::floor(share * static_cast<double>(n) + 1e-6)));
  };
  return {end(fractions[0]), end(fractions[0] + fractions[1]), n};
}

std::vector<Split> draw_splits(std::span<const std::int32_t> strata, const Fractions& fractions, RandomKey key) {
  std::map<std::int32_t, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < strata.size(); ++i) members[strata[i]].push_back(i);
  std::vector<Split> splits(strata.size(), Split::train);
  for (auto& [stratum, indices] : members) {
    shuffle(std::span(indices), key.fold(Purpose::split).fold(static_cast<std::uint64_t>(stratum)).stream());
    const auto ends = split_ends(indices.size(), fractions);
    for (std::size_t i = 0; i < indices.size(); ++i)
      splits[indices[i]] = i < ends[0] ? Split::train : i < ends[1] ? Split::validation : Split::test;
  }
  return splits;
}

std::vector<std::size_t> order_by_split(std::span<const Split> splits) {
  std::vector<std::size_t> order(splits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return splits[a] < splits[b]; });
  return order;
}

RandomKey seed_of(const Options& options) {
  return RandomKey(static_cast<std::uint64_t>(options.integer("seed", 0, std::numeric_limits<std::int64_t>::max())));
}

}  // namespace seqsweep::data
