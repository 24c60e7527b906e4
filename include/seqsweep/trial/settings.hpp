// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "seqsweep/nn/optimizer.hpp"
#include "seqsweep/nn/spec.hpp"

namespace seqsweep::trial {

/// What the whole sweep measures trials by.
struct Objective {
  std::uint64_t seed = 1;
  std::string metric = "val_loss";  ///< "train_loss", or "val_" and one of loss, accuracy, mae, rmse, r2
  bool is_maximised = false;
};

/// All settings of one trial: the config with the trial's point put in. The parts of `network` that the data set gives
/// are filled in by fit_to_data().
struct TrialSettings {
  nn::NetworkSpec network;
  nn::OptimizerSpec optimizer;
  int batch_size = 32;  ///< [sequences]
  int shards = 0;       ///< of a batch; 0: data::default_shards(batch_size)
  int max_epochs = 16;
  int patience = 0;      ///< [epochs] early stopping: end after so many epochs without a better metric; 0: off
  double min_delta = 0;  ///< what counts as better, at least
};

}  // namespace seqsweep::trial
