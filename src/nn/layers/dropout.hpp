// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "seqsweep/core/random.hpp"

#include "nn/notation.hpp"

namespace seqsweep::nn {

/// Inverted dropout of what enters one layer: an element is zeroed with the given probability, else divided by one
/// minus it, so that its mean stays. (Srivastava et al., "Dropout", JMLR 15 (2014).)
///
/// Whether an element is kept depends on the key, the layer, the sequence's id, the step and the unit alone; never on
/// the batch or shard the sequence happens to be in.
template <class Scalar>
class Dropout {
 public:
  /// `layer`: what the values enter; the head counts as layer num_layers.
  Dropout(double probability, int layer) : probability_(probability), layer_(layer) {}

  /// Draws new masks and applies them to X, packed [N × width]. Without a key X passes unchanged.
  void forward_packed(std::optional<RandomKey> key, const SequenceBatch& batch, View<Scalar> X);
  /// The same for one row per sequence, [B × width].
  void forward_per_sequence(std::optional<RandomKey> key, const SequenceBatch& batch, View<Scalar> X);
  /// Applies the masks of the last forward pass to the gradient.
  void backward(View<Scalar> dX) const;

 private:
  [[nodiscard]] bool is_off(const std::optional<RandomKey>& key) const { return !key || probability_ == 0; }
  [[nodiscard]] RandomStream stream_of(RandomKey key, std::uint32_t sequence_id) const;
  void draw_row(RandomStream& stream, Index row);

  double probability_;
  int layer_;
  bool active_ = false;
  Buffer<Scalar> mask_;  // as X: 0 or 1 / (1 - probability)
};

}  // namespace seqsweep::nn
