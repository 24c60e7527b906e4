// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "seqsweep/core/random.hpp"
#include "seqsweep/core/sequence_batch.hpp"
#include "seqsweep/nn/gradient_block.hpp"
#include "seqsweep/nn/parameters.hpp"
#include "seqsweep/nn/scores.hpp"
#include "seqsweep/nn/spec.hpp"

namespace seqsweep::nn {

/// The norm of the loss gradient with respect to the hidden state, by distance in time from the loss.
struct GradientFlowBin {
  int layer = 0;
  int distance_from = 0;  ///< [steps], inclusive; bins are 0, 1, 2–3, 4–7, 8–15 …
  int distance_to = 0;    ///< [steps], inclusive
  double norm = 0;  ///< root mean square, over sequences and steps, of ‖∂L/∂h_t‖₂; L: a sequence's last-step loss
};

/// Keys the dropout masks of one pass: masks depend on the trial, the epoch, the sequence, the layer and the step
/// alone.
struct DropoutKey {
  RandomKey key;  ///< folded with trial and epoch; the network folds in Purpose::dropout
};

/// One shard of a training batch.
struct ShardPass {
  const SequenceBatch* batch = nullptr;
  ScoreSums scores;  ///< out, in normalised units
};

/// Who looks on while a pass runs. Functions may be empty.
struct PassHooks {
  /// After each time step back: a chance to move messages along.
  std::function<void()> between_steps;
  /// The elements begin … end - 1 of gradient.values are final. Called for the head, then for each layer
  /// from the last to the first; the embedding rows are final when the pass returns.
  std::function<void(std::size_t begin, std::size_t end)> on_gradient;
};

/// A recurrent network and its back-propagation through time: [embedding] → recurrent layers → dense head → loss.
///
/// Holds the spec, packed weights and scratch memory; the parameters are one flat block that the caller owns
/// (layout()). Outputs of a row have the same bits in every batch, gradients depend on the batch given, the parameters
/// and the key; neither depends on the instruction set. ReferenceNetwork is the same mathematics written for the
/// reader. Passes allocate nothing once they have seen their largest batch. One network is used by one thread.
class Network {
 public:
  /// Throws ConfigError for unknown names and impossible sizes.
  explicit Network(const NetworkSpec& spec);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  [[nodiscard]] const NetworkSpec& spec() const;
  [[nodiscard]] const ParameterLayout& layout() const;

  /// Writes initial weights. Those of a tensor depend on the key (the network folds in Purpose::initialisation) and
  /// the tensor's name and shape only, so that adding a layer leaves the others as they were.
  void initialise(std::span<float> parameters, RandomKey key) const;

  /// Packs the weights for the passes that follow. To be called again when they have changed. Embedding rows are not
  /// packed but read where they are: `parameters` must live, and may change there, until the next load.
  void load(std::span<const float> parameters);

  /// Forward, loss, back-propagation of shards of one batch: a single one, or as many as shards_together() allows.
  /// `gradient`, whose values must have room for the layout, becomes the sum of theirs in a binary tree,
  /// ((0+1)+(2+3)), the same bits as if each was passed alone. A shard's gradient is
  /// loss_scale · d(Σ loss)/d(parameters); that of no sequences is zero. With loss_scale = 1 / (scored count of the
  /// whole batch), all shards' gradients add up to that of the mean loss.
  void forward_backward(std::span<ShardPass> shards, GradientBlock& gradient, double loss_scale,
                        std::optional<DropoutKey> dropout, const PassHooks& hooks = {});

  /// Sequences passed together: enough for full tiles and to hide the latency of a step, few enough for their tape to
  /// stay in the second-level cache; twice as many where the weights themselves do not fit there, since each pass reads
  /// them all at every step. A larger shard is passed in pieces. Part of what makes the bits.
  [[nodiscard]] static int most_sequences_of_a_pass(const NetworkSpec& spec);
  /// How many shards of `num_sequences` each are best passed together; more gain nothing.
  [[nodiscard]] static int shards_together(const NetworkSpec& spec, int num_sequences);

  /// Forward and scores, without dropout. `target_scale` [K] turns errors into physical units; empty: all 1.
  ScoreSums evaluate(const SequenceBatch& batch, std::span<const float> target_scale = {});

  /// The head's outputs, [R × K] row-major, R = B (last step) or N (every step, packed): normalised values or logits.
  void predict(const SequenceBatch& batch, std::vector<float>& outputs);

  /// Back-propagates the loss of each sequence's last step alone and measures how much of it arrives at each distance.
  /// Forward direction of each layer; distance 0 is the last step. No dropout.
  std::vector<GradientFlowBin> gradient_flow(const SequenceBatch& batch);

  /// Bytes of packed weights and scratch memory held now. [bytes]
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

/// The parameters of a network, without making one. Throws ConfigError as Network does.
[[nodiscard]] ParameterLayout layout_of(const NetworkSpec& spec);

/// The number of scored elements or rows of a batch under a loss (ScoreSums::count without a forward pass).
[[nodiscard]] double scored_count(const NetworkSpec& spec, const SequenceBatch& batch);

/// Multiply-adds of one forward pass over `num_steps` steps of `num_sequences` sequences in all.
/// Training costs three times as much. The virtual clock of a sweep ticks in these.
[[nodiscard]] double forward_multiply_adds(const NetworkSpec& spec, double num_steps, double num_sequences);

/// Bytes that a Network needs to pass `num_shards` shards of `num_sequences` sequences of T steps together: what
/// memory_bytes() comes to. [bytes]
[[nodiscard]] double scratch_bytes(const NetworkSpec& spec, double num_sequences, double num_steps, int num_shards = 1);

}  // namespace seqsweep::nn
