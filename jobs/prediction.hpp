// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/data/dataset.hpp"
#include "seqsweep/store/checkpoint.hpp"

namespace seqsweep::jobs {

/// Throws StoreError (naming the file) where a checkpoint has no finished epoch, or its weights and statistics do not
/// fit its network.
void check_is_trained(const store::Checkpoint& checkpoint, const std::string& checkpoint_path);

/// Throws DataError (naming `dataset_path`) where the network of the checkpoint cannot read these sequences or speaks
/// of other targets. Feature names are not kept in checkpoints: only their number is checked.
void check_fits(const store::Checkpoint& checkpoint, const data::DatasetHeader& header,
                const std::string& dataset_path);

/// A data set gives batches normalised with its own statistics; the network knows those of the data that it was trained
/// on. This undoes the one and does the other. Where both are the same, no bit is touched.
class Renormalisation {
 public:
  Renormalisation(const store::Checkpoint& checkpoint, const data::DatasetHeader& header);
  void apply(SequenceBatch& batch) const;
  /// Whether a loss over normalised targets means the same in both.
  [[nodiscard]] bool keeps_targets() const { return targets_.is_identity; }

 private:
  struct Affine {
    bool is_identity = true;
    std::vector<double> factor, shift;  // [columns]: new = old · factor + shift
    void apply(std::span<float> rows) const;
  };
  static Affine between(std::span<const float> old_mean, std::span<const float> old_sd, std::span<const float> new_mean,
                        std::span<const float> new_sd);
  Affine features_, targets_;
};

/// Some whole sequences in the order of their split; the steps of each in order.
struct PredictedRows {
  std::vector<std::int64_t> rows_of_sequence;  ///< [B] 1, or its length where there is one target per step
  std::vector<float> outputs;                  ///< [R × K] in the target's own unit, or probabilities
  std::vector<float> targets;                  ///< [R × K] in the target's own unit; empty for classes
  std::vector<std::int32_t> classes;           ///< [R]; negative: not scored; empty for others
};

/// Applies the best epoch's weights to a split, some sequences at a time, and gives the scores of all. On the data set
/// that it was trained on, these are the scores of the sweep, bit for bit. Throws StoreError where no epoch was
/// finished.
store::Scores predict_split(const store::Checkpoint& checkpoint, const std::string& checkpoint_path,
                            const data::Dataset& dataset, data::Split split,
                            const std::function<void(const PredictedRows&)>& take);

}  // namespace seqsweep::jobs
