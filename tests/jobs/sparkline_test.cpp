// SPDX-License-Identifier: Apache-2.0
#include "sparkline.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report_text.hpp"
#include "status_view.hpp"

namespace seqsweep::jobs {
namespace {

TEST(Sparkline, goes_from_the_lowest_block_to_the_highest) {
  const std::vector<double> values = {0, 1, 2, 3, 4, 5, 6, 7, std::nan("")};
  EXPECT_EQ(sparkline(values, {0, 7, false}), "▁▂▃▄▅▆▇█ ");
  EXPECT_EQ(sparkline(std::vector<double>{0.01, 0.1, 1}, {0.01, 1, true}), "▁▅█");
  EXPECT_EQ(sparkline(std::vector<double>{3, 3}, scale_of({3, 3})), "▁▁") << "nothing rises";
}

TEST(Sparkline, one_bad_epoch_does_not_flatten_the_others) {
  std::vector<double> values(100, 1);
  values[0] = 2;
  values[50] = 1e30;
  EXPECT_EQ(scale_of(values).high, 1) << "the highest twentieth does not count";
}

TEST(Sparkline, of_a_long_curve_ends_with_its_last_value) {
  const std::vector<double> values = {1, 2, 3, 4, 5, 6};
  EXPECT_THAT(at_most(2, values), testing::ElementsAre(3, 6));
  EXPECT_EQ(at_most(6, values), values);
}

TEST(BestSoFar, is_sampled_evenly_over_the_epochs) {
  BestSoFar best;
  best.num_epochs = 100;
  best.improvements = {{.trial = TrialId(0), .num_trials = 1, .num_epochs = 26, .value = 3},
                       {.trial = TrialId(1), .num_trials = 2, .num_epochs = 75, .value = 1}};
  const auto values = best.sampled(4);
  EXPECT_TRUE(std::isnan(values[0])) << "nothing was measured by epoch 25";
  EXPECT_THAT(std::vector(values.begin() + 1, values.end()), testing::ElementsAre(3, 1, 1));
}

TEST(TextTable, cuts_titles_that_are_wider_than_their_cells) {
  TextTable table{.columns = {{"learning_rate"}, {"cell"}}, .rows = {{"0.01", "lstm"}}};
  table.cut_titles(16, 6);
  EXPECT_EQ(table.text(), "  learnin…  cell\n      0.01  lstm\n");
  table.cut_titles(3, 6);
  EXPECT_EQ(table.columns[0].title, "learn…") << "and no further";
}

}  // namespace
}  // namespace seqsweep::jobs
