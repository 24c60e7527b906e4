// SPDX-License-Identifier: Apache-2.0
//
// What every sampler of the catalogue promises, and what random and sobol promise beyond.
#include "seqsweep/search/sampler.hpp"

#include <cmath>
#include <limits>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

#include "repetitions.hpp"

namespace seqsweep::search {
namespace {

constexpr int num_trials = 60;
constexpr double infinity = std::numeric_limits<double>::infinity();

SearchSpace discrete_space() {
  return SearchSpace({{"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                      {"hidden", Integer{16, 256, 16}, {}},
                      {"activation", Choice{{"tanh", "relu"}}, Condition{"cell", {"rnn"}}},
                      {"slope", Uniform{0, 0.3, 0.1}, Condition{"activation", {"relu"}}}});
}

SearchSpace continuous_space() {
  return SearchSpace({{"rate", LogUniform{1e-4, 1e-1}, {}},
                      {"cell", Choice{{"rnn", "lstm", "gru"}}, {}},
                      {"hidden", Integer{16, 256, 1, true}, {}},
                      {"dropout", Uniform{0, 0.5}, Condition{"cell", {"lstm", "gru"}}},
                      {"noise", Normal{0, 1}, {}},
                      {"scale", LogNormal{0, 1}, Condition{"cell", {"rnn"}}}});
}

std::unique_ptr<Sampler> make(std::string_view name, const SearchSpace& space, std::uint64_t seed,
                              std::size_t num_objectives = 1) {
  return find_in(sampler_catalogue(), "sampler", name)
      .make(space, {.seed_key = RandomKey(seed).fold(0), .num_objectives = num_objectives});
}

Request request(std::int64_t index, std::uint64_t seed) {
  return {index, RandomKey(seed).fold(1).fold(static_cast<std::uint64_t>(index))};
}

// Trials with values, some paused or still running, two diverged, each proposed from those before it.
std::vector<Point> sweep(Sampler& sampler, const SearchSpace& space, std::uint64_t seed,
                         std::size_t num_objectives = 1) {
  History history(space);
  std::vector<Point> points;
  for (std::int32_t i = 0; i < num_trials; ++i) {
    points.push_back(sampler.propose(history, request(i, seed)));
    history.begin(points.back());
    if (i < 3) continue;  // results come late
    auto& trial = history.record(TrialId(i - 3));
    const bool has_diverged = i == 7 || i == 23;
    trial.state = has_diverged ? TrialState::diverged : i % 3 == 0 ? TrialState::paused : TrialState::completed;
    for (std::size_t m = 0; m < num_objectives; ++m)
      trial.objectives.push_back(has_diverged ? infinity : std::sin(i + static_cast<double>(m)));
    trial.curve.push_back({4, trial.objectives.front()});
    history.measured(trial.id, false);
  }
  return points;
}

class EverySampler : public testing::TestWithParam<std::string> {
 protected:
  // A finite sampler goes through all points, so it cannot have continuous dimensions, nor depend on the seed.
  bool is_finite() const { return make(GetParam(), discrete_space(), 1)->num_points().has_value(); }
  // Several, where it takes them.
  std::size_t most_objectives() const {
    constexpr std::size_t several = 3;
    try {
      (void)make(GetParam(), discrete_space(), 1, several);
    } catch (const ConfigError&) {
      return 1;
    }
    return several;
  }
  std::vector<SearchSpace> spaces() const {
    return is_finite() ? std::vector{discrete_space()} : std::vector{discrete_space(), continuous_space()};
  }
};

TEST_P(EverySampler, proposes_points_of_the_space) {
  for (const auto& space : spaces())
    for (std::uint64_t seed = 0; seed < test::repetitions(20); ++seed)
      for (const auto& point : sweep(*make(GetParam(), space, seed), space, seed)) ASSERT_TRUE(space.contains(point));
}

TEST_P(EverySampler, keeps_these_promises_with_several_objectives) {
  const auto M = most_objectives();
  for (const auto& space : spaces())
    for (std::uint64_t seed = 0; seed < test::repetitions(20); ++seed) {
      const auto points = sweep(*make(GetParam(), space, seed, M), space, seed, M);
      for (const auto& point : points) ASSERT_TRUE(space.contains(point));
      ASSERT_EQ(points, sweep(*make(GetParam(), space, seed, M), space, seed, M));
    }
}

TEST_P(EverySampler, gives_the_same_answer_for_the_same_seed_and_history) {
  for (const auto& space : spaces())
    EXPECT_EQ(sweep(*make(GetParam(), space, 3), space, 3), sweep(*make(GetParam(), space, 3), space, 3));
}

TEST_P(EverySampler, gives_another_answer_for_another_seed) {
  if (is_finite()) return;
  for (const auto& space : spaces())
    EXPECT_NE(sweep(*make(GetParam(), space, 1), space, 1), sweep(*make(GetParam(), space, 2), space, 2));
}

TEST_P(EverySampler, covers_all_choices) {
  for (const auto& space : spaces())
    for (std::size_t d = 0; d < space.size(); ++d)
      if (const auto* choice = std::get_if<Choice>(&space.dimensions()[d].distribution)) {
        const auto sampler = make(GetParam(), space, 5);
        const History nothing_known(space);
        std::set<std::string> seen;
        for (std::int32_t i = 0; i < std::min<std::int64_t>(sampler->num_points().value_or(200), 200); ++i)
          if (const auto value = sampler->propose(nothing_known, request(i, 5)).values[d]) seen.insert(text_of(*value));
        EXPECT_EQ(seen.size(), choice->values.size()) << space.dimensions()[d].name;
      }
}

TEST_P(EverySampler, takes_a_space_without_dimensions) {
  EXPECT_EQ(make(GetParam(), SearchSpace{}, 1)->propose(History(SearchSpace{}), request(0, 1)), Point{});
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EverySampler, testing::ValuesIn(names_of(sampler_catalogue())),
                         [](const auto& instance) { return instance.param; });

TEST(RandomSampler, a_dimension_keeps_its_numbers_when_others_are_added_or_absent) {
  const Dimension rate{"rate", LogUniform{1e-4, 1e-1}, {}}, noise{"noise", Normal{0, 1}, {}};
  const auto alone = sweep(*make("random", SearchSpace({noise}), 1), SearchSpace({noise}), 1);
  const auto with_others = sweep(*make("random", SearchSpace({rate, noise}), 1), SearchSpace({rate, noise}), 1);
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(alone[i].values[0], with_others[i].values[1]);
}

TEST(RandomSampler, dimensions_are_independent) {
  const SearchSpace space({{"a", Uniform{0, 1}, {}}, {"b", Uniform{0, 1}, {}}});
  const auto sampler = make("random", space, 1);
  const History nothing_known(space);
  constexpr int n = 20000;
  double sum_a = 0, sum_ab = 0;
  for (std::int32_t i = 0; i < n; ++i) {
    const auto point = sampler->propose(nothing_known, request(i, 1));
    const double a = std::get<double>(*point.values[0]) - 0.5, b = std::get<double>(*point.values[1]) - 0.5;
    sum_a += a;
    sum_ab += a * b;
  }
  EXPECT_NEAR(sum_a / n, 0, 0.01);
  EXPECT_NEAR(sum_ab / n, 0, 0.003);
}

std::vector<std::vector<double>> sobol_points(std::size_t num_dimensions, int num_points, std::uint64_t seed) {
  std::vector<Dimension> dimensions;
  for (std::size_t d = 0; d < num_dimensions; ++d) dimensions.push_back({std::to_string(d), Uniform{0, 1}, {}});
  const SearchSpace space(std::move(dimensions));
  const History nothing_known(space);
  const auto sampler = make("sobol", space, seed);
  std::vector<std::vector<double>> points;
  for (std::int32_t n = 0; n < num_points; ++n) {
    const auto point = sampler->propose(nothing_known, request(n, 99));
    points.emplace_back();
    for (const auto& value : point.values) points.back().push_back(std::get<double>(*value));
  }
  return points;
}

TEST(SobolSampler, has_one_point_in_each_of_n_intervals_of_every_dimension) {
  for (const int n : {16, 64, 1024}) {
    const auto points = sobol_points(50, n, 1);
    for (std::size_t d = 0; d < 50; ++d) {
      std::set<int> intervals;
      for (const auto& point : points) intervals.insert(static_cast<int>(point[d] * n));
      EXPECT_EQ(intervals.size(), static_cast<std::size_t>(n)) << "dimension " << d;
    }
  }
}

// The first two dimensions form a (0, m, 2)-net: 2^m points, one in every box of size 2^-j × 2^-(m-j), for all j.
TEST(SobolSampler, has_one_point_in_each_box_of_the_first_two_dimensions) {
  constexpr int m = 8;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto points = sobol_points(2, 1 << m, seed);
    for (int j = 0; j <= m; ++j) {
      std::set<std::pair<int, int>> boxes;
      for (const auto& point : points)
        boxes.emplace(static_cast<int>(std::ldexp(point[0], j)), static_cast<int>(std::ldexp(point[1], m - j)));
      EXPECT_EQ(boxes.size(), points.size());
    }
  }
}

// One Owen scrambling of a point is uniform; many together have the mean 1/2 and the variance 1/12 in every bit
// pattern.
TEST(SobolSampler, scrambling_makes_every_point_uniform) {
  constexpr int seeds = 4000;
  for (const std::size_t n : {0u, 1u, 5u}) {
    double sum = 0, square = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      const double u = sobol_points(1, 6, seed)[n][0];
      sum += u;
      square += u * u;
    }
    EXPECT_NEAR(sum / seeds, 0.5, 0.02);
    EXPECT_NEAR(square / seeds, 1.0 / 3, 0.02);
  }
}

TEST(SobolSampler, integrates_more_exactly_than_random_points) {
  const auto error_of = [](const std::vector<std::vector<double>>& points) {
    double sum = 0;
    for (const auto& p : points) sum += p[0] * p[1] * p[2] + std::exp(p[3]);
    return std::abs(sum / static_cast<double>(points.size()) - (0.125 + std::exp(1) - 1));
  };
  double sobol = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) sobol += error_of(sobol_points(4, 1024, seed)) / 20;
  EXPECT_LT(sobol, 1e-3);  // random points: 0.5 / sqrt(1024) = 0.016
}

TEST(SobolSampler, says_how_many_dimensions_it_has) {
  EXPECT_EQ(sobol_points(3667, 1, 1)[0].size(), 3667u);
  try {
    sobol_points(3668, 1, 1);
    ADD_FAILURE() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("at most 3667 dimensions and the search has 3668"));
  }
}

}  // namespace
}  // namespace seqsweep::search
