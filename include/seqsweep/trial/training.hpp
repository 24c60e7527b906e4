// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/data/batches.hpp"
#include "seqsweep/data/dataset.hpp"
#include "seqsweep/nn/network.hpp"
#include "seqsweep/nn/stepper.hpp"
#include "seqsweep/store/checkpoint.hpp"
#include "seqsweep/trial/gradient_tree.hpp"
#include "seqsweep/trial/group.hpp"
#include "seqsweep/trial/settings.hpp"

namespace seqsweep::trial {

/// Puts the data set's part into the network spec: features or vocabulary, outputs, head position, and the loss where
/// it is "auto". Throws ConfigError where the model cannot take the data (a loss for other targets).
[[nodiscard]] nn::NetworkSpec fit_to_data(nn::NetworkSpec spec, const data::DatasetHeader& header);

/// The mean scores that sums come to, under the loss of `spec`.
[[nodiscard]] store::Scores scores_of(const nn::NetworkSpec& spec, const nn::ScoreSums& sums);

/// The value of the sweep's metric after an epoch.
[[nodiscard]] double metric_of(const Objective& objective, const store::EpochRecord& record);

/// The value of one of the further metrics after an epoch of a network.
[[nodiscard]] double further_metric(const std::string& metric, const nn::NetworkSpec& network,
                                    const data::Dataset& dataset, const store::EpochRecord& record);

/// The scores of some weights on one split. The split is cut into fixed chunks that the ranks share out; sums are added
/// in the order of the chunks, so the bits do not depend on the ranks. Collective over the group.
/// `between_chunks` is called now and then (to answer messages).
[[nodiscard]] store::Scores evaluate_split(nn::Network& network, std::span<const float> weights,
                                           const data::Dataset& dataset, data::Split split, Group& group,
                                           const std::function<void()>& between_chunks);

/// How many of the shards of a batch a rank passes through the network together: a power of two, so that passes end
/// where subtrees of the gradient do.
[[nodiscard]] int shards_of_a_pass(const nn::NetworkSpec& spec, int batch_size, int num_shards);

/// Why train() returned.
enum class TrainingEnd {
  reached,      ///< the epoch asked for
  exhausted,    ///< early stopping
  diverged,     ///< NaN or infinity in loss or gradient
  interrupted,  ///< asked to stop; the state is at a step boundary and can go on
};

/// What train() calls while it works. All may be empty.
struct TrainingHooks {
  std::function<void(const store::EpochRecord&)> on_epoch;  ///< after each epoch, on every rank
  std::function<bool()> wants_stop;                         ///< asked at each step; one rank's yes stops the group
  std::function<void()> between_steps;                      ///< to answer messages, write a checkpoint
};

/// Where the wall time goes, summed over train() calls.
struct TrainingClock {
  double data_s = 0;       ///< [s] gathering batches
  double reduce_s = 0;     ///< [s] in all-reduces
  std::int64_t steps = 0;  ///< of the optimizer
};

/// Where a training's first state comes from.
enum class FirstState {
  initial,    ///< the trial's own initial weights
  elsewhere,  ///< restore() or share_state() brings it: initial weights would take time for nothing
};

/// One trial being trained by back-propagation through time.
///
/// The batch of a step is cut into S shards; each rank of the group computes an aligned block of them, one at a time,
/// and all S gradients are added in one fixed binary tree. So every bit is the same for any group whose size is a power
/// of two up to S, and the group may be another one at each call of train().
class Training {
 public:
  /// Throws ConfigError where the settings do not fit the data.
  Training(TrialId trial, const TrialSettings& settings, const Objective& objective, const data::Dataset& dataset,
           FirstState first_state = FirstState::initial);

  /// Trains until `to_epoch` epochs are finished or something ends it earlier. Collective over the group, whose ranks
  /// hold the same state.
  TrainingEnd train(int to_epoch, Group& group, const TrainingHooks& hooks);

  /// The best epoch's weights on the test split. Collective over the group.
  [[nodiscard]] store::Scores test_scores(Group& group, const std::function<void()>& between_chunks);

  /// Makes every rank's state that of the leader. Collective over the group.
  void share_state(Group& group);

  /// Also brings the embedding rows up to date that recent steps left for later.
  [[nodiscard]] const store::TrainingState& state() { return complete_state(); }
  /// Throws StoreError where the state is of another shape.
  void restore(store::TrainingState state, const std::string& origin);
  [[nodiscard]] TrialId trial() const { return trial_; }
  /// Epochs, with the part of the current one that is done.
  [[nodiscard]] double epochs_trained() const;
  [[nodiscard]] const nn::NetworkSpec& network_spec() const { return network_.spec(); }
  [[nodiscard]] const nn::ParameterLayout& layout() const { return network_.layout(); }
  [[nodiscard]] int num_shards() const { return num_shards_; }
  [[nodiscard]] const std::string& divergence() const { return divergence_; }  ///< what was not finite, where
  [[nodiscard]] const TrainingClock& clock() const { return clock_; }

 private:
  [[nodiscard]] data::EpochPlan plan_of_epoch_under_way() const;
  bool step(const data::EpochPlan& plan, int batch, Group& group, bool wants_stop);
  void add_shards(const data::EpochPlan& plan, int batch, int first, Group& group, bool wants_stop);
  store::TrainingState& complete_state();
  void finish_epoch(Group& group, const TrainingHooks& hooks);
  [[nodiscard]] std::vector<nn::GradientFlowBin> measure_gradient_flow();
  [[nodiscard]] bool is_better(double value) const;
  void note_improvement(const store::EpochRecord& record);
  [[nodiscard]] bool is_exhausted() const;
  [[nodiscard]] RandomKey epoch_key(Purpose purpose) const;

  TrialId trial_;
  TrialSettings settings_;
  Objective objective_;
  const data::Dataset& dataset_;
  nn::Network network_;
  nn::Stepper stepper_;
  int num_shards_;
  int shards_together_;
  GradientTree tree_;
  store::TrainingState state_;
  bool is_loaded_ = false;    ///< the network has packed the weights as they are now
  int batches_in_epoch_ = 1;  ///< of the epoch under way
  /// What early stopping waits to be bettered, by more than min_delta: not always the best epoch.
  struct Improvement {
    int epoch = 0;  ///< 0: no value yet
    double value = 0;
  } improvement_;
  std::string divergence_;
  TrainingClock clock_;

  std::vector<SequenceBatch> shard_batches_;  ///< [shards_together_]
  std::vector<nn::ShardPass> passes_;
  std::vector<StepSums> sums_;  ///< of passes_
};

}  // namespace seqsweep::trial
