// SPDX-License-Identifier: Apache-2.0
//
// Epochs that train with a part of the data.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/trial/training.hpp"

#include "support.hpp"

namespace seqsweep::trial {
namespace {

using namespace testing_support;

// Six epochs: one with 1/6, two with half, three with all of 50 sequences in batches of 8.
TrialSettings settings_with(const std::string& kind, std::vector<int> rungs = {1, 3, 6}) {
  auto settings = small_settings();
  settings.batch_size = 8;
  settings.max_epochs = 6;
  settings.fidelity = {kind, std::move(rungs)};
  return settings;
}

store::TrainingState train_with(int num_ranks, const TrialSettings& settings, const data::Dataset& dataset,
                                std::uint64_t seed = 1) {
  store::TrainingState leaders;
  run_group(num_ranks, [&](Group& group) {
    Objective objective;
    objective.seed = seed;
    Training training(TrialId(3), settings, objective, dataset);
    EXPECT_EQ(training.train(settings.max_epochs, group, {}), TrainingEnd::reached);
    if (group.is_leader()) leaders = training.state();
  });
  return leaders;
}

std::vector<double> losses_of(const store::TrainingState& state) {
  std::vector<double> losses;
  for (const auto& record : state.history) losses.insert(losses.end(), {record.train_loss, record.validation.loss});
  return losses;
}

TEST(Fidelity, is_the_rung_that_an_epoch_is_on_the_way_to) {
  const Fidelity fidelity{"data", {1, 4, 16}};
  EXPECT_EQ(fidelity.share_at(1), 1.0 / 16);
  EXPECT_EQ(fidelity.share_at(2), 0.25);
  EXPECT_EQ(fidelity.share_at(4), 0.25);
  EXPECT_EQ(fidelity.share_at(5), 1);
  EXPECT_EQ(fidelity.share_at(16), 1);
  EXPECT_EQ(fidelity.same_until(2), 4);
  EXPECT_EQ(fidelity.share_of_sequences_at(1), 1.0 / 16);
  EXPECT_EQ(fidelity.share_of_steps_at(1), 1);
  EXPECT_EQ((Fidelity{"window", {1, 4, 16}}.share_of_steps_at(1)), 1.0 / 16);
  EXPECT_EQ((Fidelity{"epochs", {1, 4, 16}}.share_at(1)), 1);
  EXPECT_THROW((void)fidelity.share_at(17), ContractViolation);
}

TEST(Fidelity, of_data_takes_fewer_steps_of_the_optimizer_on_the_way_to_lower_rungs) {
  // 8 (a batch, more than 50/6), 25, 50 sequences: 1, 4 and 7 batches.
  EXPECT_EQ(train_with(1, settings_with("data"), regression_data()).step, 1 + 2 * 4 + 3 * 7);
  EXPECT_EQ(train_with(1, settings_with("window"), regression_data()).step, 6 * 7);
}

TEST(Fidelity, that_is_whole_changes_no_bit) {
  for (const auto* dataset : {&regression_data(), &tagging_data()}) {
    const auto reference = train_with(1, settings_with("epochs"), *dataset);
    for (const auto* kind : {"data", "window"}) {
      const auto state = train_with(1, settings_with(kind, {6}), *dataset);
      EXPECT_EQ(state.weights, reference.weights) << kind;
      EXPECT_EQ(losses_of(state), losses_of(reference)) << kind;
      EXPECT_NE(train_with(1, settings_with(kind), *dataset).weights, reference.weights) << kind;
    }
  }
}

TEST(Fidelity, gives_the_same_bits_on_1_2_and_4_ranks) {
  for (const auto* dataset : {&regression_data(), &tagging_data()})
    for (const auto* kind : {"data", "window"}) {
      const auto reference = train_with(1, settings_with(kind), *dataset);
      for (const int ranks : {2, 4}) {
        const auto state = train_with(ranks, settings_with(kind), *dataset);
        EXPECT_EQ(state.weights, reference.weights) << kind << " on " << ranks << " ranks";
        EXPECT_EQ(losses_of(state), losses_of(reference)) << kind << " on " << ranks << " ranks";
      }
    }
}

TEST(Fidelity, goes_on_from_any_step_as_if_it_had_never_stopped) {
  for (const auto* kind : {"data", "window"}) {
    const auto settings = settings_with(kind);
    const auto reference = train_with(1, settings, regression_data());
    for (int stop = 1; stop <= reference.step; ++stop) {
      SoloGroup solo;
      Training first(TrialId(3), settings, {}, regression_data());
      int steps = 0;
      TrainingHooks hooks;
      hooks.wants_stop = [&] { return ++steps == stop; };
      EXPECT_EQ(first.train(6, solo, hooks), TrainingEnd::interrupted);
      Training second(TrialId(3), settings, {}, regression_data());
      second.restore(first.state(), "memory");
      EXPECT_EQ(second.train(6, solo, {}), TrainingEnd::reached);
      EXPECT_EQ(second.state().weights, reference.weights) << kind << ", stopped after step " << stop;
    }
  }
}

// One batch of half of the sequences: its loss is theirs before the first step, and so says which ones they are.
double first_loss(int trial, std::uint64_t seed) {
  auto settings = settings_with("data", {3, 6});
  settings.batch_size = 25;
  settings.network.dropout = 0;
  Objective objective;
  objective.seed = seed;
  SoloGroup solo;
  Training training(TrialId(trial), settings, objective, regression_data());
  training.restore(Training(TrialId(0), settings, {}, regression_data()).state(), "memory");  // the same weights
  training.train(1, solo, {});
  EXPECT_EQ(training.state().step, 1);
  return training.state().history.front().train_loss;
}

TEST(Fidelity, of_data_takes_the_same_sequences_for_every_trial_and_others_for_another_seed) {
  EXPECT_NEAR(first_loss(1, 1), first_loss(2, 1), 1e-5);
  EXPECT_GT(std::abs(first_loss(1, 1) - first_loss(1, 2)), 1e-3);
}

}  // namespace
}  // namespace seqsweep::trial
