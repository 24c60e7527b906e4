// SPDX-License-Identifier: Apache-2.0
//
// Trials whose best epoch is neither their first nor their last (by_hand.hpp: they pass by what is best), to be
// minimized and maximized: whatever is said of a trial is said of that epoch.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>

#include "seqsweep/trial/training_runner.hpp"

#include "by_hand.hpp"
#include "support.hpp"

namespace seqsweep::trial {
namespace {

using namespace testing_support;

constexpr int num_epochs = 10;

// A training, looked at after every epoch.
struct Followed {
  std::vector<std::vector<float>> weights;  // by epoch; [0]: the first ones
  store::TrainingState last;
};

Followed follow(const Objective& objective, const TrialSettings& settings) {
  SoloGroup solo;
  Training training(TrialId(5), settings, objective, overshooting_data());
  Followed followed{{training.state().weights}, {}};
  for (int epoch = 1; epoch <= settings.max_epochs; ++epoch) {
    if (training.train(epoch, solo, {}) == TrainingEnd::exhausted) break;
    followed.weights.push_back(training.state().weights);
  }
  followed.last = training.state();
  return followed;
}

// The last epoch that is better by more than `min_delta` than the last one before it that was. With 0: the best.
int last_progress_by_hand(const std::vector<store::EpochRecord>& history, bool is_maximised, double min_delta) {
  int best = 0;
  double best_value = 0;
  for (const auto& record : history) {
    const double value = is_maximised ? record.validation.r2 : record.validation.loss;
    const double gain = is_maximised ? value - best_value : best_value - value;
    if (best > 0 && gain <= min_delta) continue;
    best = record.epoch;
    best_value = value;
  }
  return best;
}

// The epoch that early stopping ends with, or the last.
int end_by_hand(const std::vector<store::EpochRecord>& history, bool is_maximised, const TrialSettings& settings) {
  for (auto end = history.begin() + 1; end != history.end(); ++end) {
    const std::vector<store::EpochRecord> until(history.begin(), end);
    const int progress = last_progress_by_hand(until, is_maximised, settings.min_delta);
    if (until.back().epoch - progress >= settings.patience) return until.back().epoch;
  }
  return history.back().epoch;
}

class BestEpoch : public testing::TestWithParam<bool> {
 protected:
  BestEpoch() : is_maximised(GetParam()), settings(overshooting_settings()) {
    objective.metric = is_maximised ? "val_r2" : "val_loss";
    objective.is_maximised = is_maximised;
    followed = follow(objective, settings);
    best = last_progress_by_hand(followed.last.history, is_maximised, 0);
  }
  void SetUp() override {
    ASSERT_GT(best, 2);
    ASSERT_LT(best, num_epochs - 2) << "it would be no test where the last epoch is the best";
  }
  [[nodiscard]] const store::EpochRecord& best_record() const {
    return followed.last.history.at(static_cast<std::size_t>(best) - 1);
  }
  [[nodiscard]] double value_of(const store::EpochRecord& record) const {
    return is_maximised ? record.validation.r2 : record.validation.loss;
  }
  [[nodiscard]] SegmentTask task(int from_epoch, int to_epoch) const {
    SegmentTask t;
    t.trial = TrialId(5);
    t.from_epoch = from_epoch;
    t.to_epoch = to_epoch;
    t.settings = settings;
    t.identity = "parent";
    t.checkpoint_path = scratch("best-parent.h5");
    return t;
  }

  bool is_maximised;
  TrialSettings settings;
  Objective objective;
  Followed followed;
  int best = 0;
  SoloGroup solo;
};

TEST_P(BestEpoch, is_the_one_whose_weights_and_value_a_training_keeps) {
  EXPECT_EQ(followed.last.best_epoch, best);
  EXPECT_EQ(followed.last.best_value, value_of(best_record()));
  EXPECT_EQ(followed.last.best_weights, followed.weights.at(static_cast<std::size_t>(best)));
  EXPECT_NE(followed.last.best_weights, followed.last.weights);
}

TEST_P(BestEpoch, is_the_one_whose_scores_a_segment_reports) {
  std::filesystem::remove(scratch("best-parent.h5"));
  auto all_metrics = objective;
  all_metrics.further_metrics = {"val_mae", "train_loss"};
  TrainingRunner runner(overshooting_data(), all_metrics, 1e9);
  const auto record = runner.run(task(0, num_epochs), solo, {}).record;
  const auto spec = fit_to_data(settings.network, overshooting_data().header());
  const auto& weights = followed.weights.at(static_cast<std::size_t>(best));
  const auto expected = scores_by_hand(spec, weights, overshooting_data(), data::Split::test);
  EXPECT_EQ(record.best_epoch, best);
  EXPECT_EQ(record.value, value_of(best_record()));
  EXPECT_EQ(record.last_epoch, num_epochs);
  EXPECT_NEAR(record.test.loss, expected.loss, 1e-5);
  EXPECT_NEAR(record.test.mae, expected.mae, 1e-5);
  EXPECT_NEAR(record.test.r2, expected.r2, 1e-4);
  EXPECT_EQ(record.further, (std::vector<double>{best_record().validation.mae, best_record().train_loss}));
  const auto checkpoint = store::read_checkpoint(scratch("best-parent.h5"));
  EXPECT_EQ(checkpoint.state.best_weights, weights);
  EXPECT_EQ(checkpoint.state.weights, followed.last.weights) << "to go on from";
}

TEST_P(BestEpoch, stays_the_best_where_a_trial_goes_on_in_another_process) {
  std::filesystem::remove(scratch("best-parent.h5"));
  const int middle = best + 1;  // behind the best
  TrainingRunner first(overshooting_data(), objective, 1e9), second(overshooting_data(), objective, 1e9);
  EXPECT_EQ(first.run(task(0, middle), solo, {}).record.best_epoch, best);
  const auto record = second.run(task(middle, num_epochs), solo, {}).record;
  EXPECT_EQ(record.best_epoch, best);
  EXPECT_EQ(record.value, value_of(best_record()));
}

// A copy of population-based training: weights of the parent's best epoch, the optimizer's state of its last, and a
// best epoch of its own, however good the parent's was.
TEST_P(BestEpoch, is_where_a_copy_begins_and_the_copy_has_its_own) {
  for (const auto* left_over : {"best-parent.h5", "best-copy.h5", "best-parent"})
    std::filesystem::remove_all(scratch(left_over));
  const int generation = best + 2;
  auto parent = task(0, generation);
  parent.snapshot_folder = scratch("best-parent");
  TrainingRunner of_parent(overshooting_data(), objective, 1e9);
  ASSERT_EQ(of_parent.run(parent, solo, {}).record.best_epoch, best);

  auto copy = task(generation, num_epochs);
  copy.trial = TrialId(9);
  copy.identity = "copy";
  copy.checkpoint_path = scratch("best-copy.h5");
  copy.start_epoch = generation;
  copy.start_path = scratch("best-parent/" + store::snapshot_name(generation));
  TrainingRunner of_copy(overshooting_data(), objective, 1e9);
  std::vector<store::EpochRecord> epochs;
  SegmentHooks hooks;
  hooks.on_epoch = [&](const store::EpochRecord& record) { epochs.push_back(record); };
  const auto record = of_copy.run(copy, solo, hooks).record;

  SoloGroup alone;
  Training until_then(TrialId(5), settings, objective, overshooting_data());
  until_then.train(generation, alone, {});
  auto state = until_then.state();
  state.weights = followed.weights.at(static_cast<std::size_t>(best));
  Training by_hand(TrialId(9), settings, objective, overshooting_data());
  by_hand.restore(state, "memory");
  by_hand.train(num_epochs, alone, {});
  ASSERT_EQ(epochs.size(), static_cast<std::size_t>(num_epochs - generation));
  int own_best = 0;
  double own_value = is_maximised ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  for (const auto& epoch : epochs) {
    const auto& expected = by_hand.state().history.at(static_cast<std::size_t>(epoch.epoch) - 1);
    EXPECT_EQ(epoch.validation.loss, expected.validation.loss) << "epoch " << epoch.epoch;
    EXPECT_EQ(epoch.train_loss, expected.train_loss) << "epoch " << epoch.epoch;
    if (is_maximised ? value_of(epoch) <= own_value : value_of(epoch) >= own_value) continue;
    own_best = epoch.epoch;
    own_value = value_of(epoch);
  }
  EXPECT_EQ(record.best_epoch, own_best);
  EXPECT_EQ(record.value, own_value);
}

// A segment may be run again from where it began, and so may that of a copy: both states are needed until the next
// ends.
TEST_P(BestEpoch, leaves_the_states_before_and_after_the_last_segment_for_others_to_go_on_from) {
  std::filesystem::remove(scratch("best-parent.h5"));
  std::filesystem::remove_all(scratch("best-kept"));
  TrainingRunner runner(overshooting_data(), objective, 1e9);
  for (const int from : {0, 2, 4}) {
    auto t = task(from, from + 2);
    t.snapshot_folder = scratch("best-kept");
    (void)runner.run(t, solo, {});
  }
  const auto exists = [](int epoch) {
    return std::filesystem::exists(scratch("best-kept/" + store::snapshot_name(epoch) + ".h5"));
  };
  EXPECT_FALSE(exists(2));
  EXPECT_TRUE(exists(4));
  EXPECT_TRUE(exists(6));
}

// ---- what counts as better

TEST_P(BestEpoch, is_the_best_whatever_min_delta_says_and_patience_waits_for_more) {
  const auto& history = followed.last.history;
  const double first_gain = std::abs(value_of(history[1]) - value_of(history[0]));
  const double second_gain = std::abs(value_of(history[2]) - value_of(history[1]));
  settings.min_delta = std::max(first_gain, second_gain) * 1.1;  // two epochs together are better by as much
  ASSERT_LT(settings.min_delta, std::abs(value_of(history[2]) - value_of(history[0])));
  const int progress = last_progress_by_hand(history, is_maximised, settings.min_delta);
  ASSERT_NE(progress, best);
  ASSERT_GT(progress, 2);
  const auto with_min_delta = follow(objective, settings).last;
  EXPECT_EQ(with_min_delta.best_epoch, best);
  EXPECT_EQ(with_min_delta.best_value, value_of(best_record()));
  settings.patience = num_epochs - progress;
  EXPECT_EQ(follow(objective, settings).last.epoch, num_epochs);
  settings.patience = 2;
  EXPECT_EQ(follow(objective, settings).last.epoch, end_by_hand(history, is_maximised, settings));
}

TEST_P(BestEpoch, ends_a_trial_after_exactly_patience_epochs_without_a_better_one) {
  for (const int patience : {1, 2}) {
    settings.patience = patience;
    const auto stopped = follow(objective, settings).last;
    EXPECT_EQ(stopped.epoch, best + patience);
    EXPECT_EQ(stopped.best_epoch, best);
    TrainingRunner runner(overshooting_data(), objective, 1e9);
    std::filesystem::remove(scratch("best-parent.h5"));
    const auto record = runner.run(task(0, num_epochs), solo, {}).record;
    EXPECT_EQ(record.ending, search::Ending::exhausted);
    EXPECT_EQ(record.last_epoch, best + patience);
  }
}

// Nothing is learned, so all epochs are as good as the first.
TEST_P(BestEpoch, is_the_first_of_equal_ones_and_equal_ones_use_up_patience) {
  settings.optimizer.learning_rate = 0;
  settings.patience = 3;
  const auto state = follow(objective, settings).last;
  EXPECT_EQ(state.history.front().validation.loss, state.history.back().validation.loss);
  EXPECT_EQ(state.best_epoch, 1);
  EXPECT_EQ(state.epoch, 1 + 3);
}

TEST_P(BestEpoch, of_a_trial_whose_patience_ends_with_its_last_epoch_leaves_it_complete) {
  settings.patience = 2;
  settings.max_epochs = best + 2;
  Training training(TrialId(5), settings, objective, overshooting_data());
  EXPECT_EQ(training.train(settings.max_epochs, solo, {}), TrainingEnd::reached);
}

INSTANTIATE_TEST_SUITE_P(Goals, BestEpoch, testing::Values(false, true),
                         [](const auto& instance) { return instance.param ? "maximized" : "minimized"; });

}  // namespace
}  // namespace seqsweep::trial
