// SPDX-License-Identifier: Apache-2.0
//
// Against what the definitions say, on points of a grid: few values, so many ties and equal points.
#include "seqsweep/search/pareto.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"

namespace seqsweep::search {
namespace {

using Points = std::vector<Objectives>;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::uint32_t grid = 5;  // whole numbers below

Points some_points(std::size_t num_objectives, std::size_t count, std::uint64_t seed) {
  auto stream = RandomKey(seed).fold(Purpose::test).stream();
  Points points(count, Objectives(num_objectives));
  for (auto& point : points)
    for (auto& x : point) x = stream.below(grid);
  return points;
}

// Of the unit cells below the reference point, those that a point dominates.
double cells_dominated(const Points& points, const Objectives& reference) {
  const auto M = reference.size();
  Objectives cell(M, 0);
  double count = 0;
  for (;;) {
    count += std::any_of(points.begin(), points.end(), [&](const Objectives& p) {
      for (std::size_t m = 0; m < M; ++m)
        if (p[m] > cell[m]) return false;
      return true;
    });
    std::size_t m = 0;
    while (m < M && ++cell[m] == reference[m]) cell[m++] = 0;
    if (m == M) return count;
  }
}

TEST(Pareto, one_dominates_another_where_it_is_nowhere_worse_and_somewhere_better) {
  EXPECT_TRUE(dominates({1, 2}, {1, 3}));
  EXPECT_FALSE(dominates({1, 2}, {1, 2}));
  EXPECT_FALSE(dominates({1, 3}, {2, 2}));
  EXPECT_TRUE(dominates({1, 2}, {infinity, infinity}));
  EXPECT_FALSE(dominates({infinity, infinity}, {infinity, infinity}));
}

TEST(Pareto, a_front_is_what_nothing_dominates_once_the_fronts_before_are_gone) {
  for (std::size_t M = 1; M <= 4; ++M)
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto points = some_points(M, 40, seed);
      const auto ranks = front_ranks(points);
      for (std::size_t i = 0; i < points.size(); ++i) {
        std::size_t expected = 0;
        for (std::size_t j = 0; j < points.size(); ++j)
          if (dominates(points[j], points[i])) expected = std::max(expected, ranks[j] + 1);
        ASSERT_EQ(ranks[i], expected) << M << " objectives, seed " << seed;
      }
    }
}

TEST(Pareto, points_that_diverged_are_the_last_front) {
  const Points points = {{infinity, infinity}, {2, 1}, {1, 2}, {infinity, infinity}, {3, 3}};
  EXPECT_THAT(front_ranks(points), testing::ElementsAre(2, 0, 0, 2, 1));
}

TEST(Pareto, hypervolume_is_what_the_points_dominate) {
  for (std::size_t M = 1; M <= 4; ++M)
    for (std::uint64_t seed = 0; seed < 20; ++seed)
      for (const std::size_t count : {0u, 1u, 3u, 12u}) {
        const auto points = some_points(M, count, seed);
        const Objectives reference(M, grid - 1);  // some points lie on its border
        ASSERT_NEAR(hypervolume(points, reference), cells_dominated(points, reference), 1e-9) << M << " objectives";
      }
}

TEST(Pareto, hypervolume_of_a_known_front) {
  EXPECT_DOUBLE_EQ(hypervolume(Points{{1, 3}, {2, 2}, {3, 1}}, {4, 4}), 6);
  EXPECT_DOUBLE_EQ(hypervolume(Points{{0, 0, 0}}, {2, 3, 4}), 24);
  EXPECT_EQ(hypervolume(Points{{5, 0}, {0, 5}, {infinity, infinity}}, {4, 4}), 0);
  EXPECT_THROW((void)hypervolume(Points{{1, 2, 3}}, {4, 4}), ContractViolation);
}

TEST(Pareto, a_contribution_is_what_is_lost_without_the_point) {
  for (std::size_t M = 2; M <= 4; ++M)
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto points = some_points(M, 8, seed);
      const Objectives reference(M, grid);
      const auto contributions = hypervolume_contributions(points, reference);
      for (std::size_t i = 0; i < points.size(); ++i) {
        auto others = points;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        ASSERT_NEAR(contributions[i], cells_dominated(points, reference) - cells_dominated(others, reference), 1e-9);
      }
    }
}

TEST(Pareto, the_subset_is_that_of_the_greedy_choice_and_nearly_the_best) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto points = some_points(3, 9, seed);
    const Objectives reference(3, grid);
    constexpr std::size_t count = 3;
    Points chosen;
    for (const auto i : hypervolume_subset(points, count, reference)) {
      double largest = 0;
      for (const auto& point : points) largest = std::max(largest, hypervolume_gain(chosen, point, reference));
      ASSERT_EQ(hypervolume_gain(chosen, points[i], reference), largest);
      chosen.push_back(points[i]);
    }
    ASSERT_EQ(chosen.size(), count);
    double best = 0;
    for (const auto& a : points)
      for (const auto& b : points)
        for (const auto& c : points) best = std::max(best, hypervolume(Points{a, b, c}, reference));
    EXPECT_GE(hypervolume(chosen, reference), (1 - std::exp(-1)) * best);
  }
}

TEST(Pareto, a_subset_takes_no_point_twice) {
  const Points equal(4, {1, 1});
  EXPECT_THAT(hypervolume_subset(equal, 9, {2, 2}), testing::UnorderedElementsAre(0, 1, 2, 3));
}

TEST(Pareto, crowding_is_the_distance_between_neighbours_in_shares_of_the_front) {
  const Points front = {{0, 10}, {4, 2}, {1, 6}, {10, 0}};
  EXPECT_THAT(crowding_distances(front),
              testing::ElementsAre(infinity, testing::DoubleEq(0.9 + 0.6), testing::DoubleEq(0.4 + 0.8), infinity));
  EXPECT_THAT(crowding_distances(Points(3, {1, 1})), testing::Contains(0.0));  // no extent, no division by it
  EXPECT_TRUE(crowding_distances({}).empty());
}

// Only {4, 4, 4} and {3, 7, 3} are no end of the front in any objective.
TEST(Pareto, crowding_adds_up_over_all_of_three_objectives) {
  const Points front = {{0, 10, 5}, {2, 6, 9}, {5, 5, 0}, {10, 0, 6}, {4, 4, 4}, {3, 7, 3}};
  const double of_4_4_4 = (5 - 3) / 10.0 + (5 - 0) / 10.0 + (5 - 3) / 9.0;
  const double of_3_7_3 = (4 - 2) / 10.0 + (10 - 6) / 10.0 + (4 - 0) / 9.0;
  EXPECT_THAT(crowding_distances(front),
              testing::ElementsAre(infinity, infinity, infinity, infinity, testing::DoubleEq(of_4_4_4),
                                   testing::DoubleEq(of_3_7_3)));
}

TEST(Pareto, hypervolume_counts_what_three_boxes_share_once) {
  // 6 + 6 - 4 of the first two, and of the third 3 - 1.
  EXPECT_DOUBLE_EQ(hypervolume(Points{{1, 2, 3}, {2, 1, 3}, {3, 3, 1}}, {4, 4, 4}), 10);
  EXPECT_DOUBLE_EQ(hypervolume_gain(Points{{1, 2, 3}, {2, 1, 3}}, {3, 3, 1}, {4, 4, 4}), 2);
  EXPECT_EQ(hypervolume_gain(Points{{1, 2, 3}}, {4, 0, 0}, {4, 4, 4}), 0) << "a point on the border adds nothing";
}

}  // namespace
}  // namespace seqsweep::search
