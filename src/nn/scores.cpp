// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/scores.hpp"

namespace seqsweep::nn {

ScoreSums& ScoreSums::operator+=(const ScoreSums& other) {
  loss += other.loss;
  count += other.count;
  elements += other.elements;
  absolute_error += other.absolute_error;
  squared_error += other.squared_error;
  target_sum += other.target_sum;
  target_square_sum += other.target_square_sum;
  correct += other.correct;
  return *this;
}

}  // namespace seqsweep::nn
