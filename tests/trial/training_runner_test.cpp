// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/training_runner.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "seqsweep/store/checkpoint.hpp"

#include "support.hpp"

namespace seqsweep::trial {
namespace {

using namespace testing_support;

SegmentTask task(int from, int to, const std::string& checkpoint) {
  SegmentTask t;
  t.trial = TrialId(5);
  t.from_epoch = from;
  t.to_epoch = to;
  t.settings = small_settings();
  t.settings.max_epochs = 4;
  t.identity = "this trial";
  t.checkpoint_path = checkpoint;
  return t;
}

struct Ran {
  SegmentOutcome outcome;
  std::vector<store::EpochRecord> epochs;
};

Ran run(SegmentRunner& runner, const SegmentTask& t, int stop_at_step = -1) {
  Ran ran;
  int steps = 0;
  SegmentHooks hooks;
  hooks.on_epoch = [&](const store::EpochRecord& record) { ran.epochs.push_back(record); };
  hooks.wants_stop = [&] { return ++steps == stop_at_step; };
  SoloGroup solo;
  ran.outcome = runner.run(t, solo, hooks);
  if (ran.outcome.is_interrupted) runner.keep(t);
  return ran;
}

Ran run_fresh(const SegmentTask& t, int stop_at_step = -1) {
  TrainingRunner runner(regression_data(), {}, 1e9);
  return run(runner, t, stop_at_step);
}

void expect_same(const Ran& a, const Ran& b) {
  EXPECT_EQ(a.outcome.record.value, b.outcome.record.value);
  EXPECT_EQ(a.outcome.record.test.loss, b.outcome.record.test.loss);
  EXPECT_EQ(a.outcome.record.best_epoch, b.outcome.record.best_epoch);
  ASSERT_EQ(a.epochs.size(), b.epochs.size());
  for (std::size_t i = 0; i < a.epochs.size(); ++i) {
    EXPECT_EQ(a.epochs[i].epoch, b.epochs[i].epoch);
    EXPECT_EQ(a.epochs[i].train_loss, b.epochs[i].train_loss);
    EXPECT_EQ(a.epochs[i].validation.loss, b.epochs[i].validation.loss);
  }
}

class TrainingRunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove(checkpoint);
    TrainingRunner runner(regression_data(), {}, 1e9);
    (void)run(runner, task(0, 2, ""));
    reference = run(runner, task(2, 4, ""));
    ASSERT_EQ(reference.epochs.size(), 2U);
    ASSERT_EQ(reference.outcome.record.ending, search::Ending::reached);
  }
  const std::string checkpoint = scratch("trial.h5");
  Ran reference;
};

TEST_F(TrainingRunnerTest, takes_further_metrics_where_the_metric_is_best) {
  Objective objective;
  objective.further_metrics = {"val_rmse", "parameters", "train_loss", "multiply_adds"};
  TrainingRunner whole(regression_data(), objective, 1e9), resumed(regression_data(), objective, 1e9);
  const auto ran = run(whole, task(0, 4, checkpoint));
  const auto& record = ran.outcome.record;
  ASSERT_GT(record.best_epoch, 0);
  const auto& best = ran.epochs[static_cast<std::size_t>(record.best_epoch - 1)];
  const auto network = fit_to_data(small_settings().network, regression_data().header());
  const auto steps = static_cast<double>(regression_data().num_steps(data::Split::validation)) /
                     static_cast<double>(regression_data().num_sequences(data::Split::validation));
  EXPECT_EQ(record.further, (std::vector<double>{best.validation.rmse, static_cast<double>(nn::layout_of(network).size),
                                                 best.train_loss, nn::forward_multiply_adds(network, steps, 1)}));
  const auto again = run(resumed, task(0, 4, checkpoint));  // the checkpoint has it all
  EXPECT_EQ(again.outcome.record.further, record.further);
}

TEST_F(TrainingRunnerTest, goes_on_from_a_checkpoint_as_from_memory) {
  (void)run_fresh(task(0, 2, checkpoint));
  expect_same(run_fresh(task(2, 4, checkpoint)), reference);
}

TEST_F(TrainingRunnerTest, trains_again_from_the_start_where_the_checkpoint_is_lost_or_damaged) {
  expect_same(run_fresh(task(2, 4, checkpoint)), reference);
  std::ofstream(checkpoint, std::ios::trunc) << "no HDF5 at all";
  expect_same(run_fresh(task(2, 4, checkpoint)), reference);
}

// Killed between the checkpoint of a finished segment and its row: the report must be sent again, with its epochs.
TEST_F(TrainingRunnerTest, reports_again_what_a_checkpoint_ahead_of_the_results_holds) {
  (void)run_fresh(task(0, 2, checkpoint));
  (void)run_fresh(task(2, 4, checkpoint));
  expect_same(run_fresh(task(2, 4, checkpoint)), reference);
}

TEST_F(TrainingRunnerTest, does_not_use_a_checkpoint_that_is_ahead_of_the_segment) {
  (void)run_fresh(task(0, 4, checkpoint));
  TrainingRunner runner(regression_data(), {}, 1e9);
  const auto first = run(runner, task(0, 2, checkpoint));
  EXPECT_EQ(first.outcome.record.last_epoch, 2);
  expect_same(run(runner, task(2, 4, checkpoint)), reference);
}

TEST_F(TrainingRunnerTest, does_not_use_the_checkpoint_of_another_trial) {
  auto other = task(0, 2, checkpoint);
  other.identity = "another trial";
  other.settings.optimizer.learning_rate = 0.5;
  (void)run_fresh(other);
  expect_same(run_fresh(task(2, 4, checkpoint)), reference);
}

TEST_F(TrainingRunnerTest, interrupted_at_any_step_resumes_to_the_same_result) {
  for (const int stop : {1, 2, 5, 7}) {
    std::filesystem::remove(checkpoint);
    (void)run_fresh(task(0, 2, checkpoint));
    const auto stopped = run_fresh(task(2, 4, checkpoint), stop);
    EXPECT_TRUE(stopped.outcome.is_interrupted);
    expect_same(run_fresh(task(2, 4, checkpoint)), reference);
  }
}

TEST_F(TrainingRunnerTest, reports_an_impossible_trial_as_failed) {
  auto impossible = task(0, 2, "");
  impossible.settings.network.cell = "lsmt";
  const auto ran = run_fresh(impossible);
  EXPECT_EQ(ran.outcome.record.ending, search::Ending::failed);
  EXPECT_NE(ran.outcome.record.message.find("did you mean 'lstm'"), std::string::npos) << ran.outcome.record.message;
}

// Recorded as a failed trial, it would make the results depend on the machine.
TEST_F(TrainingRunnerTest, throws_what_does_not_follow_from_the_settings) {
  TrainingRunner runner(regression_data(), {}, 1e9);
  SegmentHooks hooks;
  SoloGroup solo;
  hooks.wants_stop = []() -> bool { throw std::bad_alloc(); };
  EXPECT_THROW((void)runner.run(task(0, 2, ""), solo, hooks), std::bad_alloc);
  hooks.wants_stop = []() -> bool { throw ClusterError("a rank is gone"); };
  EXPECT_THROW((void)runner.run(task(0, 2, ""), solo, hooks), ClusterError);
}

TEST_F(TrainingRunnerTest, leaves_pytorch_named_weights_of_the_best_epoch) {
  (void)run_fresh(task(0, 2, checkpoint));
  const auto written = store::read_checkpoint(checkpoint);
  EXPECT_EQ(written.trial, TrialId(5));
  EXPECT_EQ(written.state.epoch, 2);
  EXPECT_EQ(written.layout.tensors.front().name, "rnn.weight_ih_l0");
  EXPECT_EQ(written.state.best_weights.size(), written.layout.size);
}

}  // namespace
}  // namespace seqsweep::trial
