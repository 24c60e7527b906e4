// SPDX-License-Identifier: Apache-2.0
//
// search.fidelity: what it asks for, and what it makes training cost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/config/plan.hpp"
#include "seqsweep/config/recorded_study.hpp"

#include "config_file.hpp"
#include "error_cases.hpp"

namespace seqsweep::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Rungs at 1, 4 and 16 epochs.
SweepConfig with_fidelity(const std::string& kind, const std::string& more = "") {
  return read_with_data("batch_size = 16\n[model]\ncell = lstm\nhidden_size = 8\n[search]\nfidelity = " + kind + "\n" +
                        more);
}

// 60 training sequences of 4 steps, 40 of 20.
DataFacts small_data() {
  DataFacts data;
  data.num_features = 2;
  data.train_sequences = 100;
  data.train_steps = 1040;
  data.train_lengths = {{4, 60}, {20, 40}};
  data.validation_sequences = 20;
  data.validation_steps = 200;
  data.max_length = 20;
  return data;
}

// As in plan_test.cpp: a step of this LSTM costs 4·8·(2 + 8), the head 8 a sequence; training three times as much.
double epoch_cost(double train_steps, double train_sequences) {
  return 3 * (train_steps * 320 + train_sequences * 8) + (200 * 320 + 20 * 8);
}

double cost(const SweepConfig& config, int from_epoch, int to_epoch) {
  return segment_cost(config, small_data(), {}, from_epoch, to_epoch);
}

TEST(Fidelity, follows_the_rungs_of_the_scheduler) {
  EXPECT_THAT(with_fidelity("data").base.fidelity.rungs, ElementsAre(1, 4, 16));
  EXPECT_THAT(with_fidelity("data", "scheduler = halving\ngrace_period = 3\n").base.fidelity.rungs,
              ElementsAre(3, 12, 16));
  EXPECT_THAT(with_fidelity("data", "scheduler = hyperband\ngrace_period = 3\n").base.fidelity.rungs,
              ElementsAre(4, 16));
}

TEST(Fidelity, of_epochs_costs_the_same_in_every_epoch) {
  const auto config = with_fidelity("epochs");
  EXPECT_EQ(cost(config, 0, 1), epoch_cost(1040, 100));
  EXPECT_EQ(cost(config, 1, 16), 15 * epoch_cost(1040, 100));
}

TEST(Fidelity, of_data_costs_what_the_sequences_do) {
  const auto config = with_fidelity("data");
  const double first = epoch_cost(166, 16), second = epoch_cost(260, 25), third = epoch_cost(1040, 100);
  EXPECT_EQ(cost(config, 0, 1), first) << "6 would do, a batch is 16, of 10.4 steps on average";
  EXPECT_EQ(cost(config, 1, 4), 3 * second);
  EXPECT_EQ(cost(config, 4, 16), 12 * third);
  EXPECT_EQ(cost(config, 0, 16), first + 3 * second + 12 * third);
  EXPECT_EQ(cost(config, 3, 6), second + 2 * third);
}

TEST(Fidelity, of_a_window_costs_what_the_steps_do) {
  const auto config = with_fidelity("window", "grace_period = 8\nreduction_factor = 2\n");
  EXPECT_EQ(cost(config, 0, 8), 8 * epoch_cost(60 * 4 + 40 * 10, 100));
  EXPECT_EQ(cost(config, 8, 16), 8 * epoch_cost(1040, 100));
}

TEST(Fidelity, of_a_command_costs_its_share_of_the_epochs) {
  const auto config = read_text(
      "[trial]\nobjective = command\ncommand = ./run {x} {fidelity}\n[parameters]\nx = uniform(0, 1)\n"
      "[sweep]\nmetric = error\n[train]\nmax_epochs = 16\n[search]\nfidelity = data\n");
  const search::Point point{{0.5}};
  EXPECT_EQ(segment_cost(config, {}, point, 1, 4), 3 * 0.25);
  EXPECT_EQ(segment_cost(config, {}, point, 0, 16), 16);
}

TEST(Fidelity, is_a_part_of_the_plan) {
  const auto plan = make_plan(with_fidelity("data"), small_data());
  EXPECT_EQ(plan.epoch_multiply_adds, epoch_cost(1040, 100));
  EXPECT_EQ(plan.max_multiply_adds(), 16 * cost(with_fidelity("data"), 0, 16));
  EXPECT_THAT(text_of(plan), HasSubstr("data: 6.25 % to epoch 1, 25 % to epoch 4,"));
  EXPECT_THAT(text_of(make_plan(with_fidelity("epochs"), small_data())), testing::Not(HasSubstr("fidelity")));
}

TEST(Fidelity, does_not_relax_a_limit_on_the_cost_of_an_epoch) {
  const auto config = with_fidelity("data", "[limits]\nmultiply_adds = 1e6\n");
  EXPECT_NE(objection_to(config, small_data(), {}), std::nullopt);
}

TEST(Fidelity, is_refused_where_there_are_no_rungs_and_where_they_could_not_be_compared) {
  expect_errors({{"[search]\nfidelity = data\nscheduler = median\n",
                  "a.ini:4: search.fidelity = data makes the way to lower rungs cheap, and search.scheduler = median "
                  "has none; leave it out, or choose one of asha, halving, hyperband"},
                 {"[search]\nscheduler = none\nfidelity = window\n",
                  "a.ini:5: search.fidelity = window makes the way to lower rungs cheap, and search.scheduler = none "
                  "has none; leave it out, or choose one of asha, halving, hyperband"},
                 {"[sweep]\nmetric = train_loss\n[search]\nfidelity = data\n",
                  "a.ini:4: sweep.metric = train_loss is of other data at each rung with search.fidelity = data; "
                  "choose one that begins with val_"}},
                with_data);
}

TEST(Fidelity, keeps_a_replay_to_the_rungs_that_were_recorded) {
  const auto replayed = [](const std::string& kind, const std::string& change) -> std::string {
    try {
      (void)recorded_study(with_fidelity(kind).definition(), std::vector<std::string>{change});
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(replayed("epochs", "search.reduction_factor=2"), "");
  EXPECT_THAT(replayed("data", "search.reduction_factor=2"), HasSubstr("the rungs at 1, 4, 16 epochs"));
  EXPECT_THAT(replayed("data", "search.scheduler=median"), HasSubstr("the rungs at 1, 4, 16 epochs"));
  EXPECT_EQ(replayed("data", "search.scheduler=hyperband"), "") << "it has the same ones";
  EXPECT_EQ(replayed("data", "search.sampler=random"), "");
  EXPECT_THAT(replayed("data", "search.fidelity=epochs"), HasSubstr("search.fidelity cannot be changed"));
}

}  // namespace
}  // namespace seqsweep::config
