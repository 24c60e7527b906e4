// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "seqsweep/data/dataset.hpp"
#include "seqsweep/nn/spec.hpp"
#include "seqsweep/store/records.hpp"
#include "seqsweep/trial/training.hpp"

// What a trial should come to, by formulas of their own: outputs of the reference network, all sequences at once, sums
// in double. Data whose answers differ from what a usual mistake gives.
namespace seqsweep::trial::testing_support {

/// Two targets per step with means and deviations of their own, lengths 1 … 9; 40 training, 130 validation (three
/// chunks) and 20 test sequences.
[[nodiscard]] const data::Dataset& two_targets_data();
/// A class out of 3 per step, every fourth step without one; otherwise as two_targets_data().
[[nodiscard]] const data::Dataset& gaps_data();
/// Two keys per step, on or off; otherwise as two_targets_data().
[[nodiscard]] const data::Dataset& keys_data();
/// Training targets near 3, validation and test targets near 1: a network that begins near 0 passes by what is best on
/// validation. 40, 20 and 20 sequences.
[[nodiscard]] const data::Dataset& overshooting_data();

/// A small network and SGD with a whole epoch in one step; the best epoch on overshooting_data() is neither the first
/// nor the last.
[[nodiscard]] TrialSettings overshooting_settings();

/// The scores of these weights on a split, or on a share of the steps of each of its sequences.
[[nodiscard]] store::Scores scores_by_hand(const nn::NetworkSpec& spec, std::span<const float> weights,
                                           const data::Dataset& dataset, data::Split split, double share_of_steps = 1);

/// The gradient of the mean loss over some training sequences, and the norm of it.
struct GradientByHand {
  std::vector<double> values;
  double norm = 0;
};
[[nodiscard]] GradientByHand gradient_by_hand(const nn::NetworkSpec& spec, std::span<const float> weights,
                                              const data::Dataset& dataset, std::span<const std::uint32_t> sequences);

/// 0 … num_sequences - 1 of a split.
[[nodiscard]] std::vector<std::uint32_t> all_of(const data::Dataset& dataset, data::Split split);

}  // namespace seqsweep::trial::testing_support
