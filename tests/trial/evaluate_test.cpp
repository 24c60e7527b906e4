// SPDX-License-Identifier: Apache-2.0
//
// Scores, losses and gradients of a trial against formulas of the test's own (by_hand.hpp): what is wrong in the same
// way on every number of ranks and after every resume shows here.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/trial/training.hpp"

#include "by_hand.hpp"
#include "support.hpp"

namespace seqsweep::trial {
namespace {

using namespace testing_support;

// Weights far from 0, so that no score is trivial.
std::vector<float> some_weights(const nn::NetworkSpec& spec) {
  nn::Network network(spec);
  std::vector<float> weights(network.layout().size);
  network.initialise(weights, RandomKey(9));
  for (float& w : weights) w *= 2;
  return weights;
}

nn::NetworkSpec network_for(const data::Dataset& dataset) {
  auto spec = small_settings().network;
  spec.dropout = 0;
  return fit_to_data(spec, dataset.header());
}

// NaN where a score does not apply.
void expect_near(double value, double expected, const char* what) {
  if (std::isnan(expected))
    EXPECT_TRUE(std::isnan(value)) << what;
  else
    EXPECT_NEAR(value, expected, 2e-5 * std::max(1.0, std::abs(expected))) << what;
}

void expect_scores_by_hand(const data::Dataset& dataset) {
  const auto spec = network_for(dataset);
  const auto weights = some_weights(spec);
  nn::Network network(spec);
  SoloGroup solo;
  for (const auto split : data::all_splits) {
    const auto scores = evaluate_split(network, weights, dataset, split, solo, {});
    const auto expected = scores_by_hand(spec, weights, dataset, split);
    expect_near(scores.loss, expected.loss, "loss");
    expect_near(scores.accuracy, expected.accuracy, "accuracy");
    expect_near(scores.mae, expected.mae, "mae");
    expect_near(scores.rmse, expected.rmse, "rmse");
    expect_near(scores.r2, expected.r2, "r2");
  }
}

TEST(EvaluateSplit, scores_numbers_in_their_own_units_over_all_steps_alike) {
  expect_scores_by_hand(two_targets_data());
  expect_scores_by_hand(regression_data());
}

TEST(EvaluateSplit, scores_classes_over_the_steps_that_have_one) {
  expect_scores_by_hand(gaps_data());
  expect_scores_by_hand(tagging_data());
}

TEST(EvaluateSplit, scores_keys_one_by_one_and_their_loss_by_steps) {
  expect_scores_by_hand(keys_data());
}

// Three chunks, and more ranks than that.
TEST(EvaluateSplit, shares_out_chunks_so_that_each_is_scored_once) {
  const auto spec = network_for(two_targets_data());
  const auto weights = some_weights(spec);
  const auto expected = scores_by_hand(spec, weights, two_targets_data(), data::Split::validation);
  for (const int ranks : {2, 4})
    run_group(ranks, [&](Group& group) {
      nn::Network network(spec);
      const auto scores = evaluate_split(network, weights, two_targets_data(), data::Split::validation, group, {});
      expect_near(scores.loss, expected.loss, "loss");
      expect_near(scores.r2, expected.r2, "r2");
    });
}

TEST(ScoresOf, nothing_or_of_equal_targets_leave_out_what_has_no_value) {
  nn::NetworkSpec spec;
  EXPECT_TRUE(std::isnan(scores_of(spec, {}).loss));
  nn::ScoreSums equal_targets;
  equal_targets.count = equal_targets.elements = 4;
  equal_targets.loss = 8;
  equal_targets.absolute_error = 2;
  equal_targets.squared_error = 36;
  equal_targets.target_sum = 12;
  equal_targets.target_square_sum = 36;
  const auto scores = scores_of(spec, equal_targets);
  EXPECT_EQ(scores.loss, 2);
  EXPECT_EQ(scores.mae, 0.5);
  EXPECT_EQ(scores.rmse, 3);
  EXPECT_TRUE(std::isnan(scores.r2)) << "there is nothing to explain";
}

// ---- training: the mean over a batch, not over shards or sequences

TrialSettings without_learning(int batch_size) {
  auto settings = small_settings();
  settings.network.dropout = 0;
  settings.optimizer = {.name = "sgd", .learning_rate = 0};
  settings.batch_size = batch_size;
  return settings;
}

TEST(Training, has_as_its_loss_the_mean_over_all_steps_of_an_epoch) {
  SoloGroup solo;
  for (const auto* dataset : {&two_targets_data(), &gaps_data(), &keys_data(), &regression_data(), &tagging_data()}) {
    Training training(TrialId(2), without_learning(16), {}, *dataset);
    training.train(1, solo, {});
    const auto expected =
        scores_by_hand(training.network_spec(), training.state().weights, *dataset, data::Split::train);
    EXPECT_NEAR(training.state().history.front().train_loss, expected.loss, 2e-5 * expected.loss);
  }
}

// With a share of the steps of each sequence in the first epoch, and all of them in the second.
TEST(Training, of_a_window_has_as_its_loss_the_mean_over_its_steps) {
  SoloGroup solo;
  auto settings = without_learning(16);
  settings.max_epochs = 2;
  settings.fidelity = {"window", {1, 2}};
  for (const auto* dataset : {&two_targets_data(), &regression_data()}) {
    Training training(TrialId(2), settings, {}, *dataset);
    training.train(2, solo, {});
    const auto& state = training.state();
    const auto loss_of = [&](double share) {
      return scores_by_hand(training.network_spec(), state.weights, *dataset, data::Split::train, share).loss;
    };
    EXPECT_NEAR(state.history[0].train_loss, loss_of(0.5), 2e-5 * loss_of(0.5));
    EXPECT_NEAR(state.history[1].train_loss, loss_of(1), 2e-5 * loss_of(1));
    EXPECT_GT(std::abs(loss_of(0.5) - loss_of(1)), 1e-4) << "or this would be no test";
    EXPECT_EQ(state.history[0].validation.loss, state.history[1].validation.loss) << "validation is always whole";
  }
}

TEST(Training, steps_along_the_gradient_of_the_mean_loss_of_the_batch) {
  SoloGroup solo;
  for (const auto* dataset : {&two_targets_data(), &gaps_data(), &keys_data(), &regression_data(), &tagging_data()})
    for (const int shards : {1, 4}) {
      auto settings = without_learning(64);  // all in one step
      settings.optimizer.learning_rate = 0.5;
      settings.shards = shards;
      Training training(TrialId(2), settings, {}, *dataset);
      const auto before = training.state().weights;
      training.train(1, solo, {});
      ASSERT_EQ(training.state().step, 1);
      const auto gradient =
          gradient_by_hand(training.network_spec(), before, *dataset, all_of(*dataset, data::Split::train));
      EXPECT_NEAR(training.state().history.front().gradient_norm_mean, gradient.norm, 2e-5 * gradient.norm);
      for (std::size_t i = 0; i < before.size(); ++i)
        ASSERT_NEAR(before[i] - training.state().weights[i], 0.5 * gradient.values[i], 2e-5 * gradient.norm) << i;
    }
}

// Batches of 49 and 1: which one is left over is for the shuffle to say.
TEST(Training, divides_the_last_smaller_batch_by_its_own_count) {
  SoloGroup solo;
  const auto& dataset = regression_data();
  Training training(TrialId(2), without_learning(49), {}, dataset);
  training.train(1, solo, {});
  const auto& record = training.state().history.front();
  const auto all = all_of(dataset, data::Split::train);
  bool is_explained = false;
  for (const auto last : all) {
    auto others = all;
    std::erase(others, last);
    const std::vector<std::uint32_t> alone = {last};
    const auto& spec = training.network_spec();
    const double first_norm = gradient_by_hand(spec, training.state().weights, dataset, others).norm;
    const double last_norm = gradient_by_hand(spec, training.state().weights, dataset, alone).norm;
    is_explained =
        is_explained || (std::abs(record.gradient_norm_mean - (first_norm + last_norm) / 2) < 1e-4 * first_norm &&
                         std::abs(record.gradient_norm_max - std::max(first_norm, last_norm)) < 1e-4 * first_norm);
  }
  EXPECT_TRUE(is_explained) << record.gradient_norm_mean << ", " << record.gradient_norm_max;
}

// ---- clipping and schedules

store::EpochRecord first_epoch(const TrialSettings& settings, std::vector<float>* weights = nullptr) {
  SoloGroup solo;
  Training training(TrialId(2), settings, {}, regression_data());
  training.train(1, solo, {});
  if (weights != nullptr) *weights = training.state().weights;
  return training.state().history.front();
}

TEST(Training, clips_a_gradient_above_the_norm_to_it_and_leaves_one_below) {
  auto settings = without_learning(64);
  settings.optimizer.learning_rate = 1;
  std::vector<float> unclipped, below, above;
  const auto free = first_epoch(settings, &unclipped);
  EXPECT_EQ(free.clipped_fraction, 0);
  settings.optimizer.clip_norm = 1.001 * free.gradient_norm_mean;
  EXPECT_EQ(first_epoch(settings, &below).clipped_fraction, 0);
  EXPECT_EQ(below, unclipped);
  settings.optimizer.clip_norm = 0.5 * free.gradient_norm_mean;
  const auto clipped = first_epoch(settings, &above);
  EXPECT_EQ(clipped.clipped_fraction, 1);
  EXPECT_EQ(clipped.gradient_norm_mean, free.gradient_norm_mean) << "that before clipping is recorded";
  settings.optimizer.learning_rate = 0;
  settings.optimizer.clip_norm = 0;
  std::vector<float> start;
  first_epoch(settings, &start);
  for (std::size_t i = 0; i < start.size(); ++i)
    ASSERT_NEAR(above[i] - start[i], 0.5 * (unclipped[i] - start[i]), 1e-5) << i;
}

// A step of SGD is as long as rate times norm, so it tells which rate was taken.
std::vector<double> rates_taken(const TrialSettings& settings) {
  SoloGroup solo;
  Training training(TrialId(2), settings, {}, regression_data());
  std::vector<double> rates;
  for (int epoch = 1; epoch <= settings.max_epochs; ++epoch) {
    const auto before = training.state().weights;
    training.train(epoch, solo, {});
    double squares = 0;
    for (std::size_t i = 0; i < before.size(); ++i) squares += std::pow(training.state().weights[i] - before[i], 2);
    rates.push_back(std::sqrt(squares) / training.state().history.back().gradient_norm_mean);
    EXPECT_NEAR(training.state().history.back().learning_rate, rates.back(), 1e-4)
        << "what is recorded is what was taken";
  }
  return rates;
}

TEST(Training, takes_the_learning_rate_of_its_schedule_in_each_epoch) {
  auto settings = without_learning(64);
  settings.max_epochs = 5;
  settings.optimizer.learning_rate = 0.1;
  const auto expect_rates = [&](const std::vector<double>& expected) {
    const auto rates = rates_taken(settings);
    for (std::size_t e = 0; e < expected.size(); ++e)
      EXPECT_NEAR(rates.at(e), expected[e], 1e-4) << settings.optimizer.schedule << ", epoch " << e + 1;
  };
  expect_rates({0.1, 0.1, 0.1, 0.1, 0.1});
  settings.optimizer.schedule = "step";
  settings.optimizer.schedule_gamma = 0.5;
  settings.optimizer.schedule_step = 2;
  expect_rates({0.1, 0.1, 0.05, 0.05, 0.025});
  settings.optimizer.schedule = "cosine";
  expect_rates({0.1, 0.05 * (1 + std::cos(M_PI / 5)), 0.05 * (1 + std::cos(2 * M_PI / 5)),
                0.05 * (1 + std::cos(3 * M_PI / 5)), 0.05 * (1 + std::cos(4 * M_PI / 5))});
}

// ---- further metrics

TEST(FurtherMetric, multiply_adds_are_those_of_one_sequence_of_mean_length) {
  const auto& dataset = regression_data();
  const auto spec = network_for(dataset);
  const double steps = static_cast<double>(dataset.num_steps(data::Split::validation)) / 20;
  // Two layers of an LSTM: four gates of 7 units, each 2 or 7 inputs and 7 hidden; the head reads 7 once.
  EXPECT_NEAR(further_metric("multiply_adds", spec, dataset, {}), steps * (4 * 7 * (2 + 7) + 4 * 7 * (7 + 7)) + 7,
              1e-6);
  EXPECT_EQ(further_metric("parameters", spec, dataset, {}), 4 * 7 * (2 + 7 + 2) + 4 * 7 * (7 + 7 + 2) + 7 + 1);
}

TEST(MetricOf, is_the_score_that_is_named_and_of_no_other_split) {
  store::EpochRecord record;
  record.train_loss = 1;
  record.validation = {.loss = 2, .accuracy = 3, .mae = 4, .rmse = 5, .r2 = 6};
  const std::vector<std::pair<std::string, double>> expected = {{"train_loss", 1}, {"val_loss", 2}, {"val_accuracy", 3},
                                                                {"val_mae", 4},    {"val_rmse", 5}, {"val_r2", 6}};
  for (const auto& [metric, value] : expected) {
    Objective objective;
    objective.metric = metric;
    EXPECT_EQ(metric_of(objective, record), value) << metric;
    EXPECT_EQ(further_metric(metric, {}, regression_data(), record), value) << metric;
  }
}

}  // namespace
}  // namespace seqsweep::trial
