// SPDX-License-Identifier: Apache-2.0
//
// Ranges to their last number: what stands on a bound is taken or refused as the bound says, and distributions reach
// theirs and go no further.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "../../src/config/keys.hpp"
#include "../../src/config/values.hpp"
#include "config_file.hpp"

namespace seqsweep::config {
namespace {

bool takes(const Key& key, const std::string& text) {
  try {
    (void)canonical(key, text);
    return true;
  } catch (const ConfigError&) {
    return false;
  }
}

bool is_zero_name(const Key& key, double value) {
  return value == 0 && !key.zero_name.empty() && !key.is_unlimited_at_zero;
}

// A 0 that would say "no limit" has to be written as that word (Limits.a_written_zero_is_never_taken_for_no_limit).
bool is_to_be_a_word(const Key& key, double value) {
  return value == 0 && key.is_unlimited_at_zero;
}

// The neighbor of a bound that lies to the side of `towards`.
double neighbor(const Key& key, double bound, double towards) {
  return key.kind == Kind::integer ? bound + (towards > bound ? 1 : -1) : std::nextafter(bound, towards);
}

std::string number_text(const Key& key, double value) {
  return key.kind == Kind::integer ? std::to_string(static_cast<std::int64_t>(value)) : shortest(value);
}

TEST(Ranges, take_and_refuse_exactly_what_their_bounds_say) {
  int count = 0;
  for (const auto& key : key_table()) {
    if ((key.kind != Kind::integer && key.kind != Kind::real) || key.range.is_power_of_two) continue;
    const auto check = [&](double bound, bool is_excluded, double outside) {
      if (!std::isfinite(bound)) return;
      ++count;
      const double beyond = neighbor(key, bound, outside), within = neighbor(key, bound, -outside);
      EXPECT_EQ(takes(key, number_text(key, bound)),
                (!is_excluded || is_zero_name(key, bound)) && !is_to_be_a_word(key, bound))
          << key.full_name() << bound;
      EXPECT_EQ(takes(key, number_text(key, beyond)), is_zero_name(key, beyond)) << key.full_name() << " " << beyond;
      EXPECT_TRUE(takes(key, number_text(key, within))) << key.full_name() << " " << within;
    };
    check(key.range.low, key.range.is_low_excluded, -HUGE_VAL);
    check(key.range.high, key.range.is_high_excluded, HUGE_VAL);
  }
  EXPECT_GE(count, 40);
}

TEST(Ranges, powers_of_two_are_all_of_them_and_nothing_between) {
  for (const auto& key : key_table())
    if (key.range.is_power_of_two) {
      for (int value = 1; value <= 1024; value *= 2) EXPECT_TRUE(takes(key, std::to_string(value))) << value;
      for (const int value : {3, 6, 1023, 1025, 2048, -1}) EXPECT_FALSE(takes(key, std::to_string(value))) << value;
    }
}

// The lowest and the highest value that a dimension gives.
std::pair<double, double> ends_of(const std::string& key, const std::string& distribution) {
  const auto dot = key.find('.');
  const auto config =
      read_with_data("[" + key.substr(0, dot) + "]\n" + key.substr(dot + 1) + " = " + distribution + "\n");
  const auto& d = config.space.dimensions().at(0).distribution;
  const auto number = [&](double u) { return parse_real(search::text_of(search::value_at(d, u))).value(); };
  return {number(0), number(std::nextafter(1.0, 0.0))};
}

TEST(Distributions, reach_both_bounds_and_go_no_further) {
  EXPECT_EQ(ends_of("model.hidden_size", "int(1, 65536)"), std::pair(1.0, 65536.0));
  EXPECT_EQ(ends_of("model.hidden_size", "int(3, 17, log)"), std::pair(3.0, 17.0));
  EXPECT_EQ(ends_of("model.hidden_size", "int(3, 17, 7)"), std::pair(3.0, 17.0));
  EXPECT_EQ(ends_of("model.hidden_size", "int(3, 16, 7)"), std::pair(3.0, 10.0)) << "16 is no step";
  EXPECT_EQ(ends_of("model.hidden_size", "int(5, 5)"), std::pair(5.0, 5.0));
  EXPECT_EQ(ends_of("train.l2", "uniform(0, 0.3, 0.1)"), std::pair(0.0, 0.3));
  const auto uniform = ends_of("train.l2", "uniform(0.25, 0.75)");
  EXPECT_EQ(uniform.first, 0.25);
  EXPECT_LE(uniform.second, 0.75);
  EXPECT_GT(uniform.second, 0.7499999);
  const auto log = ends_of("train.learning_rate", "loguniform(1e-4, 1e-1)");
  EXPECT_GE(log.first, 1e-4);
  EXPECT_LT(log.first, 1.0000001e-4);
  EXPECT_LE(log.second, 1e-1);
  EXPECT_GT(log.second, 0.0999999);
}

TEST(Distributions, have_each_end_as_often_as_any_other_integer) {
  const auto config = read_with_data("[model]\nhidden_size = int(1, 4)\n");
  const auto& d = config.space.dimensions().at(0).distribution;
  std::map<std::string, int> counts;
  for (int i = 0; i < 1000; ++i) ++counts[search::text_of(search::value_at(d, (i + 0.5) / 1000))];
  for (const auto* value : {"1", "2", "3", "4"}) EXPECT_EQ(counts[value], 250) << value;
}

TEST(Distributions, take_bounds_on_the_range_of_their_key_and_none_beyond) {
  const auto accepts = [](const std::string& section, const std::string& line) {
    try {
      (void)read_with_data("[" + section + "]\n" + line + "\n");
      return true;
    } catch (const ConfigError&) {
      return false;
    }
  };
  EXPECT_TRUE(accepts("model", "hidden_size = int(1, 65536)"));
  EXPECT_FALSE(accepts("model", "hidden_size = int(0, 65536)"));
  EXPECT_FALSE(accepts("model", "hidden_size = int(1, 65537)"));
  EXPECT_TRUE(accepts("model", "dropout = uniform(0, 0.9999999999999999)"));
  EXPECT_FALSE(accepts("model", "dropout = uniform(0, 1)")) << "excluded";
  EXPECT_FALSE(accepts("train", "learning_rate = uniform(0, 1)")) << "excluded";
  EXPECT_TRUE(accepts("train", "learning_rate = uniform(5e-324, 1)"));
  EXPECT_TRUE(accepts("train", "l2 = uniform(0, 1)"));
  EXPECT_FALSE(accepts("train", "l2 = uniform(-5e-324, 1)"));
  EXPECT_TRUE(accepts("model", "hidden_size = choice(1, 65536)"));
  EXPECT_FALSE(accepts("model", "hidden_size = choice(1, 65537)"));
}

}  // namespace
}  // namespace seqsweep::config
