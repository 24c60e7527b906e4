// SPDX-License-Identifier: Apache-2.0
#include "data/rounding.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "seqsweep/core/error.hpp"

namespace seqsweep::data {
namespace {

constexpr std::size_t train = 0, num_parts = 3;
constexpr double whole = 1e-6;  // a share this near to a whole number is one

class SharedRows {
 public:
  SharedRows(std::span<const std::size_t> sizes, const Fractions& fractions) {
    for (const auto size : sizes) {
      const auto ends = split_ends(size, fractions);
      counts_.push_back({ends[0], ends[1] - ends[0], ends[2] - ends[1]});
      auto& shares = shares_.emplace_back();
      for (std::size_t p = 0; p < num_parts; ++p) shares[p] = fractions[p] * static_cast<double>(size);
    }
  }

  [[nodiscard]] std::vector<Counts>& counts() { return counts_; }

  [[nodiscard]] std::size_t total(std::size_t part) const {
    std::size_t sum = 0;
    for (const auto& count : counts_) sum += count[part];
    return sum;
  }

  // Moves up to `most` things, one a row, from a part to another; returns how many.
  std::size_t move(std::size_t from, std::size_t to, std::size_t most) {
    const auto rows = rows_that_move(from, to);
    const auto count = std::min(most, rows.size());
    for (std::size_t i = 0; i < count; ++i) move_one(rows[i], from, to);
    return count;
  }

  [[nodiscard]] std::size_t num_movable(std::size_t from, std::size_t to) const {
    return rows_that_move(from, to).size();
  }

  // Rows without training get a thing to train on, in exchange with rows that keep one; no total changes.
  void train_every_row() {
    for (const std::size_t other : {num_parts - 1, train + 1}) {
      auto takers = rows_that_move(other, train), givers = rows_that_move(train, other);
      std::erase_if(takers, [&](std::size_t row) { return counts_[row][train] > 0; });
      std::erase_if(givers, [&](std::size_t row) { return counts_[row][train] < 2; });
      for (std::size_t i = 0; i < std::min(takers.size(), givers.size()); ++i) {
        move_one(takers[i], other, train);
        move_one(givers[i], train, other);
      }
    }
  }

 private:
  void move_one(std::size_t row, std::size_t from, std::size_t to) {
    --counts_[row][from];
    ++counts_[row][to];
  }

  // How far a count lies below its share.
  [[nodiscard]] double remainder(std::size_t row, std::size_t part) const {
    return shares_[row][part] - static_cast<double>(counts_[row][part]);
  }

  // What it is worth to move one, in units in which equal errors are equal: the error that goes, and a row's first
  // thing to train on above all.
  [[nodiscard]] std::int64_t worth(std::size_t row, std::size_t from, std::size_t to) const {
    double worth = remainder(row, to) - remainder(row, from);
    if (to == train && counts_[row][train] == 0) worth += num_parts;
    if (from == train && counts_[row][train] == 1) worth -= num_parts;
    return std::llround(worth / whole);
  }

  // Rows whose count is rounded up in `from` and down in `to`, the worthiest first, then in their order.
  [[nodiscard]] std::vector<std::size_t> rows_that_move(std::size_t from, std::size_t to) const {
    std::vector<std::pair<std::int64_t, std::size_t>> ranked;
    for (std::size_t row = 0; row < counts_.size(); ++row)
      if (remainder(row, from) < -whole && remainder(row, to) > whole) ranked.emplace_back(-worth(row, from, to), row);
    std::sort(ranked.begin(), ranked.end());
    std::vector<std::size_t> rows;
    for (const auto& [rank, row] : ranked) rows.push_back(row);
    return rows;
  }

  std::vector<Fractions> shares_;
  std::vector<Counts> counts_;
};

// Moves things from parts that have too many to those that have too few; false where nothing could be moved.
bool approach(SharedRows& rows, const Counts& totals) {
  for (std::size_t to = 0; to < num_parts; ++to)
    for (std::size_t from = 0; from < num_parts; ++from) {
      const auto has = rows.total(from), gets = rows.total(to);
      if (has <= totals[from] || gets >= totals[to]) continue;
      const auto most = std::min(has - totals[from], totals[to] - gets);
      if (rows.move(from, to, most) > 0) return true;
      const auto by_way_of = num_parts - from - to;  // 0 + 1 + 2 = 3
      const auto both = std::min({most, rows.num_movable(from, by_way_of), rows.num_movable(by_way_of, to)});
      if (both == 0) continue;
      rows.move(from, by_way_of, both);
      rows.move(by_way_of, to, both);
      return true;
    }
  return false;
}

}  // namespace

std::vector<Counts> round_shares(std::span<const std::size_t> sizes, const Fractions& fractions, const Counts& totals) {
  SEQSWEEP_EXPECT(totals[0] + totals[1] + totals[2] == std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}),
                  "the parts do not add up to all things");
  SharedRows rows(sizes, fractions);
  while (approach(rows, totals)) {
  }
  rows.train_every_row();
  return std::move(rows.counts());
}

}  // namespace seqsweep::data
