// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/space.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The error text for a space whose last dimension is at fault.
std::string complaint(std::vector<Dimension> dimensions) {
  const auto culprit = dimensions.back().name;
  try {
    const SearchSpace space(std::move(dimensions));
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.key, culprit);
    EXPECT_THAT(error.what(), testing::HasSubstr(culprit));
    return error.what();
  }
  return "accepted";
}

std::string complaint(const Distribution& distribution) {
  return complaint({{"train.x", distribution, {}}});
}

TEST(SearchSpace, refuses_ranges_that_make_no_sense) {
  using testing::HasSubstr;
  EXPECT_EQ(complaint(Uniform{2, 1}), "train.x = uniform(2, 1): the range is reversed; write the lower bound first");
  EXPECT_THAT(complaint(Uniform{0, infinity}), HasSubstr("not finite"));
  EXPECT_THAT(complaint(Uniform{0, 1, -0.1}), HasSubstr("step is not a positive number"));
  EXPECT_THAT(complaint(Uniform{0, 1, 2}), HasSubstr("wider than the range"));
  EXPECT_THAT(complaint(Uniform{0, 1, 1e-12}), HasSubstr("more than 2^31 steps"));
  EXPECT_THAT(complaint(LogUniform{0, 1}), HasSubstr("must be above 0"));
  EXPECT_THAT(complaint(LogUniform{1, 0.1}), HasSubstr("reversed"));
  EXPECT_THAT(complaint(Integer{3, 2}), HasSubstr("reversed"));
  EXPECT_THAT(complaint(Integer{1, 9, 0}), HasSubstr("step is not a positive integer"));
  EXPECT_THAT(complaint(Integer{1, 9, 10}), HasSubstr("wider than the range"));
  EXPECT_THAT(complaint(Integer{0, 9, 1, true}), HasSubstr("at least 1"));
  EXPECT_THAT(complaint(Integer{1, 9, 2, true}), HasSubstr("either a step or is logarithmic"));
  EXPECT_THAT(complaint(Integer{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}),
              HasSubstr("wider than 2^53"));
  EXPECT_THAT(complaint(Normal{0, 0}), HasSubstr("not above 0"));
  EXPECT_THAT(complaint(Normal{0, 1e308}), HasSubstr("not be finite"));
  EXPECT_THAT(complaint(LogNormal{0, 100}), HasSubstr("not be finite"));
  EXPECT_THAT(complaint(Choice{}), HasSubstr("nothing to choose from"));
  EXPECT_THAT(complaint(Choice{{"a", "b", "a"}}), HasSubstr("'a' stands there twice"));
  EXPECT_THAT(complaint(Choice{{"a", ""}}), HasSubstr("a choice is empty"));
}

TEST(SearchSpace, accepts_ranges_of_one_value) {
  EXPECT_EQ(complaint(Uniform{1, 1}), "accepted");
  EXPECT_EQ(complaint(Uniform{1, 1, 0.5}), "accepted");
  EXPECT_EQ(complaint(LogUniform{1, 1}), "accepted");
  EXPECT_EQ(complaint(Integer{1, 1}), "accepted");
  EXPECT_EQ(complaint(Choice{{"a"}}), "accepted");
}

TEST(SearchSpace, refuses_conditions_that_cannot_be_met) {
  using testing::HasSubstr;
  const Dimension cell{"model.cell", Choice{{"rnn", "lstm"}}, {}};
  const Dimension layers{"model.layers", Integer{1, 3}, {}};
  const Dimension rate{"train.rate", LogUniform{1e-4, 1}, {}};
  const auto conditional = [](const std::string& key, std::vector<std::string> values) {
    return Dimension{"model.activation", Choice{{"tanh", "relu"}}, Condition{key, std::move(values)}};
  };
  EXPECT_THAT(complaint({cell, cell}), HasSubstr("given twice"));
  EXPECT_THAT(complaint({cell, conditional("model.cel", {"rnn"})}), HasSubstr("did you mean 'model.cell'?"));
  EXPECT_THAT(complaint({conditional("model.activation", {"tanh"})}), HasSubstr("no earlier dimension"));
  EXPECT_THAT(complaint({cell, conditional("model.cell", {})}), HasSubstr("names no value"));
  EXPECT_THAT(complaint({cell, conditional("model.cell", {"rnn", "lsmt"})}), HasSubstr("did you mean 'lstm'?"));
  EXPECT_THAT(complaint({layers, conditional("model.layers", {"4"})}), HasSubstr("never is (it is int(1, 3))"));
  EXPECT_THAT(complaint({rate, conditional("train.rate", {"0.1"})}), HasSubstr("never is"));
  EXPECT_EQ(complaint({cell, layers, conditional("model.layers", {"1", "3"})}), "accepted");
}

TEST(SearchSpace, refuses_integers_that_the_column_of_a_conditional_dimension_cannot_hold) {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  const Dimension parent{"a", Choice{{"x", "y"}}, {}};
  const Condition condition{"a", {"x"}};
  EXPECT_THAT(complaint({parent, {"b", Integer{exact - 2, exact + 1}, condition}}), testing::HasSubstr("2^53"));
  EXPECT_THAT(complaint({parent, {"b", Integer{-exact - 1, 0}, condition}}), testing::HasSubstr("2^53"));
  EXPECT_EQ(complaint({parent, {"b", Integer{exact - 2, exact}, condition}}), "accepted");
  EXPECT_EQ(complaint({parent, {"b", Integer{exact - 2, exact + 1}, {}}}), "accepted");
}

TEST(SearchSpace, a_dimension_exists_where_its_condition_holds) {
  const SearchSpace space({{"cell", Choice{{"rnn", "lstm"}}, {}},
                           {"activation", Choice{{"tanh", "relu"}}, Condition{"cell", {"rnn"}}},
                           {"slope", Uniform{0, 1}, Condition{"activation", {"relu"}}}});
  EXPECT_TRUE(space.contains({{"lstm", std::nullopt, std::nullopt}}));
  EXPECT_TRUE(space.contains({{"rnn", "tanh", std::nullopt}}));
  EXPECT_TRUE(space.contains({{"rnn", "relu", 0.5}}));
  EXPECT_FALSE(space.contains({{"lstm", "tanh", std::nullopt}})) << "a value where none exists";
  EXPECT_FALSE(space.contains({{"rnn", std::nullopt, std::nullopt}})) << "a value lacks";
  EXPECT_FALSE(space.contains({{"lstm", std::nullopt, 0.5}})) << "the condition of an absent dimension holds";
  EXPECT_FALSE(space.contains({{"rnn", "relu", 1.5}})) << "out of range";
  EXPECT_FALSE(space.contains({{"rnn", "relu", std::int64_t{1}}})) << "of another type";
  EXPECT_FALSE(space.contains({{"rnn", "relu"}})) << "too short";
}

TEST(SearchSpace, contains_no_value_beside_the_steps) {
  const SearchSpace space({{"x", Uniform{0, 1, 0.25}, {}}, {"n", Integer{1, 9, 4}, {}}});
  EXPECT_TRUE(space.contains({{0.75, std::int64_t{5}}}));
  EXPECT_FALSE(space.contains({{0.7, std::int64_t{5}}}));
  EXPECT_FALSE(space.contains({{0.75, std::int64_t{6}}}));
  EXPECT_FALSE(space.contains({{std::numeric_limits<double>::quiet_NaN(), std::int64_t{5}}}));
}

}  // namespace
}  // namespace seqsweep::search
