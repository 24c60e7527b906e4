// SPDX-License-Identifier: Apache-2.0
// What `seqsweep compare` makes of several sweeps.
#include "comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::jobs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ComparedSweep sweep(const std::string& path, double value) {
  ComparedSweep sweep;
  sweep.path = path;
  sweep.header.metric = "val_loss";
  sweep.header.dataset_fingerprint = "0123";
  sweep.header.definition = {{"sweep.seed", "1"}, {"model.cell", "lstm"}};
  sweep.trial = TrialId(0);
  sweep.value = value;
  return sweep;
}

ComparedSweep with_replicates(ComparedSweep sweep, const std::vector<double>& values) {
  report::SeedSpread spread;
  spread.num_replicates = static_cast<int>(values.size());
  spread.value = report::spread_of(values);
  sweep.spread = spread;
  return sweep;
}

std::string refusal(const ComparedSweep& a, const ComparedSweep& b) {
  try {
    (void)compare({a, b});
  } catch (const ConfigError& error) {
    return error.what();
  }
  ADD_FAILURE() << "they were compared";
  return {};
}

TEST(Comparison, lists_the_keys_that_differ_and_no_others) {
  auto other = sweep("b.h5", 2);
  other.header.definition["model.cell"] = "gru";
  other.header.definition["model.dropout"] = "0.1";
  const auto differing = compare({sweep("a.h5", 1), other}).differing;
  EXPECT_EQ(differing.size(), 2U);
  EXPECT_THAT(differing.at("model.cell"), ElementsAre("lstm", "gru"));
  EXPECT_THAT(differing.at("model.dropout"), ElementsAre("", "0.1"));
}

// scipy.stats.ttest_ind([1, 1.1, 0.9, 1.2], [2, 2.5, 1.8], equal_var=False) has t = -4.8177 with 2.3884 degrees of
// freedom; scipy.stats.t.ppf(0.975, 2.3884) = 3.6971.
TEST(Comparison, tests_means_of_replicates_as_scipy_does) {
  const auto a = with_replicates(sweep("a.h5", 0.8), {1, 1.1, 0.9, 1.2});
  const auto b = with_replicates(sweep("b.h5", 1.7), {2, 2.5, 1.8});
  const auto test = compare({b, a}).tests.at(0);
  EXPECT_EQ(test.better, 1U);
  EXPECT_NEAR(test.difference, 1.05, 1e-12);
  EXPECT_NEAR(test.low, 0.24425, 1e-4);
  EXPECT_NEAR(test.high, 1.85575, 1e-4);
  EXPECT_EQ(test.exceeds_spread, true);
  EXPECT_THAT(test.sentence, HasSubstr("more than the spread over seeds"));
}

TEST(Comparison, calls_a_difference_within_the_spread_no_difference) {
  const auto a = with_replicates(sweep("a.h5", 0.8), {1, 1.4, 0.9, 1.2});
  const auto b = with_replicates(sweep("b.h5", 0.9), {1.1, 1.3, 1.0});
  const auto test = compare({a, b}).tests.at(0);
  EXPECT_EQ(test.exceeds_spread, false);
  EXPECT_THAT(test.sentence, HasSubstr("no more than the spread over seeds"));
}

TEST(Comparison, says_when_the_better_value_was_luck) {
  auto a = with_replicates(sweep("a.h5", 0.9), {0.2, 0.21, 0.19});
  auto b = with_replicates(sweep("b.h5", 0.8), {0.7, 0.71, 0.69});
  a.header.goal = b.header.goal = search::Goal::maximize;
  EXPECT_THAT(compare({a, b}).tests.at(0).sentence, HasSubstr("it is b.h5 that is better: a.h5 was lucky"));
}

TEST(Comparison, says_what_is_missing_for_a_test) {
  const auto a = with_replicates(sweep("a.h5", 1), {1, 1.1});
  const auto test = compare({a, with_replicates(sweep("b.h5", 2), {2})}).tests.at(0);
  EXPECT_FALSE(test.exceeds_spread.has_value());
  EXPECT_THAT(test.sentence,
              HasSubstr("b.h5 has no two replicates: run its command again with --sweep.replicate_best=1"));
}

TEST(Comparison, is_of_one_metric_on_one_data_set) {
  auto other = sweep("b.h5", 1);
  other.header.metric = "val_accuracy";
  EXPECT_THAT(refusal(sweep("a.h5", 1), other), HasSubstr("different metrics ('val_loss' and 'val_accuracy')"));
  other = sweep("b.h5", 1);
  other.header.goal = search::Goal::maximize;
  EXPECT_THAT(refusal(sweep("a.h5", 1), other), HasSubstr("different goals ('minimize' and 'maximize')"));
  other = sweep("b.h5", 1);
  other.header.dataset_fingerprint = "9999";
  EXPECT_THAT(refusal(sweep("a.h5", 1), other), HasSubstr("different data sets"));
}

TEST(Comparison, copes_with_a_sweep_that_has_no_value_yet) {
  auto nothing = sweep("b.h5", store::not_applicable);
  nothing.trial.reset();
  const auto comparison = compare({nothing, sweep("a.h5", 1)});
  EXPECT_EQ(comparison.tests.at(0).better, 1U);
  EXPECT_EQ(comparison.tests.at(0).sentence, "b.h5 has no value yet");
}

}  // namespace
}  // namespace seqsweep::jobs
