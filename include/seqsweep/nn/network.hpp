// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "seqsweep/core/random.hpp"
#include "seqsweep/core/sequence_batch.hpp"
#include "seqsweep/nn/parameters.hpp"
#include "seqsweep/nn/spec.hpp"

namespace seqsweep::nn {

/// What a pass over some sequences adds up to. Sums, so that parts can be added in a fixed order; in the units of the
/// (normalised) targets unless said.
struct ScoreSums {
  double loss = 0;      ///< of each scored element or row, summed
  double count = 0;     ///< scored elements (mse) or rows (cross-entropy, Bernoulli): loss / count is the mean loss
  double elements = 0;  ///< scored target elements (cross-entropy: one per row); divisor of all that follows
  double absolute_error = 0;     ///< mse: |y - ŷ| · target_scale
  double squared_error = 0;      ///< mse: (y - ŷ)² · target_scale²
  double target_sum = 0;         ///< mse: y · target_scale
  double target_square_sum = 0;  ///< mse: y² · target_scale²
  double correct = 0;            ///< rows whose largest output is the class (cross-entropy), keys right (Bernoulli)

  ScoreSums& operator+=(const ScoreSums& other);
};

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

/// A recurrent network and its back-propagation through time: [embedding] → recurrent layers → dense head → loss.
///
/// Holds the spec and scratch memory, no weights: those are one flat block that the caller owns (layout()).
/// This is the clear reference implementation. The bits of a result depend on the batch given, the parameters and the
/// key, on nothing else. One network is used by one thread at a time.
template <class Scalar>
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
  void initialise(std::span<Scalar> parameters, RandomKey key) const;

  /// Forward, loss, back-propagation. Writes (does not add) loss_scale · d(Σ loss)/d(parameters) to `gradient`.
  /// With loss_scale = 1 / (scored count of the whole batch), shard gradients add up to that of the mean loss.
  /// A batch of no sequences has a zero gradient. The returned error sums are in normalised units.
  ScoreSums forward_backward(std::span<const Scalar> parameters, const SequenceBatch& batch, double loss_scale,
                             std::optional<DropoutKey> dropout, std::span<Scalar> gradient);

  /// Forward and scores, without dropout. `target_scale` [K] turns errors into physical units; empty: all 1.
  ScoreSums evaluate(std::span<const Scalar> parameters, const SequenceBatch& batch,
                     std::span<const float> target_scale = {});

  /// The head's outputs, [R × K] row-major, R = B (last step) or N (every step, packed): normalised values or logits.
  void predict(std::span<const Scalar> parameters, const SequenceBatch& batch, std::vector<float>& outputs);

  /// Back-propagates the loss of each sequence's last step alone and measures how much of it arrives at each distance.
  /// Forward direction of each layer; distance 0 is the last step. No dropout.
  std::vector<GradientFlowBin> gradient_flow(std::span<const Scalar> parameters, const SequenceBatch& batch);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

/// The number of scored elements or rows of a batch under a loss (ScoreSums::count without a forward pass).
[[nodiscard]] double scored_count(const NetworkSpec& spec, const SequenceBatch& batch);

/// Multiply-adds of one forward pass over `num_steps` steps of `num_sequences` sequences in all.
/// Training costs three times as much. The virtual clock of a sweep ticks in these.
[[nodiscard]] double forward_multiply_adds(const NetworkSpec& spec, double num_steps, double num_sequences);

/// Bytes that a Network<float> needs for one training pass over a shard of B sequences of T steps, apart from
/// the parameter blocks.
[[nodiscard]] double scratch_bytes(const NetworkSpec& spec, double num_sequences, double num_steps);

extern template class Network<float>;
extern template class Network<double>;

}  // namespace seqsweep::nn
