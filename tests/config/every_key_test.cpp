// SPDX-License-Identifier: Apache-2.0
//
// Every key with a value of its own, and the field where it should be found: a key that goes to its neighbor's place
// does so when a config is read, recorded and replayed alike, so no comparison of these would show it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seqsweep/config/recorded_study.hpp"

#include "config_file.hpp"

namespace seqsweep::config {
namespace {

using search::Goal;

constexpr const char* everything = R"([sweep]
trials = 41
seed = 42
metric = val_mae
goal = maximize
concurrency = 43
time_limit = 1m30s
max_total_epochs = 44
max_multiply_adds = 45.5
target = -46.5
patience = 47
replicate_best = 48
replicates = 49
[search]
sampler = latin
scheduler = halving
grace_period = 3
reduction_factor = 5
brackets = 2
fidelity = data
round_trials = 51
interval = 52
min_trials = 53
quantile = 0.125
resample_probability = 0.375
[data]
path = a.h5
batch_size = 54
memory_limit = 3kB
[limits]
parameters = 55
memory = 2MB
multiply_adds = 56
[model]
cell = gru
activation = relu
hidden_size = 57
num_layers = 4
bidirectional = yes
dropout = 0.0625
embedding_size = 58
initialisation = he
recurrent_init = xavier
forget_bias = 0.75
loss = mse
[train]
optimizer = rmsprop
learning_rate = 0.5
momentum = 0.25
beta1 = 0.7
beta2 = 0.8
alpha = 0.6
epsilon = 0.01
weight_decay = 0.02
l1 = 0.03
l2 = 0.04
clip_norm = 0.05
schedule = step
schedule_gamma = 0.3
schedule_step = 59
max_epochs = 61
patience = 62
min_delta = 0.06
shards = 8
[cluster]
ranks_per_trial = 16
placement = restless
lost_after = 63s
checkpoint_interval = 64s
keep_checkpoints = 65
checkpoint_space = 4kB
isa = avx2
)";

void expect_study(const search::StudyOptions& study) {
  EXPECT_EQ(study.seed, 42u);
  EXPECT_EQ(study.ends.trials, 41);
  EXPECT_EQ(study.ends.epochs, 44);
  EXPECT_EQ(study.ends.multiply_adds, 45.5);
  EXPECT_EQ(study.ends.target, -46.5);
  EXPECT_EQ(study.ends.patience, 47);
  EXPECT_EQ(study.concurrency, 43);
  EXPECT_EQ(study.goal, Goal::maximize);
  EXPECT_EQ(study.replication.best, 48);
  EXPECT_EQ(study.replication.times, 49);
  EXPECT_EQ(study.sampler, "latin");
  EXPECT_EQ(study.resample_probability, 0.375);
  EXPECT_EQ(study.scheduler.name, "halving");
  EXPECT_EQ(study.scheduler.max_epochs, 61);
  EXPECT_EQ(study.scheduler.grace_period, 3);
  EXPECT_EQ(study.scheduler.reduction_factor, 5);
  EXPECT_EQ(study.scheduler.brackets, 2);
  EXPECT_EQ(study.scheduler.round_trials, 51);
  EXPECT_EQ(study.scheduler.interval, 52);
  EXPECT_EQ(study.scheduler.min_trials, 53);
  EXPECT_EQ(study.scheduler.quantile, 0.125);
}

TEST(EveryKey, of_sweep_and_search_is_found_in_the_study_as_read_and_as_recorded) {
  const auto config = read_text(everything);
  expect_study(config.study);
  expect_study(recorded_study(config.definition(), {}));
  EXPECT_EQ(config.objective.seed, 42u);
  EXPECT_EQ(config.objective.metric, "val_mae");
  EXPECT_TRUE(config.objective.is_maximised);
}

TEST(EveryKey, of_placement_and_limits_is_found_in_its_place) {
  const auto config = read_text(everything);
  EXPECT_EQ(config.placement.data_path, "a.h5");
  EXPECT_EQ(config.placement.data_memory_limit_bytes, 3000u);
  EXPECT_EQ(config.placement.time_limit_s, 90);
  EXPECT_EQ(config.placement.ranks_per_trial, 16);
  EXPECT_EQ(config.placement.policy, "restless");
  EXPECT_EQ(config.placement.lost_after_s, 63);
  EXPECT_EQ(config.placement.checkpoint_interval_s, 64);
  EXPECT_EQ(config.placement.keep_checkpoints, 65);
  EXPECT_EQ(config.placement.checkpoint_space_bytes, 4000u);
  EXPECT_EQ(config.placement.isa, "avx2");
  EXPECT_EQ(config.limits.parameters, 55);
  EXPECT_EQ(config.limits.memory_bytes, 2000000u);
  EXPECT_EQ(config.limits.epoch_multiply_adds, 56);
}

TEST(EveryKey, of_networks_and_training_is_found_in_the_settings_of_a_trial) {
  const auto settings = settings_at(read_text(everything), {});
  const auto& network = settings.network;
  EXPECT_EQ(network.cell, "gru");
  EXPECT_EQ(network.activation, "relu");
  EXPECT_EQ(network.hidden_size, 57);
  EXPECT_EQ(network.num_layers, 4);
  EXPECT_TRUE(network.bidirectional);
  EXPECT_EQ(network.dropout, 0.0625);
  EXPECT_EQ(network.embedding_size, 58);
  EXPECT_EQ(network.initialisation, "he");
  EXPECT_EQ(network.recurrent_init, "xavier");
  EXPECT_EQ(network.forget_bias, 0.75);
  EXPECT_EQ(network.loss, "mse");
  const auto& optimizer = settings.optimizer;
  EXPECT_EQ(optimizer.name, "rmsprop");
  EXPECT_EQ(optimizer.learning_rate, 0.5);
  EXPECT_EQ(optimizer.momentum, 0.25);
  EXPECT_EQ(optimizer.beta1, 0.7);
  EXPECT_EQ(optimizer.beta2, 0.8);
  EXPECT_EQ(optimizer.alpha, 0.6);
  EXPECT_EQ(optimizer.epsilon, 0.01);
  EXPECT_EQ(optimizer.weight_decay, 0.02);
  EXPECT_EQ(optimizer.l1, 0.03);
  EXPECT_EQ(optimizer.l2, 0.04);
  EXPECT_EQ(optimizer.clip_norm, 0.05);
  EXPECT_EQ(optimizer.schedule, "step");
  EXPECT_EQ(optimizer.schedule_gamma, 0.3);
  EXPECT_EQ(optimizer.schedule_step, 59);
  EXPECT_EQ(settings.batch_size, 54);
  EXPECT_EQ(settings.max_epochs, 61);
  EXPECT_EQ(settings.patience, 62);
  EXPECT_EQ(settings.min_delta, 0.06);
  EXPECT_EQ(settings.shards, 8);
  EXPECT_EQ(settings.fidelity.kind, "data");
  EXPECT_THAT(settings.fidelity.rungs, testing::ElementsAre(3, 15, 61));
}

// That the list above is complete: it stands for nothing where a key of its sections is missing.
TEST(EveryKey, stands_in_this_test) {
  const std::string text = everything;
  std::string section;
  for (const auto& key : keys()) {
    const auto dot = key.name.find('.');
    section = key.name.substr(0, dot);
    const bool has_free_keys = section == "start" || section == "parameters";
    if (section == "trial" || has_free_keys || key.name == "search.warm_start") continue;
    EXPECT_THAT(text, testing::HasSubstr("\n" + key.name.substr(dot + 1) + " = ")) << key.name;
  }
}

TEST(EveryKey, of_commands_is_found_in_its_place) {
  const auto settings =
      settings_at(read_text("[trial]\nobjective = command\ncommand = ./a\nshell = yes\nfirst_epoch = 0\ntimeout = 66s\n"
                            "grace = 67s\n"
                            "[sweep]\nmetric = value\ngoal = minimize\n"),
                  {});
  EXPECT_EQ(settings.objective, "command");
  EXPECT_EQ(settings.command.command, "./a");
  EXPECT_TRUE(settings.command.is_for_shell);
  EXPECT_EQ(settings.command.first_epoch, 0);
  EXPECT_EQ(settings.command.timeout_s, 66);
  EXPECT_EQ(settings.command.grace_s, 67);
}

}  // namespace
}  // namespace seqsweep::config
