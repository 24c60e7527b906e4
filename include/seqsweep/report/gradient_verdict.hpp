// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seqsweep/nn/network.hpp"

namespace seqsweep::report {

// How far the loss gradient gets back through time. Pascanu, Mikolov, Bengio 2013, "On the difficulty of training
// recurrent neural networks", section 2: as a product of one Jacobian per step, its norm shrinks or grows exponentially
// with the distance from the loss. So the measure is the ratio of the norm at the largest measured distance to the
// norm at the loss, and the distance over which it halves or doubles. The paper gives no numbers for "vanished"; ours:
/// Below this ratio the gradient vanishes: the far steps move the weights a thousand times less than the last one.
constexpr double vanishing_ratio = 1e-3;
/// Above this ratio it explodes. Section 3.2 of the paper clips at half to ten times the average norm: ten times is
/// the most that it still takes for usual.
constexpr double exploding_ratio = 10;

enum class GradientHealth { healthy, vanishing, exploding, unknown };
[[nodiscard]] std::string_view name_of(GradientHealth health);

/// What the gradient flow of one layer says.
struct GradientVerdict {
  int layer = 0;
  GradientHealth health = GradientHealth::unknown;
  double ratio = 0;       ///< norm at the largest distance / norm at the loss
  int distance_from = 0;  ///< [steps] the largest measured distance, a bin
  int distance_to = 0;    ///< [steps]
  /// [steps] over which half of it is lost (positive) or it doubles (negative); nothing where it keeps its size.
  std::optional<double> halving_steps;
  std::string sentence;  ///< all of it in words
};

/// One verdict per layer, in order of layers, from the flow measured after one epoch.
[[nodiscard]] std::vector<GradientVerdict> judge_gradient_flow(std::span<const nn::GradientFlowBin> flow);

/// The optimizer steps of a trial as one sentence: how many were clipped, how far the largest gradient norm was above
/// the mean. `norm_mean` and `norm_max` are over the same steps.
[[nodiscard]] std::string describe_steps(double clipped_fraction, double norm_mean, double norm_max);

}  // namespace seqsweep::report
