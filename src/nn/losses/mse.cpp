// SPDX-License-Identifier: Apache-2.0
//
// Squared error of normalised targets.
//
//   loss = Σ (ŷ - y)²        dŷ = 2 (ŷ - y)        count = elements, so loss / count is the mean squared error

#include <cmath>

#include "nn/losses/loss.hpp"

namespace seqsweep::nn {
namespace {

template <class Scalar>
class MeanSquaredError final : public Loss<Scalar> {
 public:
  [[nodiscard]] bool reads_classes() const override { return false; }

  [[nodiscard]] double count(const SequenceBatch&, Index R, Index K) const override {
    return static_cast<double>(R * K);
  }

  [[nodiscard]] ScoreSums score(const LossInput<Scalar>& input, std::span<const float> target_scale) const override {
    const auto y = targets_of(input.batch, input.outputs.rows(), input.outputs.cols());
    ScoreSums sums;
    for (Index r = 0; r < y.rows(); ++r) {
      for (Index k = 0; k < y.cols(); ++k) {
        const double scale = target_scale.empty() ? 1 : target_scale[static_cast<std::size_t>(k)];
        const double target = y(r, k);
        const double error = target - static_cast<double>(input.outputs(r, k));
        sums.loss += error * error;
        sums.absolute_error += std::abs(error) * scale;
        sums.squared_error += error * error * scale * scale;
        sums.target_sum += target * scale;
        sums.target_square_sum += target * target * scale * scale;
      }
    }
    sums.count = sums.elements = count(input.batch, y.rows(), y.cols());
    return sums;
  }

  void differentiate(const LossInput<Scalar>& input, double scale, View<Scalar> d_outputs) const override {
    const auto y = targets_of(input.batch, input.outputs.rows(), input.outputs.cols());
    d_outputs = static_cast<Scalar>(2 * scale) * (input.outputs - y.template cast<Scalar>());
  }
};

}  // namespace

template <class Scalar>
std::unique_ptr<Loss<Scalar>> make_mse() {
  return std::make_unique<MeanSquaredError<Scalar>>();
}

template std::unique_ptr<Loss<float>> make_mse();
template std::unique_ptr<Loss<double>> make_mse();

}  // namespace seqsweep::nn
