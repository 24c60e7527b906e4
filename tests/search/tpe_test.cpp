// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "sampler_run.hpp"

namespace seqsweep::search {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A history that is told what to know, and a TPE that is asked about it.
class Asked {
 public:
  explicit Asked(SearchSpace space)
      : space_(space), history_(space), tpe_(find_in(sampler_catalogue(), "sampler", "tpe").make(space, {})) {}

  TrialId begin(Point point) { return history_.begin(std::move(point)).id; }
  void measure(TrialId trial, int epoch, double value) {
    history_.record(trial).curve.push_back({epoch, value});
    history_.measured(trial, false);
  }
  void tell(const Point& point, double value, int epoch = 1) { measure(begin(point), epoch, value); }
  Point random(std::uint64_t seed) const {
    Request request{static_cast<std::int64_t>(seed), RandomKey(seed)};
    return find_in(sampler_catalogue(), "sampler", "random").make(space_, {})->propose(history_, request);
  }
  std::vector<Point> proposals(int n) {
    std::vector<Point> points;
    for (int i = 0; i < n; ++i)
      points.push_back(tpe_->propose(history_, {i, RandomKey(77).fold(static_cast<std::uint64_t>(i))}));
    return points;
  }

 private:
  SearchSpace space_;
  History history_;
  std::unique_ptr<Sampler> tpe_;
};

double number(const Point& point, std::size_t d) {
  return std::get<double>(*point.values[d]);
}
std::string word(const Point& point, std::size_t d) {
  return std::get<std::string>(*point.values[d]);
}

template <class Predicate>
std::size_t count(const std::vector<Point>& points, Predicate is) {
  return static_cast<std::size_t>(std::count_if(points.begin(), points.end(), is));
}

TEST(Tpe, prefers_the_region_of_the_good_trials) {
  Asked asked(unit_box(2));
  for (std::uint64_t i = 0; i < 60; ++i) {
    const auto point = asked.random(i);
    asked.tell(point, std::hypot(number(point, 0) - 0.8, number(point, 1) - 0.3));
  }
  const auto is_near = [](const Point& p) { return std::hypot(number(p, 0) - 0.8, number(p, 1) - 0.3) < 0.25; };
  EXPECT_GE(count(asked.proposals(100), is_near), 80u);  // of random points: 20
}

// Good along a diagonal only: each coordinate by itself says nothing.
TEST(Tpe, learns_what_goes_together) {
  Asked asked(unit_box(2));
  for (std::uint64_t i = 0; i < 150; ++i) {
    const auto point = asked.random(i);
    asked.tell(point, std::abs(number(point, 0) - number(point, 1)));
  }
  const auto is_near = [](const Point& p) { return std::abs(number(p, 0) - number(p, 1)) < 0.2; };
  EXPECT_GE(count(asked.proposals(100), is_near), 75u);  // of random points: 36
}

TEST(Tpe, finds_minima_with_fewer_trials_than_random_points) {
  const auto bowl = [](const Point& point) {
    double sum = 0;
    for (const double x : numbers_of(point)) sum += (x - 0.7) * (x - 0.7);
    return sum;
  };
  for (const int in_flight : {1, 16}) {
    int wins = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const auto best = [&](const std::string& sampler) {
        return best_of(tried_by({sampler, 100, in_flight, seed}, unit_box(4), bowl));
      };
      wins += best("tpe") < best("random") / 4 ? 1 : 0;
    }
    EXPECT_GE(wins, 9) << in_flight << " in flight";
  }
}

SearchSpace conditional_space() {
  return SearchSpace({{"cell", Choice{{"rnn", "lstm"}}, {}},
                      {"slope", Uniform{0, 1}, Condition{"cell", {"rnn"}}},
                      {"dropout", Uniform{0, 1}, Condition{"cell", {"lstm"}}}});
}

// All trials with a slope are worse than those without; still the best slope is learned from them. Many trials without
// are in flight, so that one with a slope is proposed.
TEST(Tpe, learns_each_group_of_dimensions_from_the_trials_that_have_it) {
  Asked asked(conditional_space());
  for (std::uint64_t i = 0; i < 80; ++i) {
    const auto point = asked.random(i);
    asked.tell(point, point.values[1] ? 10 + std::abs(number(point, 1) - 0.9) : number(point, 2));
  }
  for (int i = 0; i < 1000; ++i) asked.begin(Point{{"lstm", std::nullopt, 0.5}});
  auto proposals = asked.proposals(100);
  std::erase_if(proposals, [](const Point& p) { return !p.values[1]; });
  ASSERT_GE(proposals.size(), 50u);
  EXPECT_GE(count(proposals, [](const Point& p) { return number(p, 1) > 0.7; }), proposals.size() * 9 / 10);
}

TEST(Tpe, keeps_off_points_in_flight) {
  const auto proposals_near = [](int num_in_flight) {
    Asked asked(unit_box(1));
    for (std::uint64_t i = 0; i < 40; ++i) {
      const auto point = asked.random(i);
      asked.tell(point, std::abs(number(point, 0) - 0.25));
    }
    for (int i = 0; i < num_in_flight; ++i) asked.begin(Point{{0.25}});
    return count(asked.proposals(100), [](const Point& p) { return std::abs(number(p, 0) - 0.25) < 0.05; });
  };
  EXPECT_GE(proposals_near(0), 80u);
  EXPECT_LE(proposals_near(16), 20u);
}

// After 1 epoch the low numbers look best, after 4 the high ones.
TEST(Tpe, learns_from_the_highest_rung_with_enough_results) {
  const auto proposals_above = [](std::uint64_t num_promoted) {
    Asked asked(unit_box(1));
    for (std::uint64_t i = 0; i < 60; ++i) {
      const auto point = asked.random(i);
      const auto trial = asked.begin(point);
      asked.measure(trial, 1, number(point, 0));
      if (i < num_promoted) asked.measure(trial, 4, -number(point, 0));
    }
    return count(asked.proposals(100), [](const Point& p) { return number(p, 0) > 0.5; });
  };
  EXPECT_LE(proposals_above(9), 20u);
  EXPECT_GE(proposals_above(30), 80u);
}

TEST(Tpe, takes_no_harm_from_trials_that_diverged) {
  Asked asked(unit_box(2));
  for (std::uint64_t i = 0; i < 60; ++i) {
    const auto point = asked.random(i);
    asked.tell(point, number(point, 0) > 0.5 ? infinity : number(point, 1));
  }
  const auto proposals = asked.proposals(100);
  EXPECT_GE(count(proposals, [](const Point& p) { return number(p, 0) < 0.5; }), 90u);
  EXPECT_GE(count(proposals, [](const Point& p) { return number(p, 1) < 0.5; }), 80u);
}

TEST(Tpe, leaves_where_nothing_but_divergence_was_found) {
  Asked asked(unit_box(1));
  asked.tell(Point{{0.9}}, 1);
  for (int i = 0; i < 40; ++i) asked.tell(Point{{0.4 * i / 40}}, infinity);
  EXPECT_GE(count(asked.proposals(100), [](const Point& p) { return number(p, 0) > 0.45; }), 95u);

  Asked nothing_finite(unit_box(1));
  for (int i = 0; i < 40; ++i) nothing_finite.measure(nothing_finite.begin(Point{{0.4 * i / 40}}), 1, infinity);
  for (const auto& point : nothing_finite.proposals(100)) ASSERT_TRUE(unit_box(1).contains(point));
}

TEST(Tpe, goes_on_where_all_values_are_equal) {
  const auto space = conditional_space();
  std::set<std::string> cells;
  for (const auto& [point, value] : tried_by({"tpe", 60, 4, 1}, space, [](const Point&) { return 1.0; })) {
    ASSERT_TRUE(space.contains(point));
    cells.insert(word(point, 0));
  }
  EXPECT_EQ(cells.size(), 2u);
}

TEST(Tpe, takes_dimensions_of_one_value) {
  const SearchSpace space({{"layers", Integer{2, 2}, {}},
                           {"cell", Choice{{"lstm"}}, {}},
                           {"size", Choice{{"32"}}, {}},
                           {"rate", Uniform{0, 1}, {}}});
  for (const auto& [point, value] : tried_by({"tpe", 40, 1, 1}, space, [](const Point& p) { return number(p, 3); }))
    ASSERT_TRUE(space.contains(point));
}

TEST(Tpe, same_seed_same_answer) {
  const auto points = [](std::uint64_t seed) {
    std::vector<Point> tried;
    for (auto& trial : tried_by({"tpe", 50, 4, seed}, unit_box(3), [](const Point& p) { return number(p, 1); }))
      tried.push_back(std::move(trial.point));
    return tried;
  };
  EXPECT_EQ(points(1), points(1));
  EXPECT_NE(points(1), points(2));
}

// As many as there are in a small discrete space; the Study turns down what was tried.
TEST(Tpe, tries_every_point_of_a_small_space_once) {
  const SearchSpace space({{"cell", Choice{{"rnn", "lstm", "gru"}}, {}}, {"layers", Integer{1, 4}, {}}});
  const auto tried = tried_by({"tpe", 50, 2, 1}, space,
                              [](const Point& p) { return static_cast<double>(std::get<std::int64_t>(*p.values[1])); });
  EXPECT_EQ(tried.size(), 12u);
}

}  // namespace
}  // namespace seqsweep::search
