// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "seqsweep/nn/optimizer.hpp"
#include "seqsweep/nn/spec.hpp"

namespace seqsweep::trial {

/// What the whole sweep measures trials by.
struct Objective {
  std::uint64_t seed = 1;
  std::string metric =
      "val_loss";  ///< "train_loss", or "val_" and one of loss, accuracy, mae, rmse, r2; of a command: its own
  bool is_maximised = false;
  /// Other objectives: taken at the epoch whose `metric` is best. The same names, and of a network its costs.
  std::vector<std::string> further_metrics = {};
};

/// What a network costs, as a metric: "parameters", its weights; "multiply_adds", of the forward pass of one sequence
/// with as many steps as the validation part has on average.
inline const std::vector<std::string> cost_metrics = {"parameters", "multiply_adds"};

/// The user's own program as the trial.
struct CommandSpec {
  std::string command;        ///< what to run, with placeholders
  double timeout_s = 0;       ///< of one segment; 0: none
  double grace_s = 10;        ///< between SIGTERM and SIGKILL
  bool is_for_shell = false;  ///< /bin/sh -c; else the words are the arguments
  int first_epoch = 1;        ///< how it numbers the first epoch in its lines: 1 or 0
  /// Parameters, by name, that {settings} has as texts: as numbers they would not be what was written (007, 1.10, nan).
  std::set<std::string> texts = {};
};

/// What an epoch on the way to a low rung does less of, so that it is cheap. Validation is always whole.
///
/// With the rungs r_1 < … < r_K [epochs], the epochs r_{k-1} + 1 … r_k train with the share r_k / r_K of the sequences
/// or of each sequence's steps; so the last of them train with all. A function of the epoch alone: a trial that waited
/// at a rung goes on as any other, and all have the same at the same epoch.
struct Fidelity {
  std::string kind = "epochs";  ///< "epochs": nothing; "data": the training sequences; "window": the steps of each
  std::vector<int> rungs = {};  ///< [epochs] of the scheduler, rising

  [[nodiscard]] bool is_less_than_whole() const { return kind != "epochs"; }
  /// r_k / r_K, for epoch 1, 2 …; 1 of epochs.
  [[nodiscard]] double share_at(int epoch) const;
  /// The last epoch that does as much as this one.
  [[nodiscard]] int same_until(int epoch) const;
  [[nodiscard]] double share_of_sequences_at(int epoch) const { return kind == "data" ? share_at(epoch) : 1; }
  [[nodiscard]] double share_of_steps_at(int epoch) const { return kind == "window" ? share_at(epoch) : 1; }
};

/// All settings of one trial: the config with the trial's point put in. The parts of `network` that the data set gives
/// are filled in by fit_to_data().
struct TrialSettings {
  nn::NetworkSpec network;
  nn::OptimizerSpec optimizer;
  std::string objective = "train";  ///< "train" a network, or run a "command"
  CommandSpec command;
  std::map<std::string, std::string> parameters;  ///< of [parameters], as text; for the command
  Fidelity fidelity;
  int batch_size = 32;  ///< [sequences]
  int shards = 0;       ///< of a batch; 0: data::default_shards(batch_size)
  int max_epochs = 16;
  int patience = 0;      ///< [epochs] early stopping: end after so many epochs without a better metric; 0: off
  double min_delta = 0;  ///< what counts as better, at least
};

}  // namespace seqsweep::trial
