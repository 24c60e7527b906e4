// SPDX-License-Identifier: Apache-2.0
// The heart of the promise: the bits of a trial do not depend on how many ranks train it, nor on where it was stopped.
#include "seqsweep/trial/training.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "seqsweep/nn/catalogues.hpp"

#include "support.hpp"

namespace seqsweep::trial {
namespace {

using namespace testing_support;

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

bool same_bits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

void expect_same(const store::TrainingState& a, const store::TrainingState& b, const std::string& what) {
  EXPECT_TRUE(same_bits(a.weights, b.weights)) << what;
  EXPECT_TRUE(same_bits(a.slots, b.slots)) << what;
  EXPECT_TRUE(same_bits(a.best_weights, b.best_weights)) << what;
  EXPECT_EQ(a.step, b.step) << what;
  ASSERT_EQ(a.history.size(), b.history.size()) << what;
  for (std::size_t i = 0; i < a.history.size(); ++i) {
    const auto &x = a.history[i], &y = b.history[i];
    EXPECT_TRUE(same_bits(x.train_loss, y.train_loss)) << what;
    EXPECT_TRUE(same_bits(x.validation.loss, y.validation.loss)) << what;
    EXPECT_TRUE(same_bits(x.gradient_norm_mean, y.gradient_norm_mean)) << what;
    EXPECT_TRUE(same_bits(x.clipped_fraction, y.clipped_fraction)) << what;
    ASSERT_EQ(x.gradient_flow.size(), y.gradient_flow.size()) << what;
    for (std::size_t b2 = 0; b2 < x.gradient_flow.size(); ++b2)
      EXPECT_TRUE(same_bits(x.gradient_flow[b2].norm, y.gradient_flow[b2].norm)) << what;
  }
}

store::TrainingState train_with(int num_ranks, const TrialSettings& settings, const data::Dataset& dataset) {
  store::TrainingState leaders;
  run_group(num_ranks, [&](Group& group) {
    Training training(TrialId(3), settings, {}, dataset);
    EXPECT_EQ(training.train(settings.max_epochs, group, {}), TrainingEnd::reached);
    if (group.is_leader()) leaders = training.state();
  });
  return leaders;
}

TEST(Training, has_the_same_bits_on_1_2_and_4_ranks_for_every_cell_and_optimizer) {
  for (const auto* dataset : {&regression_data(), &tagging_data()})
    for (const auto& cell : nn::cell_names())
      for (const auto& optimizer : names_of(nn::optimizer_catalogue())) {
        auto settings = small_settings();
        settings.network.cell = cell;
        settings.optimizer.name = optimizer;
        settings.network.bidirectional = optimizer == "adamw";
        const auto reference = train_with(1, settings, *dataset);
        for (const int ranks : {2, 4})
          expect_same(train_with(ranks, settings, *dataset), reference,
                      cell + ", " + optimizer + ", " + std::to_string(ranks) + " ranks");
      }
}

// Stopped at every step in turn and gone on with by another number of ranks.
TEST(Training, goes_on_from_any_step_as_if_it_had_never_stopped) {
  auto settings = small_settings();
  settings.max_epochs = 2;
  const auto& dataset = regression_data();
  const auto reference = train_with(1, settings, dataset);
  for (int stop = 1; stop <= reference.step; ++stop) {
    store::TrainingState state;
    run_group(2, [&](Group& group) {
      Training training(TrialId(3), settings, {}, dataset);
      int steps = 0;
      TrainingHooks hooks;
      hooks.wants_stop = [&] { return ++steps == stop && group.rank() == 1; };  // one rank's wish stops both
      EXPECT_EQ(training.train(settings.max_epochs, group, hooks), TrainingEnd::interrupted);
      EXPECT_EQ(training.state().step, stop);
      if (group.is_leader()) state = training.state();
    });
    run_group(stop % 2 == 0 ? 4 : 1, [&](Group& group) {
      Training training(TrialId(3), settings, {}, dataset);
      if (group.is_leader()) training.restore(state, "memory");
      training.share_state(group);
      EXPECT_EQ(training.train(settings.max_epochs, group, {}), TrainingEnd::reached);
      if (group.is_leader()) expect_same(training.state(), reference, "stopped after step " + std::to_string(stop));
    });
  }
}

TEST(Training, has_other_bits_for_another_trial_or_seed) {
  const auto& dataset = regression_data();
  SoloGroup solo;
  const auto weights = [&](int trial, std::uint64_t seed) {
    Objective objective;
    objective.seed = seed;
    Training training(TrialId(trial), small_settings(), objective, dataset);
    training.train(1, solo, {});
    return training.state().weights;
  };
  EXPECT_TRUE(same_bits(weights(1, 1), weights(1, 1)));
  EXPECT_FALSE(same_bits(weights(1, 1), weights(2, 1)));
  EXPECT_FALSE(same_bits(weights(1, 1), weights(1, 2)));
}

TEST(Training, learns_and_keeps_the_best_epoch) {
  auto settings = small_settings();
  settings.network.dropout = 0;
  settings.network.num_layers = 1;
  settings.max_epochs = 40;
  const auto state = train_with(1, settings, regression_data());
  const double floor = regression_data().header().floors[1].loss;
  EXPECT_LT(state.best_value, 0.5 * floor);
  for (const auto& record : state.history) EXPECT_GE(record.validation.loss, state.best_value);
  EXPECT_EQ(state.history[static_cast<std::size_t>(state.best_epoch) - 1].validation.loss, state.best_value);
}

TEST(Training, stops_early_when_nothing_improves) {
  auto settings = small_settings();
  settings.max_epochs = 50;
  settings.patience = 2;
  settings.min_delta = 1e9;  // no epoch after the first is better by so much
  SoloGroup solo;
  Training training(TrialId(0), settings, {}, regression_data());
  EXPECT_EQ(training.train(50, solo, {}), TrainingEnd::exhausted);
  EXPECT_EQ(training.state().epoch, 3);
  for (const auto& record : training.state().history) EXPECT_GE(record.value, training.state().best_value);
}

TEST(Training, the_best_epoch_is_the_best_even_where_it_is_better_by_less_than_min_delta) {
  auto settings = small_settings();
  settings.max_epochs = 8;
  settings.min_delta = 1e9;
  for (const bool is_maximised : {false, true}) {
    const Objective objective{.metric = is_maximised ? "val_r2" : "val_loss", .is_maximised = is_maximised};
    SoloGroup solo;
    Training training(TrialId(0), settings, objective, regression_data());
    training.train(8, solo, {});
    const auto& state = training.state();
    const auto is_worse = [&](const store::EpochRecord& a, const store::EpochRecord& b) {
      return is_maximised ? a.value < b.value : a.value > b.value;
    };
    const auto best = std::max_element(state.history.begin(), state.history.end(), is_worse);
    ASSERT_GT(best->epoch, 1) << "the first epoch is the best anyway";
    EXPECT_EQ(state.best_epoch, best->epoch);
    EXPECT_EQ(state.best_value, best->value);
    nn::Network network(training.network_spec());
    const auto scores =
        evaluate_split(network, state.best_weights, regression_data(), data::Split::validation, solo, {});
    EXPECT_TRUE(same_bits(scores.loss, best->validation.loss)) << "the weights are of another epoch";
  }
}

// Each epoch must be better by more than min_delta than the last one that was.
int end_by_hand(const std::vector<store::EpochRecord>& history, const TrialSettings& settings) {
  int waits_since = 1;
  double reference = history.front().value;
  for (const auto& record : history) {
    if (reference - record.value > settings.min_delta) {
      reference = record.value;
      waits_since = record.epoch;
    }
    if (record.epoch - waits_since >= settings.patience) return record.epoch;
  }
  return 0;
}

TEST(Training, early_stopping_waits_for_min_delta_and_not_for_the_best_epoch) {
  auto settings = small_settings();
  settings.max_epochs = 30;
  SoloGroup solo;
  Training whole(TrialId(0), settings, {}, regression_data());
  whole.train(30, solo, {});
  settings.patience = 3;
  const auto& history = whole.state().history;
  const double gain = history.front().value - whole.state().best_value;
  // Ended while it still creeps, or the test shows nothing: its best epoch is one that did not count.
  int end = 0, best = 0;
  for (int parts = 2; parts < 100; ++parts) {
    settings.min_delta = gain / parts;
    end = end_by_hand(history, settings);
    ASSERT_GT(end, 0) << "never ended";
    const auto is_less = [](const auto& a, const auto& b) { return a.value < b.value; };
    best = std::min_element(history.begin(), history.begin() + end, is_less)->epoch;
    if (best > end - settings.patience) break;
  }
  ASSERT_GT(best, end - settings.patience);
  ASSERT_GT(end, settings.patience);
  Training stopped(TrialId(0), settings, {}, regression_data());
  EXPECT_EQ(stopped.train(30, solo, {}), TrainingEnd::exhausted);
  EXPECT_EQ(stopped.state().epoch, end);
}

TEST(Training, patience_outlives_a_checkpoint_and_a_change_of_its_team) {
  auto settings = small_settings();
  settings.max_epochs = 30;
  settings.patience = 3;
  settings.min_delta = 0.01;
  SoloGroup solo;
  Training alone(TrialId(0), settings, {}, regression_data());
  ASSERT_EQ(alone.train(30, solo, {}), TrainingEnd::exhausted);
  const int end = alone.state().epoch;
  Training begun(TrialId(0), settings, {}, regression_data());
  begun.train(end - 1, solo, {});  // in the middle of its patience
  run_group(2, [&](Group& group) {
    Training resumed(TrialId(0), settings, {}, regression_data());
    if (group.is_leader()) resumed.restore(store::TrainingState(begun.state()), "a test");
    resumed.share_state(group);
    EXPECT_EQ(resumed.train(30, group, {}), TrainingEnd::exhausted);
    EXPECT_EQ(resumed.state().epoch, end);
  });
}

TEST(Training, that_diverges_says_where_and_keeps_finite_weights) {
  auto settings = small_settings();
  settings.optimizer.name = "sgd";
  settings.optimizer.learning_rate = 1e30;
  settings.optimizer.clip_norm = 0;
  run_group(2, [&](Group& group) {
    Training training(TrialId(0), settings, {}, regression_data());
    EXPECT_EQ(training.train(3, group, {}), TrainingEnd::diverged);
    EXPECT_NE(training.divergence().find("epoch 1"), std::string::npos) << training.divergence();
  });
}

TEST(EvaluateSplit, gives_the_same_bits_for_any_number_of_ranks) {
  auto spec = fit_to_data(small_settings().network, tagging_data().header());
  nn::Network network(spec);
  std::vector<float> weights(network.layout().size);
  network.initialise(weights, RandomKey(1));
  SoloGroup solo;
  const auto reference = evaluate_split(network, weights, tagging_data(), data::Split::train, solo, {});
  EXPECT_GT(reference.accuracy, 0);
  EXPECT_TRUE(std::isnan(reference.mae));
  run_group(4, [&](Group& group) {
    nn::Network own(spec);
    const auto scores = evaluate_split(own, weights, tagging_data(), data::Split::train, group, {});
    EXPECT_TRUE(same_bits(scores.loss, reference.loss));
    EXPECT_TRUE(same_bits(scores.accuracy, reference.accuracy));
  });
}

TEST(FitToData, refuses_a_loss_that_the_targets_do_not_have) {
  auto spec = small_settings().network;
  spec.loss = "cross_entropy";
  EXPECT_THROW((void)fit_to_data(spec, regression_data().header()), ConfigError);
}

}  // namespace
}  // namespace seqsweep::trial
