// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/gradient_verdict.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seqsweep::report {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The flow of a layer whose gradient is multiplied by `factor` at each step back, in bins 0, 1, 2–3, 4–7 … 32–63.
std::vector<nn::GradientFlowBin> geometric_flow(int layer, double factor) {
  std::vector<nn::GradientFlowBin> flow;
  for (int from = 0, to = 0; from < 64; from = to + 1, to = 2 * from - 1)
    flow.push_back({layer, from, to, 0.5 * std::pow(factor, 0.5 * (from + to))});
  return flow;
}

TEST(GradientVerdict, is_vanishing_below_a_thousandth_and_names_distance_ratio_and_pace) {
  const auto verdicts = judge_gradient_flow(geometric_flow(0, 0.8));
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].health, GradientHealth::vanishing);
  EXPECT_EQ(verdicts[0].distance_from, 32);
  EXPECT_EQ(verdicts[0].distance_to, 63);
  EXPECT_NEAR(verdicts[0].ratio, std::pow(0.8, 47.5), 1e-12);
  EXPECT_NEAR(verdicts[0].halving_steps.value(), std::log(0.5) / std::log(0.8), 1e-9);  // of the factor, by definition
  EXPECT_EQ(
      verdicts[0].sentence,
      "vanishing: the gradient 32–63 steps back is 2.5e-05 of that at the loss (half of it is lost every 3.1 steps)");
}

TEST(GradientVerdict, is_healthy_where_much_of_the_gradient_arrives) {
  const auto verdicts = judge_gradient_flow(geometric_flow(0, 0.97));
  EXPECT_EQ(verdicts[0].health, GradientHealth::healthy);
  EXPECT_EQ(verdicts[0].sentence,
            "healthy: the gradient 32–63 steps back is 0.24 of that at the loss (half of it is lost every 23 steps)");
}

TEST(GradientVerdict, is_exploding_above_ten_times) {
  const auto verdicts = judge_gradient_flow(geometric_flow(0, 1.1));
  EXPECT_EQ(verdicts[0].health, GradientHealth::exploding);
  EXPECT_EQ(verdicts[0].sentence,
            "exploding: the gradient 32–63 steps back is 93 times that at the loss (it doubles every 7.3 steps)");
}

TEST(GradientVerdict, changes_at_its_thresholds) {
  const auto health = [](double ratio) {
    const std::vector<nn::GradientFlowBin> flow = {{0, 0, 0, 1.0}, {0, 1, 1, ratio}};
    return judge_gradient_flow(flow)[0].health;
  };
  EXPECT_EQ(health(0.99e-3), GradientHealth::vanishing);
  EXPECT_EQ(health(1.01e-3), GradientHealth::healthy);
  EXPECT_EQ(health(9.9), GradientHealth::healthy);
  EXPECT_EQ(health(10.1), GradientHealth::exploding);
}

TEST(GradientVerdict, says_nothing_of_a_pace_where_the_size_is_kept) {
  const auto verdicts = judge_gradient_flow(geometric_flow(0, 1.0));
  EXPECT_FALSE(verdicts[0].halving_steps.has_value());
  EXPECT_EQ(verdicts[0].sentence, "healthy: the gradient 32–63 steps back is 1.0 times that at the loss");
}

TEST(GradientVerdict, is_given_for_each_layer_whatever_the_order_of_the_bins) {
  auto flow = geometric_flow(1, 0.5);
  const auto first = geometric_flow(0, 1.0);
  flow.insert(flow.end(), first.rbegin(), first.rend());
  const auto verdicts = judge_gradient_flow(flow);
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts[0].layer, 0);
  EXPECT_EQ(verdicts[0].health, GradientHealth::healthy);
  EXPECT_EQ(verdicts[1].layer, 1);
  EXPECT_EQ(verdicts[1].health, GradientHealth::vanishing);
}

TEST(GradientVerdict, copes_with_nothing_zero_and_infinity) {
  const auto verdict = [](double near, double far) {
    const std::vector<nn::GradientFlowBin> flow = {{0, 0, 0, near}, {0, 1, 1, far}};
    return judge_gradient_flow(flow)[0];
  };
  EXPECT_EQ(verdict(1, 0).health, GradientHealth::vanishing);
  EXPECT_THAT(verdict(1, 0).sentence, HasSubstr("nothing of the gradient arrives 1 step back"));
  EXPECT_EQ(verdict(0, 0).health, GradientHealth::unknown);
  EXPECT_EQ(verdict(1, std::numeric_limits<double>::infinity()).health, GradientHealth::exploding);
  EXPECT_EQ(verdict(1, std::nan("")).health, GradientHealth::exploding);
  const std::vector<nn::GradientFlowBin> one_step = {{0, 0, 0, 1.0}};
  EXPECT_EQ(judge_gradient_flow(one_step)[0].health, GradientHealth::unknown);
  EXPECT_TRUE(judge_gradient_flow({}).empty());
}

TEST(DescribeSteps, gives_the_clipped_share_and_the_largest_norm) {
  EXPECT_EQ(describe_steps(0.12, 2, 8.2),
            "12 % of steps were clipped; the largest gradient norm was 4.1 times the mean");
  EXPECT_THAT(describe_steps(0.004, 1, 2), StartsWith("0.4 % of steps were clipped"));
  EXPECT_THAT(describe_steps(0, 1, 30),
              StartsWith("no step was clipped; the largest gradient norm was 30 times the mean (bursts"));
  EXPECT_THAT(describe_steps(0.1, 1, 30), HasSubstr("30 times the mean (bursts, cut down by clipping)"));
  EXPECT_THAT(describe_steps(1, 1, std::nan("")), HasSubstr("not finite"));
}

}  // namespace
}  // namespace seqsweep::report
