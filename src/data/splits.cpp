// SPDX-License-Identifier: Apache-2.0
#include "data/splits.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

#include "data/rounding.hpp"

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
  for (auto& fraction : fractions) fraction = std::abs(sum - 1) > 1e-12 ? fraction / sum : fraction;
  if (fractions[0] <= 0) options.refuse("split", "leaves nothing to train on; give the first share more");
  return fractions;
}

Counts split_ends(std::size_t n, const Fractions& fractions) {
  const auto end = [&](double share) {  // 0.7 + 0.15 is a little less than 0.85
    return std::min(n, static_cast<std::size_t>(std::floor(share * static_cast<double>(n) + 1e-6)));
  };
  return {end(fractions[0]), end(fractions[0] + fractions[1]), n};
}

std::vector<Counts> split_ends(std::span<const std::size_t> sizes, const Fractions& fractions) {
  const auto all = split_ends(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), fractions);
  auto rows = round_shares(sizes, fractions, {all[0], all[1] - all[0], all[2] - all[1]});
  for (auto& row : rows) row = {row[0], row[0] + row[1], row[0] + row[1] + row[2]};
  return rows;
}

Counts largest_remainders(std::size_t n, const Fractions& fractions) {
  constexpr double nearly = 1e-6;  // shares are products of decimal fractions: equal ones may differ in the last bits
  Counts counts{};
  Fractions remainders{};
  for (std::size_t p = 0; p < counts.size(); ++p) {
    const double share = fractions[p] * static_cast<double>(n);
    counts[p] = static_cast<std::size_t>(std::floor(share + nearly));
    remainders[p] = share - static_cast<double>(counts[p]);
  }
  for (auto left = n - (counts[0] + counts[1] + counts[2]); left > 0; --left) {
    std::size_t largest = 0;
    for (std::size_t p = 1; p < counts.size(); ++p)
      if (remainders[p] > remainders[largest] + nearly) largest = p;
    ++counts[largest];
    remainders[largest] -= 1;
  }
  return counts;
}

std::vector<Split> draw_splits(std::span<const std::int32_t> strata, const Fractions& fractions, RandomKey key) {
  std::map<std::int32_t, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < strata.size(); ++i) members[strata[i]].push_back(i);
  // Of strata that could give or take a thing alike, the first does: which is first must not depend on its name.
  std::vector<std::int32_t> order;
  for (const auto& [stratum, indices] : members) order.push_back(stratum);
  shuffle(std::span(order), key.fold(Purpose::split).stream());
  std::vector<std::size_t> sizes;
  for (const auto stratum : order) sizes.push_back(members[stratum].size());
  const auto counts = round_shares(sizes, fractions, largest_remainders(strata.size(), fractions));
  std::vector<Split> splits(strata.size(), Split::test);
  for (std::size_t k = 0; k < order.size(); ++k) {
    auto& indices = members[order[k]];
    shuffle(std::span(indices), key.fold(Purpose::split).fold(static_cast<std::uint64_t>(order[k])).stream());
    const auto num_training = counts[k][0], num_validation = counts[k][1];
    for (std::size_t i = 0; i < num_training + num_validation; ++i)
      splits[indices[i]] = i < num_training ? Split::train : Split::validation;
  }
  return splits;
}

std::vector<Split> draw_splits(std::span<const std::int32_t> strata, const Fractions& fractions,
                               const Options& options) {
  if (std::find(fractions.begin(), fractions.end(), 1.0) == fractions.end())
    return draw_splits(strata, fractions, seed_of(options));
  options.refuse_given({"seed"}, "where nothing is drawn: one part takes all");
  return draw_splits(strata, fractions, RandomKey(0));
}

Fractions drawn_fractions(const Options& options, std::string_view test) {
  if (test.empty()) {
    options.refuse_given({"validation"}, "where --split draws the test part, too; give its share there");
    return split_fractions(options);
  }
  options.refuse_given({"split"}, fmt::format("beside --{}; --validation is the share that is set apart", test));
  const double validation = options.real("validation", 0, 0.99);
  return {1 - validation, validation, 0};
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
