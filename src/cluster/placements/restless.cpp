// SPDX-License-Identifier: Apache-2.0
// Starts segments on as many ranks as chance will have it, and lets their teams grow, shrink and change members at
// random. No use but to show that no number changes.
#include <algorithm>
#include <bit>

#include "seqsweep/cluster/placement.hpp"
#include "seqsweep/core/random.hpp"

namespace seqsweep::cluster {
namespace {

class Restless final : public PlacementPolicy {
 public:
  Placed place(const Situation& situation) override {
    Placed placed;
    IdleRanks idle(situation.idle);
    for (const auto& segment : situation.waiting) {
      auto ranks = idle.take(any_size(segment.least_ranks, segment.most_ranks, idle.size()), segment.trial);
      if (ranks.empty()) break;
      placed.starts.push_back({segment.trial, std::move(ranks)});
    }
    for (const auto& segment : situation.running)
      if (!segment.is_changing && random_.uniform() < change_probability)
        placed.changes.push_back(change(segment, idle));
    return placed;
  }

 private:
  static constexpr double change_probability = 0.5;

  // A power of two from `least` up to `most` and to what there is; `least` where there is less.
  std::size_t any_size(int least, int most, std::size_t available) {
    auto size = static_cast<std::size_t>(least);
    const auto largest = std::min(static_cast<std::size_t>(most), std::bit_floor(std::max<std::size_t>(available, 1)));
    if (largest > size) size <<= random_.below(static_cast<std::uint32_t>(std::bit_width(largest / size)));
    return size;
  }

  // The leader stays; of the others some go, some come, and they change places.
  Placed::Change change(const RunningSegment& segment, IdleRanks& idle) {
    std::vector<int> others(segment.ranks.begin() + 1, segment.ranks.end());
    const std::size_t size = any_size(segment.least_ranks, segment.most_ranks, segment.ranks.size() + idle.size());
    const std::size_t num_old = std::min(others.size(), size - 1);
    for (std::size_t i = others.size(); i > 1; --i)
      std::swap(others[i - 1], others[random_.below(static_cast<std::uint32_t>(i))]);
    others.resize(num_old);
    const auto joiners = idle.take_joiners(size - 1 - num_old, segment.node);
    Placed::Change change{segment.leg, {segment.ranks.front()}};
    change.ranks.insert(change.ranks.end(), joiners.begin(), joiners.end());
    change.ranks.insert(change.ranks.end(), others.begin(), others.end());
    return change;
  }

  RandomStream random_ = RandomKey(1).fold(Purpose::test).stream();
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_restless() {
  return std::make_unique<Restless>();
}

}  // namespace seqsweep::cluster
