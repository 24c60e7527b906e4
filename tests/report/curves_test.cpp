// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/curves.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seqsweep::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = CurveVerdict::Kind;
using search::Goal;

LearningCurve curve_of(std::vector<double> train, std::vector<double> validation) {
  LearningCurve curve;
  curve.epochs.resize(validation.size());
  std::iota(curve.epochs.begin(), curve.epochs.end(), 1);
  curve.train = std::move(train);
  curve.validation = std::move(validation);
  return curve;
}

constexpr double floor = 1;

TEST(CurveVerdict, overfits_from_the_epoch_after_the_best_where_validation_rises_and_training_falls) {
  const auto verdict = judge(curve_of({.9, .6, .4, .3, .2, .1}, {.8, .6, .5, .55, .6, .7}), Goal::minimize, floor);
  EXPECT_EQ(verdict.kind, Kind::overfits);
  EXPECT_EQ(verdict.from_epoch, 4);
  EXPECT_THAT(verdict.sentence, HasSubstr("from epoch 4"));
  EXPECT_THAT(verdict.sentence, HasSubstr("40 %"));
}

TEST(CurveVerdict, is_unstable_where_training_rises_with_validation) {
  EXPECT_EQ(judge(curve_of({.9, .5, .4, .6, .8, .9}, {.8, .6, .5, .6, .7, .8}), Goal::minimize, floor).kind,
            Kind::unstable);
}

TEST(CurveVerdict, underfits_where_neither_loss_gets_below_the_floor) {
  EXPECT_EQ(judge(curve_of({1.2, 1.1, 1.05, 1.04}, {1.2, 1.1, 1.05, 1.05}), Goal::minimize, floor).kind,
            Kind::underfits);
}

TEST(CurveVerdict, underfits_where_both_stay_just_below_the_floor) {
  EXPECT_EQ(judge(curve_of({.99, .98, .98}, {.99, .98, .98}), Goal::minimize, floor).kind, Kind::underfits);
  EXPECT_NE(judge(curve_of({.99, .8, .7}, {.99, .98, .98}), Goal::minimize, floor).kind, Kind::underfits);
}

TEST(CurveVerdict, is_still_learning_where_the_last_quarter_improves) {
  EXPECT_EQ(judge(curve_of({.9, .8, .7, .6}, {.9, .8, .7, .6}), Goal::minimize, floor).kind, Kind::still_learning);
}

TEST(CurveVerdict, is_healthy_where_validation_levels_off) {
  EXPECT_EQ(judge(curve_of({.9, .5, .3, .3, .3, .3}, {.9, .6, .5, .5, .501, .5}), Goal::minimize, floor).kind,
            Kind::healthy);
}

TEST(CurveVerdict, takes_no_ripple_of_a_loss_that_fell_a_thousandfold_for_instability) {
  const auto curve = curve_of({.2, .1, .01, 2e-4, 4e-4}, {.2, .1, .01, 1e-4, 4e-4});
  EXPECT_EQ(judge(curve, Goal::minimize, floor).kind, Kind::healthy);
}

TEST(CurveVerdict, is_unstable_where_a_loss_that_fell_ten_thousandfold_comes_back_five_hundredfold) {
  const auto curve = curve_of({2, .1, .01, .002, .1, .2, .1, .15}, {2.2, .1, .01, 2e-4, .1, .2, .1, .1});
  const auto verdict = judge(curve, Goal::minimize, floor);
  EXPECT_EQ(verdict.kind, Kind::unstable);
  EXPECT_THAT(verdict.sentence, HasSubstr("after epoch 4 it got worse by a factor of 500"));
}

TEST(CurveVerdict, judges_no_curve_of_two_epochs) {
  EXPECT_EQ(judge(curve_of({.9, .1}, {.9, 2}), Goal::minimize, floor).kind, Kind::too_short);
}

TEST(CurveVerdict, of_a_command_follows_the_goal) {
  const auto rising = curve_of({}, {1, 2, 3, 4});
  EXPECT_EQ(judge(rising, Goal::maximize, std::nan("")).kind, Kind::still_learning);
  EXPECT_EQ(judge(rising, Goal::minimize, std::nan("")).kind, Kind::unstable);
}

TEST(CurveVerdict, survives_losses_that_are_not_finite) {
  const double nan = std::nan("");
  EXPECT_EQ(judge(curve_of({nan, nan, nan}, {nan, nan, nan}), Goal::minimize, floor).kind, Kind::unstable);
  EXPECT_EQ(judge(curve_of({.9, .5, .4}, {nan, .5, .3}), Goal::minimize, floor).kind, Kind::still_learning);
}

TEST(LearningCurves, of_an_offspring_begin_with_its_parents_epochs) {
  store::Results results;
  results.trials.resize(2);
  results.trials[0].id = TrialId(0);
  results.trials[1].id = TrialId(1);
  results.trials[1].parent = {TrialId(0), 2, {}};
  for (const auto& [trial, epoch] : {std::pair(0, 1), std::pair(0, 2), std::pair(0, 3), std::pair(1, 3)}) {
    store::EpochRecord record;
    record.trial = TrialId(trial);
    record.epoch = epoch;
    record.validation.loss = 10 * trial + epoch;
    results.epochs.push_back(record);
  }
  const auto curve = learning_curves(results).at(TrialId(1));
  EXPECT_THAT(curve.epochs, ElementsAre(1, 2, 3));
  EXPECT_THAT(curve.validation, ElementsAre(1, 2, 13));
}

TEST(Thinned, keeps_the_ends_and_every_extreme) {
  std::vector<double> values(10000, 1.0);
  values[1234] = -5;
  values[7777] = 9;
  const auto kept = thinned(values, 100);
  EXPECT_LE(kept.size(), 100U);
  EXPECT_EQ(kept.front(), 0U);
  EXPECT_EQ(kept.back(), 9999U);
  EXPECT_THAT(kept, ::testing::IsSupersetOf({1234U, 7777U}));
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
}

TEST(Thinned, leaves_a_short_curve_as_it_is) {
  EXPECT_THAT(thinned(std::vector<double>{3, 1, 2}, 4), ElementsAre(0, 1, 2));
  EXPECT_TRUE(thinned(std::vector<double>{}, 4).empty());
}

}  // namespace
}  // namespace seqsweep::report
