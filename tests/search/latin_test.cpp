// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <gtest/gtest.h>

#include "sampler_run.hpp"

namespace seqsweep::search {
namespace {

std::vector<Tried> latin(int num_trials, std::uint64_t seed, int num_dimensions = 3) {
  return tried_by({.sampler = "latin", .num_trials = num_trials, .seed = seed}, unit_box(num_dimensions),
                  [](const Point&) { return 0.0; });
}

TEST(Latin, each_block_of_16_has_one_point_in_each_of_16_intervals_of_every_dimension) {
  const auto tried = latin(64, 1);
  for (std::size_t block = 0; block < 4; ++block)
    for (std::size_t d = 0; d < 3; ++d) {
      std::set<int> intervals;
      for (std::size_t i = 0; i < 16; ++i)
        intervals.insert(static_cast<int>(numbers_of(tried[16 * block + i].point)[d] * 16));
      EXPECT_EQ(intervals.size(), 16u) << "block " << block << ", dimension " << d;
    }
}

TEST(Latin, blocks_dimensions_and_seeds_have_permutations_of_their_own) {
  std::set<std::vector<int>> permutations;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto tried = latin(64, seed);
    for (std::size_t block = 0; block < 4; ++block)
      for (std::size_t d = 0; d < 3; ++d) {
        std::vector<int> permutation;
        for (std::size_t i = 0; i < 16; ++i)
          permutation.push_back(static_cast<int>(numbers_of(tried[16 * block + i].point)[d] * 16));
        permutations.insert(permutation);
      }
  }
  EXPECT_EQ(permutations.size(), 48u);
}

// Every point by itself is uniform: over seeds the first one has the mean 1/2 and the mean square 1/3.
TEST(Latin, each_point_is_uniform) {
  constexpr int seeds = 4000;
  double sum = 0, square = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const double u = numbers_of(latin(1, seed, 1)[0].point)[0];
    sum += u;
    square += u * u;
  }
  EXPECT_NEAR(sum / seeds, 0.5, 0.02);
  EXPECT_NEAR(square / seeds, 1.0 / 3, 0.02);
}

TEST(Latin, a_dimension_keeps_its_numbers_when_others_are_added) {
  const auto alone = latin(20, 7, 1), with_others = latin(20, 7, 3);
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(alone[i].point.values[0], with_others[i].point.values[0]);
}

}  // namespace
}  // namespace seqsweep::search
