// SPDX-License-Identifier: Apache-2.0
#include "test_functions.hpp"

#include <cmath>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"

namespace seqsweep::jobs {
namespace {

using Minimisers = std::map<std::string, search::Point>;

// From the literature, and for our own functions from how they are made.
const Minimisers& minimisers() {
  using I = std::int64_t;
  static const Minimisers points = {
      {"branin", {{3.141592653589793, 2.275}}},
      {"hartmann3", {{0.114614, 0.555649, 0.852547}}},
      {"hartmann6", {{0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573}}},
      {"ackley", {{0.0, 0.0, 0.0, 0.0, 0.0}}},
      {"rosenbrock", {{1.0, 1.0, 1.0, 1.0}}},
      {"levy", {{1.0, 1.0, 1.0, 1.0, 1.0}}},
      {"noisy_branin", {{3.141592653589793, 2.275}}},
      {"mixed", {{std::pow(10, -2.7), "64", I{3}, "adam", 0.8}}},
      {"conditional", {{std::pow(10, -2.25), "lstm", {}, I{2}, I{128}, I{64}, {}, 0.2}}},
      {"network", {{std::pow(10, -1.45), I{128}, 0.25, 1e-4, 1.0}}},
  };
  return points;
}

TEST(TestFunctions, have_their_least_value_at_the_known_point) {
  for (const auto& function : test_function_catalogue()) {
    SCOPED_TRACE(function.name);
    const auto& point = minimisers().at(std::string(function.name));
    EXPECT_TRUE(function.space().contains(point));
    EXPECT_NEAR(function.value(point), function.optimum, 1e-6);
  }
}

TEST(TestFunctions, are_nowhere_less_than_their_optimum) {
  for (const auto& function : test_function_catalogue()) {
    SCOPED_TRACE(function.name);
    const auto space = function.space();
    for (std::uint64_t i = 0; i < 2000; ++i) {
      auto stream = RandomKey(i).fold(Purpose::test).stream();
      search::Point point;
      for (std::size_t d = 0; d < space.size(); ++d) {
        const auto value = search::value_at(space.dimensions()[d].distribution, stream.uniform());
        point.values.push_back(space.is_active(d, point) ? std::optional(value) : std::nullopt);
      }
      EXPECT_GT(function.value(point), function.optimum - 1e-9);
    }
  }
}

TEST(TestFunctions, noise_belongs_to_the_trial_and_has_the_stated_size) {
  const auto& noisy = find_test_function("noisy_branin");
  double sum = 0, squares = 0;
  constexpr int num_trials = 4000;
  for (int i = 0; i < num_trials; ++i) {
    const double noise = measured(noisy, 7, 3, TrialId(i)) - 7;
    sum += noise;
    squares += noise * noise;
  }
  EXPECT_NEAR(sum / num_trials, 0, 0.1 * noisy.noise_sd);
  EXPECT_NEAR(std::sqrt(squares / num_trials), noisy.noise_sd, 0.1 * noisy.noise_sd);
  EXPECT_EQ(measured(noisy, 7, 3, TrialId(5)), measured(noisy, 7, 3, TrialId(5)));
  EXPECT_NE(measured(noisy, 7, 3, TrialId(5)), measured(noisy, 7, 4, TrialId(5)));
  EXPECT_EQ(measured(find_test_function("branin"), 7, 3, TrialId(5)), 7);
}

TEST(TestFunctions, an_unknown_name_is_refused_with_the_nearest_one) {
  try {
    (void)find_test_function("hartman6");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'hartmann6'"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace seqsweep::jobs
