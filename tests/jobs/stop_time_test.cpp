// SPDX-License-Identifier: Apache-2.0
// When a sweep stops by itself.
#include "stop_time.hpp"

#include <chrono>
#include <cstdlib>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seqsweep::jobs {
namespace {

using ::testing::HasSubstr;

constexpr double no_limit = 0, drain_s = 30;

// What allocation_left_s() makes of a text in SLURM_JOB_END_TIME.
std::optional<double> left_where_the_end_is(const std::string& text) {
  setenv("SLURM_JOB_END_TIME", text.c_str(), /*overwrite=*/1);
  const auto left = allocation_left_s();
  unsetenv("SLURM_JOB_END_TIME");
  return left;
}

std::string unix_time_in(double seconds) {
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return std::to_string(static_cast<long>(now + seconds));
}

TEST(StopTime, is_never_without_a_limit_and_an_allocation) {
  EXPECT_EQ(stop_time(no_limit, std::nullopt, drain_s).after_s, std::numeric_limits<double>::infinity());
}

TEST(StopTime, of_a_long_allocation_is_two_drains_before_its_end) {
  const auto stop = stop_time(no_limit, 3600, drain_s);
  EXPECT_EQ(stop.after_s, 3540);
  EXPECT_THAT(stop.reason, HasSubstr("Slurm allocation"));
}

TEST(StopTime, of_a_short_allocation_leaves_nine_tenths_of_it) {
  EXPECT_EQ(stop_time(no_limit, 100, drain_s).after_s, 90);
}

TEST(StopTime, is_the_earlier_of_limit_and_allocation) {
  const auto by_limit = stop_time(600, 3600, drain_s), by_allocation = stop_time(7200, 3600, drain_s);
  EXPECT_EQ(by_limit.after_s, 600);
  EXPECT_THAT(by_limit.reason, HasSubstr("time limit of 10 min"));
  EXPECT_EQ(by_allocation.after_s, 3540);
  EXPECT_THAT(by_allocation.reason, HasSubstr("Slurm"));
}

TEST(StopTime, knows_the_end_of_the_allocation_from_the_environment) {
  const auto left = left_where_the_end_is(unix_time_in(1000));
  ASSERT_TRUE(left);
  EXPECT_NEAR(*left, 1000, 5);
}

// A shell that outlived its allocation still has the variable; a sweep started there would stop at once.
TEST(StopTime, takes_no_notice_of_an_end_that_is_past_or_no_number) {
  EXPECT_FALSE(left_where_the_end_is(unix_time_in(-10)));
  EXPECT_FALSE(left_where_the_end_is("Unknown"));
  EXPECT_FALSE(left_where_the_end_is(""));
  EXPECT_FALSE(allocation_left_s());
}

}  // namespace
}  // namespace seqsweep::jobs
