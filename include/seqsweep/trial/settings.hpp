// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "seqsweep/nn/optimizer.hpp"
#include "seqsweep/nn/spec.hpp"

namespace seqsweep::trial {

/// What the whole sweep measures trials by.
struct Objective {
  std::uint64_t seed = 1;
  std::string metric =
      "val_loss";  ///< "train_loss", or "val_" and one of loss, accuracy, mae, rmse, r2; of a command: its own
  bool is_maximised = false;
};

/// The user's own program as the trial.
struct CommandSpec {
  std::string command;        ///< what to run, with placeholders
  double timeout_s = 0;       ///< of one segment; 0: none
  double grace_s = 10;        ///< between SIGTERM and SIGKILL
  bool is_for_shell = false;  ///< /bin/sh -c; else the words are the arguments
};

/// All settings of one trial: the config with the trial's point put in. The parts of `network` that the data set gives
/// are filled in by fit_to_data().
struct TrialSettings {
  nn::NetworkSpec network;
  nn::OptimizerSpec optimizer;
  std::string objective = "train";  ///< "train" a network, or run a "command"
  CommandSpec command;
  std::map<std::string, std::string> parameters;  ///< of [parameters], as text; for the command
  int batch_size = 32;                            ///< [sequences]
  int shards = 0;                                 ///< of a batch; 0: data::default_shards(batch_size)
  int max_epochs = 16;
  int patience = 0;      ///< [epochs] early stopping: end after so many epochs without a better metric; 0: off
  double min_delta = 0;  ///< what counts as better, at least
};

}  // namespace seqsweep::trial
