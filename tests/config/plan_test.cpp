// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/config/plan.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/network.hpp"

#include "config_file.hpp"

namespace seqsweep::config {
namespace {

using testing::HasSubstr;

DataFacts small_data() {
  DataFacts data;
  data.num_features = 2;
  data.train_sequences = 100;
  data.train_steps = 1000;
  data.validation_sequences = 20;
  data.validation_steps = 200;
  data.max_length = 10;
  data.dataset_bytes = 12'000;
  return data;
}

TEST(Plan, counts_parameters_and_multiply_adds_as_by_hand) {
  const auto config =
      read_with_data("batch_size = 32\n[model]\ncell = lstm\nhidden_size = 8\n[train]\nmax_epochs = 5\n");
  const auto plan = make_plan(config, small_data());
  // LSTM: four gates of 8 units, each 2 inputs, 8 hidden and two biases; the head reads 8 and has a bias.
  EXPECT_EQ(plan.parameters, 4U * 8 * (2 + 8 + 2) + 8 + 1);
  EXPECT_EQ(plan.largest_point, "");
  // A step costs 4·8·(2 + 8), the head 8 a sequence; training three times a forward pass, validation one.
  EXPECT_EQ(plan.epoch_multiply_adds, 3 * (1000 * 320 + 100 * 8) + (200 * 320 + 20 * 8));
  EXPECT_EQ(plan.trials, 16);
  EXPECT_EQ(plan.max_trial_epochs(), 16 * 5);
  EXPECT_EQ(plan.max_multiply_adds(), 16 * 5 * plan.epoch_multiply_adds);
  EXPECT_TRUE(plan.is_exhaustive);
}

TEST(Plan, counts_the_memory_of_a_rank_as_by_hand) {
  const auto config =
      read_with_data("batch_size = 30\n[model]\ncell = lstm\nhidden_size = 8\n[train]\noptimizer = adam\nshards = 4\n");
  auto data = small_data();
  auto spec = config.base.network;
  spec.num_features = 2;
  spec.loss = "mse";
  // Weights, best weights, two moments of Adam; the gradient of the two shards of 8 that are passed together, and one
  // that waits for that of the other two.
  const double blocks = 2 + 2 + 1 + 1;
  const double process = 20e6;
  const double expected = process + blocks * 393 * 4 + nn::scratch_bytes(spec, 8, 10, 2);
  EXPECT_EQ(make_plan(config, data).memory_per_rank_bytes, expected);
  EXPECT_EQ(make_plan(config, data).shared_data_bytes, 12'000);
  data.is_private = true;
  EXPECT_EQ(make_plan(config, data).memory_per_rank_bytes, expected + 12'000);
  EXPECT_EQ(make_plan(config, data).shared_data_bytes, 0);
}

TEST(Plan, finds_the_largest_model_among_choices_and_bounds) {
  const auto config = read_with_data(
      "[model]\ncell = choice(rnn, lstm, gru)\nhidden_size = int(4, 16, log)\nnum_layers = choice(1, 3, 2)\n"
      "bidirectional = choice(yes, no)\n[train]\nlearning_rate = loguniform(1e-4, 1e-1)\n");
  const auto plan = make_plan(config, small_data());
  EXPECT_EQ(plan.largest_point,
            "model.cell = lstm, model.hidden_size = 16, model.num_layers = 3, model.bidirectional = yes");
  // Each direction: 4·16·(inputs + 16 + 2), inputs 2 at first and then 32; the head reads 32.
  EXPECT_EQ(plan.parameters, 2U * 64 * (2 + 18) + 2U * 2 * 64 * (32 + 18) + 32 + 1);
}

TEST(Plan, keeps_to_conditions) {
  const auto config =
      read_with_data("[model]\ncell = choice(rnn, lstm)\nhidden_size = int(4, 100) if model.cell == rnn\n");
  // The LSTM has the default size of 64 units, and more parameters than an RNN of 100.
  EXPECT_EQ(make_plan(config, small_data()).parameters, 4U * 64 * (2 + 64 + 2) + 64 + 1);
  const auto by_layers = read_with_data(
      "[model]\ncell = rnn\nnum_layers = int(1, 3)\nhidden_size = choice(8, 200) if model.num_layers == 2\n");
  EXPECT_EQ(make_plan(by_layers, small_data()).largest_point, "model.num_layers = 2, model.hidden_size = 200");
}

TEST(Plan, follows_a_condition_on_what_has_no_size) {
  const auto config = read_with_data(
      "[train]\nschedule = choice(constant, cosine)\n[model]\nhidden_size = choice(8, 200) if train.schedule == "
      "cosine\n");
  EXPECT_EQ(make_plan(config, small_data()).largest_point, "model.hidden_size = 200");
}

TEST(Plan, of_a_grid_has_no_more_trials_than_points) {
  const auto config = read_with_data(
      "[sweep]\ntrials = 100\n[search]\nsampler = grid\n[model]\ncell = choice(rnn, lstm, gru)\n"
      "activation = choice(tanh, relu) if model.cell == rnn\n");
  const auto plan = make_plan(config, small_data());
  EXPECT_EQ(plan.grid_size, 4);
  EXPECT_EQ(plan.trials, 4);
}

TEST(Plan, refuses_what_does_not_fit_and_says_what_to_do) {
  Plan plan;
  plan.memory_per_rank_bytes = 3e9;
  plan.shared_data_bytes = 1e9;
  plan.hungriest_point = "model.hidden_size = 4096";
  EXPECT_NO_THROW(check_memory(plan, 7e9, 2));
  try {
    check_memory(plan, 6.9e9, 2);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(
        error.what(),
        "the largest trial does not fit: 2 ranks of 3.0 GB each and 1.0 GB of shared data need 7.0 GB, the node "
        "has 6.9 GB (at model.hidden_size = 4096); start fewer ranks per node, make the model or the batches "
        "smaller, or leave such points out by limits.memory");
  }
}

TEST(Plan, is_told_in_80_columns) {
  const auto config = read_with_data(
      "batch_size = choice(16, 32, 64)\n[model]\ncell = choice(rnn, lstm, gru)\nhidden_size = int(16, 256, log)\n"
      "activation = choice(tanh, relu) if model.cell == rnn\nnum_layers = int(1, 3)\n"
      "[train]\nlearning_rate = choice(0.1, 0.01, 0.001, 0.0001, 0.00001, 0.000001, 0.0000001, 0.00000001)\n");
  const auto text = text_of(make_plan(config, small_data()));
  EXPECT_THAT(text, HasSubstr("Search space, 6 dimensions\n"));
  EXPECT_THAT(text, HasSubstr("\n  model.activation     choice(tanh, relu) if model.cell == rnn\n"));
  EXPECT_THAT(text, HasSubstr("\n  trials              16\n"));
  EXPECT_THAT(text, HasSubstr("\n  epochs              256 (16 of each trial)\n"));
  EXPECT_THAT(text, HasSubstr("\n  parameters          1 319 169 at model.cell = lstm, model.hidden_size = 256,\n"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace seqsweep::config
