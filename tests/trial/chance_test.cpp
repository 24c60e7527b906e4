// SPDX-License-Identifier: Apache-2.0
//
// What chance decides in a trial, each by itself: first weights, order of the batches, dropout masks. Where nothing is
// learned (a rate of 0), what differs between epochs and trials is what chance decided.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "seqsweep/trial/training.hpp"

#include "support.hpp"

namespace seqsweep::trial {
namespace {

using namespace testing_support;

Objective with_seed(std::uint64_t seed) {
  Objective objective;
  objective.seed = seed;
  return objective;
}

std::vector<float> first_weights(int trial, std::uint64_t seed) {
  return Training(TrialId(trial), small_settings(), with_seed(seed), regression_data()).state().weights;
}

TEST(FirstWeights, are_the_trials_own_and_the_seeds) {
  EXPECT_EQ(first_weights(3, 1), first_weights(3, 1));
  EXPECT_NE(first_weights(3, 1), first_weights(4, 1)) << "replicates of a trial would be the same trial";
  EXPECT_NE(first_weights(3, 1), first_weights(3, 2));
  EXPECT_NE(first_weights(1, 2), first_weights(2, 1)) << "trial and seed are not exchangeable";
}

// Epoch by epoch without learning, every trial with the same weights.
std::vector<store::EpochRecord> epochs_of(const TrialSettings& settings, int trial, std::uint64_t seed) {
  SoloGroup solo;
  Training training(TrialId(trial), settings, with_seed(seed), regression_data());
  training.restore(Training(TrialId(0), settings, {}, regression_data()).state(), "memory");
  training.train(settings.max_epochs, solo, {});
  EXPECT_EQ(training.state().weights, Training(TrialId(0), settings, {}, regression_data()).state().weights);
  return training.state().history;
}

TrialSettings without_learning() {
  auto settings = small_settings();
  settings.optimizer = {.name = "sgd", .learning_rate = 0};
  settings.network.dropout = 0;
  settings.max_epochs = 3;
  return settings;
}

// Which sequences meet in a batch decides the norms of its gradient.
std::vector<double> norms_by_order(int trial, std::uint64_t seed) {
  std::vector<double> norms;
  for (const auto& epoch : epochs_of(without_learning(), trial, seed)) norms.push_back(epoch.gradient_norm_mean);
  return norms;
}

TEST(Order, differs_between_epochs_trials_and_seeds) {
  const auto norms = norms_by_order(3, 1);
  EXPECT_EQ(norms, norms_by_order(3, 1));
  EXPECT_NE(norms[0], norms[1]);
  EXPECT_NE(norms[1], norms[2]);
  EXPECT_NE(norms, norms_by_order(4, 1)) << "another trial of the same sweep";
  EXPECT_NE(norms, norms_by_order(3, 2)) << "the same trial with another seed";
}

TEST(Order, has_each_sequence_once_in_an_epoch) {
  const auto epochs = epochs_of(without_learning(), 3, 1);
  for (const auto& epoch : epochs) EXPECT_NEAR(epoch.train_loss, epochs[0].train_loss, 1e-6);
}

// All sequences in one batch: their order is of no weight, only which units are dropped.
std::vector<double> losses_by_mask(int trial, std::uint64_t seed) {
  auto settings = without_learning();
  settings.batch_size = 64;
  settings.network.dropout = 0.5;
  std::vector<double> losses;
  for (const auto& epoch : epochs_of(settings, trial, seed)) losses.push_back(epoch.train_loss);
  return losses;
}

double nearest(const std::vector<double>& a, const std::vector<double>& b) {
  double least = INFINITY;
  for (std::size_t i = 0; i < a.size(); ++i) least = std::min(least, std::abs(a[i] - b[i]));
  return least;
}

TEST(Dropout, masks_differ_between_epochs_trials_and_seeds) {
  constexpr double rounding = 1e-6;
  const auto losses = losses_by_mask(3, 1);
  EXPECT_EQ(losses, losses_by_mask(3, 1));
  EXPECT_GT(std::abs(losses[0] - losses[1]), rounding);
  EXPECT_GT(std::abs(losses[1] - losses[2]), rounding);
  EXPECT_GT(nearest(losses, losses_by_mask(4, 1)), rounding) << "another trial of the same sweep";
  EXPECT_GT(nearest(losses, losses_by_mask(3, 2)), rounding) << "the same trial with another seed";
}

TEST(Dropout, is_in_training_and_not_in_validation) {
  auto settings = without_learning();
  const auto plain = epochs_of(settings, 3, 1);
  settings.network.dropout = 0.5;
  const auto dropping = epochs_of(settings, 3, 1);
  EXPECT_GT(std::abs(plain[0].train_loss - dropping[0].train_loss), 1e-4);
  EXPECT_EQ(plain[0].validation.loss, dropping[0].validation.loss);
}

// Where a segment ends the next one goes on with the numbers of its epochs, not with those of the first.
TEST(Order, and_masks_of_an_epoch_are_the_same_after_a_pause) {
  auto settings = small_settings();
  settings.max_epochs = 4;
  SoloGroup solo;
  Training whole(TrialId(3), settings, {}, regression_data());
  whole.train(4, solo, {});
  Training first(TrialId(3), settings, {}, regression_data()), second(TrialId(3), settings, {}, regression_data());
  first.train(2, solo, {});
  second.restore(first.state(), "memory");
  second.train(4, solo, {});
  EXPECT_EQ(second.state().weights, whole.state().weights);
}

}  // namespace
}  // namespace seqsweep::trial
