// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

#include "config_file.hpp"

namespace seqsweep::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

std::vector<std::string> dimension_names(const SweepConfig& config) {
  std::vector<std::string> names;
  for (const auto& dimension : config.space.dimensions()) names.push_back(dimension.name);
  return names;
}

// The example of the design document.
constexpr const char* weather = R"([sweep]
trials = 64                        # in all, not additional
seed = 1
metric = val_loss
goal = minimize
concurrency = 16
time_limit = 2h

[search]
sampler = random
scheduler = asha
grace_period = 1                   # [epochs]
reduction_factor = 4

[data]
path = weather.h5
batch_size = choice(16, 32, 64)    # [sequences]

[model]
cell = choice(rnn, lstm, gru)
hidden_size = int(16, 256, log)
activation = choice(tanh, relu) if model.cell == rnn
dropout = uniform(0, 0.5)

[train]
optimizer = adam
learning_rate = loguniform(1e-4, 1e-1)
l2 = loguniform(1e-8, 1e-3)
clip_norm = 1
max_epochs = 16

[cluster]
ranks_per_trial = auto
)";

TEST(ReadConfig, reads_the_example_of_the_design) {
  const auto config = read_text(weather);
  EXPECT_EQ(config.study.ends.trials, 64);
  EXPECT_EQ(config.study.concurrency, 16);
  EXPECT_TRUE(config.is_concurrency_given);
  EXPECT_EQ(config.study.scheduler.max_epochs, 16);
  EXPECT_EQ(config.placement.data_path, "weather.h5");
  EXPECT_EQ(config.placement.time_limit_s, 7200);
  EXPECT_EQ(config.placement.ranks_per_trial, 0);
  EXPECT_EQ(config.base.optimizer.clip_norm, 1);
  EXPECT_EQ(config.base.network.loss, "auto");
  EXPECT_THAT(dimension_names(config),
              ElementsAre("data.batch_size", "model.cell", "model.activation", "model.hidden_size", "model.dropout",
                          "train.learning_rate", "train.l2"));
}

TEST(Definition, does_not_depend_on_how_the_same_is_written) {
  const auto one = read_text(
      "[data]\npath = here.h5\n[model]\ncell = choice(rnn, lstm)\nhidden_size = int(8, 64, 1)\n"
      "activation = choice(tanh, relu) if model.cell in (lstm, rnn)\n"
      "[train]\nlearning_rate = 1e-3\nl1 = loguniform(1e-4,1e-1)\nclip_norm = 0\n");
  const auto other = read_text(
      "\xEF\xBB\xBF; another hand\r\n[train]\r\nclip_norm=off\r\nl1   =  loguniform( 0.0001 , .1 )\r\n"
      "learning_rate=0.001 # as ever\r\noptimizer = adam\r\n[cluster]\r\ncheckpoint_interval = 5m\r\n"
      "[model]\r\ncell = choice( rnn ,lstm)\r\n"
      "activation = choice(tanh,relu) if model.cell in(rnn,lstm)\r\nhidden_size=int(8,64)\r\nbidirectional = false\r\n"
      "[sweep]\r\nseed = 01\r\n[data]\r\npath = there.h5");
  EXPECT_EQ(one.definition(), other.definition());
  EXPECT_EQ(dimension_names(one), dimension_names(other));
}

TEST(Definition, names_every_key_but_placement_in_canonical_text) {
  const auto definition = read_text(weather).definition();
  for (const auto& key : keys()) {
    const bool is_for_commands = key.name.starts_with("trial.") && key.name != "trial.objective";
    const bool is_users_own = key.name.ends_with(".NAME");
    EXPECT_EQ(definition.contains(key.name), !key.is_placement && !is_for_commands && !is_users_own) << key.name;
  }
  EXPECT_THAT(definition, Contains(Pair("train.learning_rate", "loguniform(0.0001, 0.1)")));
  EXPECT_THAT(definition, Contains(Pair("model.activation", "choice(tanh, relu) if model.cell == rnn")));
  EXPECT_THAT(definition, Contains(Pair("model.hidden_size", "int(16, 256, log)")));
  EXPECT_THAT(definition, Contains(Pair("model.bidirectional", "no")));
  EXPECT_THAT(definition, Contains(Pair("model.loss", "auto")));
  EXPECT_THAT(definition, Contains(Pair("train.shards", "auto")));
}

TEST(Definition, changes_with_whatever_makes_results) {
  const auto base = read_with_data("[model]\ncell = choice(rnn, lstm)\n").definition();
  EXPECT_NE(base, read_with_data("[model]\ncell = choice(lstm, rnn)\n").definition());
  EXPECT_NE(base, read_with_data("[model]\ncell = lstm\n").definition());
  EXPECT_NE(base, read_with_data("[model]\ncell = choice(rnn, lstm)\n[train]\nshards = 2\n").definition());
}

TEST(Definition, resolves_goal_and_concurrency) {
  const auto by_accuracy = read_with_data("[sweep]\nmetric = val_accuracy\ntrials = 64\n");
  EXPECT_EQ(by_accuracy.definition().at("sweep.goal"), "maximize");
  EXPECT_TRUE(by_accuracy.objective.is_maximised);
  EXPECT_EQ(by_accuracy.definition().at("sweep.concurrency"), "8");
  EXPECT_FALSE(by_accuracy.is_concurrency_given);
  EXPECT_EQ(
      by_accuracy.definition(),
      read_with_data("[sweep]\nconcurrency = 8\nmetric = val_accuracy\ntrials = 64\ngoal = maximize").definition());
  EXPECT_EQ(read_with_data("[sweep]\nmetric = val_rmse\n").study.goal, search::Goal::minimize);
  EXPECT_EQ(read_with_data("[sweep]\nmetric = val_r2\ngoal = minimize\n").study.goal, search::Goal::minimize);
}

TEST(Definition, is_that_of_the_study) {
  const auto config = read_with_data("[sweep]\nseed = 9007199254740993\n[train]\nmax_epochs = 81\n");
  EXPECT_EQ(config.study.seed, 9007199254740993U);
  EXPECT_EQ(config.objective.seed, config.study.seed);
  EXPECT_EQ(config.definition().at("sweep.seed"), "9007199254740993");
  EXPECT_EQ(config.base.max_epochs, 81);
  EXPECT_EQ(config.study.scheduler.max_epochs, 81);
}

TEST(Overrides, win_over_the_file_and_may_search_or_fix_a_key) {
  const std::string file = "[model]\ncell = choice(rnn, lstm)\nhidden_size = 32\n";
  const auto config = read_with_data(file, {"model.cell=gru", "model.hidden_size = int(8, 16)", "train.l2=1e-5"});
  EXPECT_EQ(config.base.network.cell, "gru");
  EXPECT_THAT(dimension_names(config), ElementsAre("model.hidden_size"));
  EXPECT_EQ(config.base.optimizer.l2, 1e-5);
  EXPECT_EQ(config.definition(),
            read_with_data("[model]\nhidden_size = int(8, 16)\ncell = gru\n[train]\nl2 = 0.00001\n").definition());
}

TEST(Overrides, may_give_the_data_set) {
  EXPECT_EQ(read_text("", {"data.path=there.h5"}).placement.data_path, "there.h5");
}

TEST(Conditions, on_constants_are_resolved) {
  const std::string condition = "activation = choice(tanh, relu) if model.cell == rnn\n";
  const auto held = read_with_data("[model]\ncell = rnn\n" + condition);
  EXPECT_EQ(held.definition().at("model.activation"), "choice(tanh, relu)");
  const auto missed = read_with_data("[model]\ncell = lstm\n" + condition);
  EXPECT_EQ(missed.space.size(), 0U);
  EXPECT_EQ(missed.definition(), read_with_data("[model]\ncell = lstm\n").definition());
}

TEST(Conditions, on_what_never_exists_never_hold) {
  const auto config = read_with_data(
      "[model]\ncell = lstm\nactivation = choice(tanh, relu) if model.cell == rnn\n"
      "dropout = uniform(0, 0.5) if model.activation == tanh\n");
  EXPECT_EQ(config.space.size(), 0U);
}

TEST(Conditions, come_after_their_key_whatever_the_order_of_the_table) {
  const auto config = read_text(
      "[model]\ncell = choice(rnn, lstm)\n[data]\npath = a.h5\nbatch_size = choice(8, 16) if model.cell == rnn\n");
  EXPECT_THAT(dimension_names(config), ElementsAre("model.cell", "data.batch_size"));
}

TEST(Conditions, on_integers_compare_numbers) {
  const auto config =
      read_with_data("[model]\nnum_layers = int(1, 3)\ndropout = uniform(0, 0.5) if model.num_layers in (03, 2)\n");
  EXPECT_EQ(config.definition().at("model.dropout"), "uniform(0, 0.5) if model.num_layers in (2, 3)");
}

TEST(ReadConfig, takes_hash_and_semicolon_comments_and_paths_with_semicolons) {
  const auto config = read_text("; one\n# two\n[data] ; three\npath = a;b.h5 ; four\n\tbatch_size\t=\t8# five\n");
  EXPECT_EQ(config.placement.data_path, "a;b.h5");
  EXPECT_EQ(config.base.batch_size, 8);
}

TEST(ReadConfig, reads_durations_and_sizes_with_their_units) {
  const auto limit = [](const std::string& text) {
    return read_with_data("[sweep]\ntime_limit = " + text + "\n").placement.time_limit_s;
  };
  EXPECT_EQ(limit("2h"), 7200);
  EXPECT_EQ(limit("30m"), 1800);
  EXPECT_EQ(limit("90s"), 90);
  EXPECT_EQ(limit("1d"), 86400);
  EXPECT_EQ(limit("1h30m"), 5400);
  EXPECT_EQ(limit("none"), 0);
  const auto memory = [](const std::string& text) {
    return read_text("[data]\npath = a.h5\nmemory_limit = " + text).placement.data_memory_limit_bytes;
  };
  EXPECT_EQ(memory("4GB"), 4'000'000'000U);
  EXPECT_EQ(memory("1.5 kB"), 1500U);
  EXPECT_EQ(memory("2GiB"), 2147483648U);
}

}  // namespace
}  // namespace seqsweep::config
