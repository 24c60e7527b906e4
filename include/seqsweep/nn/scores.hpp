// SPDX-License-Identifier: Apache-2.0
#pragma once

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

}  // namespace seqsweep::nn
