// SPDX-License-Identifier: Apache-2.0
#include "search/distribution.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/search/space.hpp"

namespace seqsweep::search {
namespace {

constexpr double last_quantile = 1 - 0x1p-53;

double real_at(const Distribution& d, double u) {
  return std::get<double>(value_at(d, u));
}
std::int64_t integer_at(const Distribution& d, double u) {
  return std::get<std::int64_t>(value_at(d, u));
}

TEST(Distribution, quantiles_are_those_of_the_formulas) {
  EXPECT_DOUBLE_EQ(real_at(Uniform{-2, 6}, 0.25), 0);
  EXPECT_NEAR(real_at(LogUniform{1e-4, 1e-1}, 1.0 / 3), 1e-3, 1e-15);
  EXPECT_NEAR(real_at(Normal{3, 2}, 0.975), 3 + 2 * 1.959963984540054, 1e-13);
  EXPECT_NEAR(real_at(LogNormal{1, 0.5}, 0.025), std::exp(1 - 0.5 * 1.959963984540054), 1e-14);
  EXPECT_EQ(integer_at(Integer{1, 4}, 0.5), 3);
  EXPECT_EQ(value_at(Choice{{"rnn", "lstm", "gru"}}, 0.5), Value("lstm"));
}

// Against the distribution function of the C library, from the middle to the farthest tails that occur.
TEST(Distribution, normal_quantile_inverts_erfc) {
  for (double p = 0x1p-53; p < 0.5; p *= 1.1) {
    const double z = real_at(Normal{0, 1}, p);
    EXPECT_NEAR(0.5 * std::erfc(-z / std::sqrt(2)) / p, 1, 1e-13) << p;
    EXPECT_NEAR(real_at(Normal{0, 1}, 1 - p), -z, 1e-12 + 0x1p-53 / p);  // 1 - p is rounded
  }
  EXPECT_EQ(real_at(Normal{0, 1}, 0.5), 0);
}

TEST(Distribution, both_ends_are_reached_and_never_left) {
  EXPECT_EQ(real_at(Uniform{0.1, 0.3}, 0), 0.1);
  EXPECT_LE(real_at(Uniform{0.1, 0.3}, last_quantile), 0.3);
  EXPECT_GE(real_at(LogUniform{1e-4, 0.1}, 0), 1e-4);
  EXPECT_NEAR(real_at(LogUniform{1e-4, 0.1}, 0), 1e-4, 1e-18);
  EXPECT_NEAR(real_at(LogUniform{1e-4, 0.1}, last_quantile), 0.1, 1e-15);
  EXPECT_LE(real_at(LogUniform{1e-4, 0.1}, last_quantile), 0.1);
  for (const auto& range :
       {Integer{16, 256, 1, true}, Integer{1, 1000000, 1, true}, Integer{16, 256}, Integer{-5, 5}}) {
    EXPECT_EQ(integer_at(range, 0), range.low);
    EXPECT_EQ(integer_at(range, last_quantile), range.high);
  }
  EXPECT_EQ(integer_at(Integer{1, 10, 4}, last_quantile), 9);
  EXPECT_EQ(integer_at(Integer{7, 7}, 0.5), 7);
  for (const auto& normal : {Distribution(Normal{0, 1}), Distribution(LogNormal{0, 1})})
    for (const double u : {0.0, last_quantile}) EXPECT_TRUE(std::isfinite(real_at(normal, u)));
}

// An integer n of a logarithmic range has the share of [n - 1/2, n + 1/2] in the logarithm.
TEST(Distribution, logarithmic_integers_have_their_shares) {
  constexpr int draws = 200000;
  std::map<std::int64_t, int> count;
  for (int i = 0; i < draws; ++i) ++count[integer_at(Integer{1, 8, 1, true}, (i + 0.5) / draws)];
  ASSERT_EQ(count.size(), 8u);
  for (const auto& [n, times] : count) {
    const auto x = static_cast<double>(n);
    EXPECT_NEAR(times, draws * std::log((x + 0.5) / (x - 0.5)) / std::log(8.5 / 0.5), 2);
  }
}

TEST(Distribution, steps_give_the_decimals_that_a_user_would_write) {
  std::set<std::string> seen;
  for (int i = 0; i < 1100; ++i) seen.insert(text_of(value_at(Uniform{0, 1, 0.1}, i / 1100.0)));
  EXPECT_THAT(seen, testing::ElementsAre("0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"));
  EXPECT_EQ(real_at(Uniform{0, 0.3, 0.1}, last_quantile), 0.3);  // (0.3 - 0) / 0.1 is below 3 in binary
  EXPECT_EQ(real_at(Uniform{0, 0.95, 0.1}, last_quantile), 0.9);
  EXPECT_EQ(real_at(Uniform{1000.1, 1000.4, 0.1}, last_quantile), 1000.4);
}

// The sums in binary are 5.6e-17, -0.0999999999999999 and 0.1000000000000227.
TEST(Distribution, steps_from_below_zero_hold_zero_and_the_decimals_around_it) {
  const auto all_of = [](const Uniform& u) {
    std::vector<std::string> texts;
    for (std::int64_t i = 0; i < *num_values(u); ++i) texts.push_back(text_of(nth_value(u, i)));
    return texts;
  };
  EXPECT_THAT(all_of({-0.3, 0.3, 0.1}), testing::ElementsAre("-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3"));
  EXPECT_THAT(all_of({-0.7, 0.1, 0.1}),
              testing::ElementsAre("-0.7", "-0.6", "-0.5", "-0.4", "-0.3", "-0.2", "-0.1", "0", "0.1"));
  EXPECT_THAT(all_of({-2e-05, 2e-05, 1e-05}), testing::ElementsAre("-2e-05", "-1e-05", "0", "1e-05", "2e-05"));
  const Uniform wide{-1000, 1000, 0.1};
  for (const char* text : {"0", "0.1", "-0.3", "999.9"}) EXPECT_TRUE(value_of(wide, text)) << text;
}

TEST(Distribution, discrete_values_are_equally_likely) {
  for (const auto& d : {Distribution(Uniform{0, 0.6, 0.1}), Distribution(Integer{2, 20, 3}),
                        Distribution(Choice{{"a", "b", "c", "d", "e", "f", "g"}})}) {
    std::map<std::string, int> count;
    for (int i = 0; i < 7000; ++i) ++count[text_of(value_at(d, (i + 0.5) / 7000))];
    EXPECT_EQ(count.size(), 7u);
    for (const auto& [value, times] : count) EXPECT_NEAR(times, 1000, 1) << value;
  }
}

TEST(Distribution, every_value_lies_in_its_distribution) {
  auto stream = RandomKey(1).fold(Purpose::test).stream();
  for (const auto& d :
       {Distribution(Uniform{-1, 1}), Distribution(Uniform{0.05, 0.95, 0.05}), Distribution(LogUniform{1e-8, 1e-3}),
        Distribution(Integer{3, 99, 7}), Distribution(Integer{1, 512, 1, true}), Distribution(Normal{0, 3}),
        Distribution(LogNormal{-2, 1}), Distribution(Choice{{"x", "y"}})}) {
    const SearchSpace space({{"d", d, {}}});
    for (int i = 0; i < 2000; ++i) {
      const auto value = value_at(d, stream.uniform());
      ASSERT_TRUE(space.contains({{value}})) << text_of(d) << " gave " << text_of(value);
    }
  }
}

TEST(Distribution, its_text_is_what_a_user_writes) {
  EXPECT_EQ(text_of(Distribution(Uniform{0, 0.5})), "uniform(0, 0.5)");
  EXPECT_EQ(text_of(Distribution(Uniform{0, 0.5, 0.1})), "uniform(0, 0.5, 0.1)");
  EXPECT_EQ(text_of(Distribution(LogUniform{1e-4, 0.1})), "loguniform(0.0001, 0.1)");
  EXPECT_EQ(text_of(Distribution(Integer{16, 256, 1, true})), "int(16, 256, log)");
  EXPECT_EQ(text_of(Distribution(Integer{16, 256, 16})), "int(16, 256, 16)");
  EXPECT_EQ(text_of(Distribution(Integer{1, 3})), "int(1, 3)");
  EXPECT_EQ(text_of(Distribution(Normal{0, 1})), "normal(0, 1)");
  EXPECT_EQ(text_of(Distribution(LogNormal{0, 0.25})), "lognormal(0, 0.25)");
  EXPECT_EQ(text_of(Distribution(Choice{{"rnn", "lstm"}})), "choice(rnn, lstm)");
}

TEST(Value, its_text_reads_back_as_the_same_value) {
  for (const double x : {0.1, 1.0 / 3, 1e-5, 123456.75}) EXPECT_EQ(parse_real(text_of(Value(x))), x);
  EXPECT_EQ(text_of(Value(std::int64_t{64})), "64");
  EXPECT_EQ(text_of(Value("tanh")), "tanh");
}

}  // namespace
}  // namespace seqsweep::search
