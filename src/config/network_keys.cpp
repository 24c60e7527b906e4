// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/catalogues.hpp"
#include "seqsweep/nn/optimizer.hpp"

#include "key_table.hpp"

namespace seqsweep::config {
namespace {

using Names = std::vector<std::string>;
using Config = SweepConfig;
using Settings = trial::TrialSettings;

Names optimizer_names() {
  return names_of(nn::optimizer_catalogue());
}
Names schedule_names() {
  return names_of(nn::schedule_catalogue());
}
Names loss_names_and_auto() {
  auto names = nn::loss_names();
  names.insert(names.begin(), "auto");
  return names;
}

}  // namespace

// One paragraph a key.
// clang-format off
std::vector<Key> make_data_keys() {
  return {
      {.section = "data", .name = "path", .kind = Kind::path, .role = Role::placement,
       .help = "The data set, as `seqsweep dataset` makes it; a relative path starts at the working directory. "
               "Required.", .place = [](Config& c) -> Slot { return &c.placement.data_path; },
       .only_if = for_networks},
      {.section = "data", .name = "batch_size", .role = Role::searchable, .range = between(1, 1e6),
       .unit = "sequences", .help = "Sequences in a minibatch.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.batch_size; }},
      {.section = "data", .name = "memory_limit", .kind = Kind::size, .role = Role::placement, .range = at_least(0),
       .zero_name = "auto",
       .help = "A larger data set is read from its file batch by batch: 4GB, 500MB, 2GiB. auto: half of the node's "
               "memory.", .place = [](Config& c) -> Slot { return &c.placement.data_memory_limit_bytes; },
       .only_if = for_networks},
  };
}

std::vector<Key> make_model_keys() {
  return {
      {.section = "model", .name = "cell", .kind = Kind::name, .role = Role::searchable, .names = nn::cell_names,
       .help = "The recurrent cell.", .place = [](Settings& s) -> Slot { return &s.network.cell; }},
      {.section = "model", .name = "activation", .kind = Kind::name, .role = Role::searchable,
       .names = nn::activation_names, .help = "Of cell rnn only.",
       .place = [](Settings& s) -> Slot { return &s.network.activation; },
       .only_if = {"model.cell", {"rnn"}}},
      {.section = "model", .name = "hidden_size", .role = Role::searchable, .range = between(1, 65536),
       .unit = "units", .help = "Of each layer and direction.",
       .place = [](Settings& s) -> Slot { return &s.network.hidden_size; }},
      {.section = "model", .name = "num_layers", .role = Role::searchable, .range = between(1, 64),
       .help = "Recurrent layers, stacked.", .place = [](Settings& s) -> Slot { return &s.network.num_layers; }},
      {.section = "model", .name = "bidirectional", .kind = Kind::yes_no, .role = Role::searchable,
       .help = "Each layer reads the sequence in both directions. Refused where the target of a step is the input of a later one, as "
               "in language models and piano rolls.",
       .place = [](Settings& s) -> Slot { return &s.network.bidirectional; }},
      {.section = "model", .name = "dropout", .kind = Kind::real, .role = Role::searchable, .range = probability,
       .help = "Probability, on what enters each layer but the first, and the head.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.network.dropout; }},
      {.section = "model", .name = "embedding_size", .role = Role::searchable, .range = between(1, 65536),
       .unit = "units", .help = "Of each token; for token input only.",
       .place = [](Settings& s) -> Slot { return &s.network.embedding_size; }},
      {.section = "model", .name = "initialisation", .kind = Kind::name, .role = Role::searchable,
       .names = nn::initialisation_names, .help = "Of input and head weights.",
       .place = [](Settings& s) -> Slot { return &s.network.initialisation; }},
      {.section = "model", .name = "recurrent_init", .kind = Kind::name, .role = Role::searchable,
       .names = nn::recurrent_init_names, .help = "Of the hidden-to-hidden weights.",
       .place = [](Settings& s) -> Slot { return &s.network.recurrent_init; }},
      {.section = "model", .name = "forget_bias", .kind = Kind::real, .role = Role::searchable,
       .help = "Added to the LSTM's forget gate bias at initialisation.",
       .place = [](Settings& s) -> Slot { return &s.network.forget_bias; },
       .only_if = {"model.cell", {"lstm"}}},
      {.section = "model", .name = "loss", .kind = Kind::name, .names = loss_names_and_auto,
       .help = "auto: what suits the data set's targets.",
       .place = [](Settings& s) -> Slot { return &s.network.loss; }},
  };
}

std::vector<Key> make_optimizer_keys() {
  return {
      {.section = "train", .name = "optimizer", .kind = Kind::name, .role = Role::searchable,
       .names = optimizer_names, .help = "Formulas and defaults are those of torch.optim.",
       .place = [](Settings& s) -> Slot { return &s.optimizer.name; }},
      {.section = "train", .name = "learning_rate", .kind = Kind::real, .role = Role::searchable,
       .range = more_than(0), .help = "Of the first epoch; the schedule changes it.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.optimizer.learning_rate; }},
      {.section = "train", .name = "momentum", .kind = Kind::real, .role = Role::searchable, .range = probability,
       .help = "sgd, rmsprop.", .place = [](Settings& s) -> Slot { return &s.optimizer.momentum; },
       .only_if = {"train.optimizer", {"sgd", "rmsprop"}}},
      {.section = "train", .name = "beta1", .kind = Kind::real, .role = Role::searchable, .range = probability,
       .help = "adam, adamw: decay of the first moment.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.optimizer.beta1; },
       .only_if = {"train.optimizer", {"adam", "adamw"}}},
      {.section = "train", .name = "beta2", .kind = Kind::real, .role = Role::searchable, .range = probability,
       .help = "adam, adamw: decay of the second moment.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.optimizer.beta2; },
       .only_if = {"train.optimizer", {"adam", "adamw"}}},
      {.section = "train", .name = "alpha", .kind = Kind::real, .role = Role::searchable, .range = probability,
       .help = "rmsprop: smoothing.", .may_change = true,
       .place = [](Settings& s) -> Slot { return &s.optimizer.alpha; },
       .only_if = {"train.optimizer", {"rmsprop"}}},
      {.section = "train", .name = "epsilon", .kind = Kind::real, .role = Role::searchable, .range = more_than(0),
       .help = "adam, adamw, rmsprop: keeps the divisor from zero.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.optimizer.epsilon; },
       .only_if = {"train.optimizer", {"adam", "adamw", "rmsprop"}}},
      {.section = "train", .name = "weight_decay", .kind = Kind::real, .role = Role::searchable, .range = at_least(0),
       .help = "adamw: decoupled.", .may_change = true,
       .place = [](Settings& s) -> Slot { return &s.optimizer.weight_decay; },
       .only_if = {"train.optimizer", {"adamw"}}},
      {.section = "train", .name = "l1", .kind = Kind::real, .role = Role::searchable, .range = at_least(0),
       .help = "Adds l1 sign(w) to the gradient of weights, not of biases.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.optimizer.l1; }},
      {.section = "train", .name = "l2", .kind = Kind::real, .role = Role::searchable, .range = at_least(0),
       .help = "Adds l2 w to the gradient of weights, not of biases.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.optimizer.l2; }},
      {.section = "train", .name = "clip_norm", .kind = Kind::real, .role = Role::searchable, .range = at_least(0),
       .zero_name = "off", .help = "Scales a larger gradient down to this norm.",
       .may_change = true, .place = [](Settings& s) -> Slot { return &s.optimizer.clip_norm; }},
      {.section = "train", .name = "schedule", .kind = Kind::name, .role = Role::searchable, .names = schedule_names,
       .help = "Of the learning rate over epochs.",
       .place = [](Settings& s) -> Slot { return &s.optimizer.schedule; }},
      {.section = "train", .name = "schedule_gamma", .kind = Kind::real, .role = Role::searchable,
       .range = {.low = 0, .high = 1, .is_low_excluded = true}, .help = "step: the factor.",
       .place = [](Settings& s) -> Slot { return &s.optimizer.schedule_gamma; },
       .only_if = {"train.schedule", {"step"}}},
      {.section = "train", .name = "schedule_step", .role = Role::searchable, .range = between(1, 1e6),
       .unit = "epochs", .help = "step: between factors.",
       .place = [](Settings& s) -> Slot { return &s.optimizer.schedule_step; },
       .only_if = {"train.schedule", {"step"}}},
  };
}

std::vector<Key> make_training_keys() {
  return {
      {.section = "train", .name = "max_epochs", .range = between(1, 1e6), .unit = "epochs",
       .help = "The longest that a trial is trained. With trial.objective = command: 1 where it is not written.", .place = [](Settings& s) -> Slot { return &s.max_epochs; }},
      {.section = "train", .name = "patience", .role = Role::searchable, .range = between(0, 1e6), .zero_name = "off",
       .unit = "epochs", .help = "Early stopping: end a trial after so many epochs without a better metric.",
       .place = [](Settings& s) -> Slot { return &s.patience; }},
      {.section = "train", .name = "min_delta", .kind = Kind::real, .role = Role::searchable, .range = at_least(0),
       .help = "Early stopping: an epoch counts only if it is better by more than this, in the metric's unit. The best epoch "
               "is the best all the same.",
       .place = [](Settings& s) -> Slot { return &s.min_delta; },
       .only_if = {"train.patience", {"off"}, excluded}},
      {.section = "train", .name = "shards", .range = powers_of_two, .zero_name = "auto",
       .help = "Parts of a batch whose gradients are added in a fixed tree: the most ranks that can share a trial. "
               "auto: one per 8 sequences, at most 16.", .place = [](Settings& s) -> Slot { return &s.shards; }},
  };
}
// clang-format on

}  // namespace seqsweep::config
