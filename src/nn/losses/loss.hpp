// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/nn/network.hpp"

#include "nn/notation.hpp"

namespace seqsweep::nn {

/// What the head gave and what it should have given: outputs [R × K] against targets [R × K] or classes [R].
template <class Scalar>
struct LossInput {
  ConstView<Scalar> outputs;
  const SequenceBatch& batch;
};

/// A loss, summed over scored elements or rows; the caller divides.
template <class Scalar>
class Loss {
 public:
  virtual ~Loss() = default;
  /// Compares with batch.classes if true, else with batch.targets.
  [[nodiscard]] virtual bool reads_classes() const = 0;
  /// ScoreSums::count of a batch whose head gives R × K outputs.
  [[nodiscard]] virtual double count(const SequenceBatch& batch, Index R, Index K) const = 0;
  /// `target_scale` [K], or empty for 1.
  [[nodiscard]] virtual ScoreSums score(const LossInput<Scalar>& input, std::span<const float> target_scale) const = 0;
  /// Writes d_outputs [R × K] = scale · d(Σ loss)/d(outputs).
  virtual void differentiate(const LossInput<Scalar>& input, double scale, View<Scalar> d_outputs) const = 0;
};

template <class Scalar>
using MakeLoss = std::unique_ptr<Loss<Scalar>> (*)();

template <class Scalar>
[[nodiscard]] std::span<const CatalogueEntry<MakeLoss<Scalar>>> loss_catalogue();

template <class Scalar>
[[nodiscard]] std::unique_ptr<Loss<Scalar>> make_loss(const NetworkSpec& spec) {
  return find_in(loss_catalogue<Scalar>(), "loss", spec.loss).make();
}

/// batch.targets as a matrix [R × K].
[[nodiscard]] inline ConstView<float> targets_of(const SequenceBatch& batch, Index R, Index K) {
  return {batch.targets.data(), R, K};
}

}  // namespace seqsweep::nn
