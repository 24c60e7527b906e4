// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/nn/optimizer.hpp"
#include "seqsweep/nn/parameters.hpp"
#include "seqsweep/nn/spec.hpp"
#include "seqsweep/store/records.hpp"

namespace seqsweep::store {

/// Sums over the steps of an epoch that is not finished yet.
struct EpochProgress {
  double loss_sum = 0;  ///< Σ batch loss · count
  double count = 0;
  double norm_sum = 0;
  double norm_max = 0;
  std::int64_t clipped_steps = 0;
};

/// All that a trial needs to go on at a step boundary as if it had never stopped.
struct TrainingState {
  int epoch = 0;                    ///< finished epochs
  int batch = 0;                    ///< batches done in the epoch that runs
  std::int64_t step = 0;            ///< optimizer steps so far
  EpochProgress progress;           ///< of the epoch that runs
  std::vector<float> weights;       ///< [P]
  std::vector<float> slots;         ///< [num_slots × P]
  std::vector<float> best_weights;  ///< [P], of the best epoch so far; empty before the first
  int best_epoch = 0;
  double best_value = 0;             ///< the sweep's metric there
  std::vector<EpochRecord> history;  ///< all finished epochs: a checkpoint may be ahead of the results file
};

/// A checkpoint file: TrainingState and what is needed to use the weights without the sweep.
/// `/weights` holds the best epoch's tensors under PyTorch's names and shapes, ready for load_state_dict.
struct Checkpoint {
  TrialId trial;
  nn::NetworkSpec network;
  nn::ParameterLayout layout;
  std::map<std::string, std::string> definition;  ///< the trial's settings, "section.key" → text, for provenance
  std::string point_text;                         ///< identifies the trial's point: a checkpoint of another is refused
  std::string dataset_fingerprint;
  std::string dataset_name;
  // Normalisation of the data set that it was trained on: normalised = (raw - mean) / sd.
  std::vector<float> feature_mean, feature_sd;  ///< [D]
  std::vector<float> target_mean, target_sd;    ///< [K]
  TrainingState state;
};

/// Writes to a temporary file, fsyncs, and renames: a file of that name is always whole. Throws StoreError.
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);
/// A copy (or a further name) of a checkpoint, whole or not at all. Throws StoreError, or what std::filesystem throws.
void copy_checkpoint(const std::string& from, const std::string& to);
/// Throws StoreError where it is missing, damaged (checksums) or no checkpoint.
[[nodiscard]] Checkpoint read_checkpoint(const std::string& path);
/// RESULTS.ckpt/trial-000012.h5 for trial 12 of RESULTS.h5.
[[nodiscard]] std::string checkpoint_path(const std::string& results_path, TrialId trial);
/// The state of a trial after an epoch, which another trial may go on from: "epoch-000004", in a folder of the trial's
/// own. Of a network a checkpoint, of a command a folder.
[[nodiscard]] std::string snapshot_name(int epoch);
/// RESULTS.ckpt/trial-000012: where a trial's snapshots are.
[[nodiscard]] std::string snapshot_folder(const std::string& results_path, TrialId trial);

}  // namespace seqsweep::store
