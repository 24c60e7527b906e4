// SPDX-License-Identifier: Apache-2.0
//
// K independent keys that are on (1) or off (0), as in polyphonic music: the negative log-likelihood of a row is the
// sum over its keys (Boulanger-Lewandowski et al., "Modeling temporal dependencies in high-dimensional sequences",
// ICML 2012, section 6).
//
//   p = σ(ŷ)        loss = Σ -y log p - (1-y) log(1-p) = Σ max(ŷ, 0) - y ŷ + log(1 + exp(-|ŷ|))
//   dŷ = p - y      count = rows

#include <algorithm>
#include <cmath>

#include "nn/losses/loss.hpp"

namespace seqsweep::nn {
namespace {

template <class Scalar>
class Bernoulli final : public Loss<Scalar> {
 public:
  [[nodiscard]] bool reads_classes() const override { return false; }

  [[nodiscard]] double count(const SequenceBatch&, Index R, Index) const override { return static_cast<double>(R); }

  [[nodiscard]] ScoreSums score(const LossInput<Scalar>& input, std::span<const float>) const override {
    const auto y = targets_of(input.batch, input.outputs.rows(), input.outputs.cols());
    ScoreSums sums;
    for (Index r = 0; r < y.rows(); ++r) {
      for (Index k = 0; k < y.cols(); ++k) {
        const double logit = static_cast<double>(input.outputs(r, k));
        const double target = y(r, k);
        // This form never takes the logarithm of a rounded 0.
        sums.loss += std::max(logit, 0.0) - target * logit + std::log1p(std::exp(-std::abs(logit)));
        sums.correct += (logit > 0) == (target > 0.5) ? 1 : 0;
      }
    }
    sums.count = count(input.batch, y.rows(), y.cols());
    sums.elements = static_cast<double>(y.size());
    return sums;
  }

  void differentiate(const LossInput<Scalar>& input, double scale, View<Scalar> d_outputs) const override {
    const auto y = targets_of(input.batch, input.outputs.rows(), input.outputs.cols());
    d_outputs.array() =
        static_cast<Scalar>(scale) * (input.outputs.array().logistic() - y.template cast<Scalar>().array());
  }
};

}  // namespace

template <class Scalar>
std::unique_ptr<Loss<Scalar>> make_bernoulli() {
  return std::make_unique<Bernoulli<Scalar>>();
}

template std::unique_ptr<Loss<float>> make_bernoulli();
template std::unique_ptr<Loss<double>> make_bernoulli();

}  // namespace seqsweep::nn
