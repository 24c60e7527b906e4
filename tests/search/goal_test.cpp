// SPDX-License-Identifier: Apache-2.0
//
// Samplers that learn go where values are good in the sense of the goal, and to where an earlier sweep was good.
#include <cmath>

#include <gtest/gtest.h>

#include "sampler_run.hpp"
#include "search/parzen_search.hpp"

namespace seqsweep::search {
namespace {

StudyOptions options_of(const std::string& sampler, Goal goal, int trials) {
  StudyOptions options{.ends = {.trials = trials}, .concurrency = 2, .goal = goal, .sampler = sampler, .scheduler = {}};
  options.scheduler = {.name = "none", .max_epochs = 1};
  return options;
}

std::vector<Point> tried(const StudyOptions& options, const SearchSpace& space, const Objective& value) {
  Study study(options, space, [](const Point&) { return 1.0; });
  auto open = study.begin();
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto trial = open[i].trial;
    const double y = value(study.trials()[static_cast<std::size_t>(trial.value)].point);
    for (const auto& next : study.report({trial, 0, 1, Ending::reached, 1, y})) open.push_back(next);
  }
  std::vector<Point> points;
  for (const auto& trial : study.trials()) points.push_back(trial.point);
  return points;
}

double first_number(const Point& point) {
  return std::get<double>(*point.values[0]);
}

// Of the last `count` points that have one, the mean of their first number.
double late_mean(const std::vector<Point>& points, std::size_t count) {
  double sum = 0;
  for (auto point = points.end() - static_cast<std::ptrdiff_t>(count); point != points.end(); ++point)
    sum += first_number(*point);
  return sum / static_cast<double>(count);
}

class LearningSampler : public testing::TestWithParam<std::string> {};

TEST_P(LearningSampler, goes_up_where_the_goal_is_to_maximize_and_down_where_it_is_to_minimize) {
  constexpr int trials = 60;
  EXPECT_GT(late_mean(tried(options_of(GetParam(), Goal::maximize, trials), unit_box(2), first_number), 20), 0.75);
  EXPECT_LT(late_mean(tried(options_of(GetParam(), Goal::minimize, trials), unit_box(2), first_number), 20), 0.25);
}

TEST_P(LearningSampler, takes_to_maximize_for_to_minimize_what_is_turned) {
  const auto turned_over = [](const Point& point) { return -first_number(point); };
  EXPECT_EQ(tried(options_of(GetParam(), Goal::maximize, 40), unit_box(2), first_number),
            tried(options_of(GetParam(), Goal::minimize, 40), unit_box(2), turned_over));
}

// The values of this sweep say nothing; those of the earlier one, always to be minimized, are least at 0.8.
TEST_P(LearningSampler, begins_where_an_earlier_sweep_was_good_whatever_the_goal) {
  const auto cube = unit_box(1);
  for (const auto goal : {Goal::minimize, Goal::maximize}) {
    auto options = options_of(GetParam(), goal, 8);
    const auto distance = [&] {
      double sum = 0;
      for (const auto& point : tried(options, cube, [](const Point&) { return 0.0; }))
        sum += std::abs(first_number(point) - 0.8) / 8;
      return sum;
    };
    const double cold = distance();
    for (int i = 0; i < 40; ++i) {
      const double x = (i + 0.5) / 40;
      options.prior.push_back({Point{{x}}, {{1, 10 + std::abs(x - 0.8)}}});
    }
    const double warm = distance();
    EXPECT_LT(warm, 0.25) << name_of(goal) << ", of random points 0.34";
    EXPECT_LT(warm, 0.7 * cold) << name_of(goal);
  }
}

// A conditional dimension is learned from those that have it, and its parent from all.
TEST_P(LearningSampler, learns_a_dimension_that_exists_for_one_choice_only) {
  const SearchSpace space({{"cell", Choice{{"rnn", "lstm"}}, {}},
                           {"dropout", Uniform{0, 1}, Condition{"cell", {"lstm"}}},
                           {"rate", Uniform{0, 1}, {}}});
  const auto value = [](const Point& p) {
    return (p.values[1] ? 1 - std::abs(std::get<double>(*p.values[1]) - 0.9) : 0.2) +
           0.1 * std::get<double>(*p.values[2]);
  };
  const auto points = tried(options_of(GetParam(), Goal::maximize, 80), space, value);
  int num_good = 0;
  for (auto point = points.end() - 30; point != points.end(); ++point)
    num_good += point->values[1] && std::abs(std::get<double>(*point->values[1]) - 0.9) < 0.2 ? 1 : 0;
  EXPECT_GE(num_good, 20) << "of 30; of random points 4.5";
}

INSTANTIATE_TEST_SUITE_P(Samplers, LearningSampler, testing::Values("tpe", "gp", "cmaes", "auto"),
                         [](const auto& instance) { return instance.param; });

TEST(NumGood, is_15_percent_rounded_up_and_25_at_most) {
  EXPECT_EQ(num_good(0), 0u);
  EXPECT_EQ(num_good(1), 1u);
  EXPECT_EQ(num_good(6), 1u);
  EXPECT_EQ(num_good(7), 2u);
  EXPECT_EQ(num_good(14), 3u);
  EXPECT_EQ(num_good(160), 24u);
  EXPECT_EQ(num_good(166), 25u);
  EXPECT_EQ(num_good(10'000), 25u);
}

}  // namespace
}  // namespace seqsweep::search
