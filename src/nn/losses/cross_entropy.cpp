// SPDX-License-Identifier: Apache-2.0
//
// Softmax cross-entropy of one class per row. Rows of a negative class are not scored.
//
//   p = softmax(ŷ)        loss = Σ_r -log p_class        dŷ = p - [k = class]        count = scored rows

#include <algorithm>
#include <cmath>

#include "nn/losses/loss.hpp"

namespace seqsweep::nn {
namespace {

template <class Scalar>
class CrossEntropy final : public Loss<Scalar> {
 public:
  [[nodiscard]] bool reads_classes() const override { return true; }

  [[nodiscard]] double count(const SequenceBatch& batch, Index, Index) const override {
    const auto is_scored = [](std::int32_t c) { return c >= 0; };
    return static_cast<double>(std::count_if(batch.classes.begin(), batch.classes.end(), is_scored));
  }

  [[nodiscard]] ScoreSums score(const LossInput<Scalar>& input, std::span<const float>) const override {
    ScoreSums sums;
    for (Index r = 0; r < input.outputs.rows(); ++r) {
      const auto target = input.batch.classes[static_cast<std::size_t>(r)];
      if (target < 0) continue;
      const auto logits = input.outputs.row(r);
      Index best = 0;
      const Scalar largest = logits.maxCoeff(&best);
      // log Σ exp(ŷ), shifted by the largest logit so that nothing overflows
      const Scalar sum = (logits.array() - largest).exp().sum();
      sums.loss +=
          std::log(static_cast<double>(sum)) + static_cast<double>(largest) - static_cast<double>(logits(target));
      sums.correct += best == target ? 1 : 0;
      sums.count += 1;
    }
    sums.elements = sums.count;
    return sums;
  }

  void differentiate(const LossInput<Scalar>& input, double scale, View<Scalar> d_outputs) const override {
    for (Index r = 0; r < input.outputs.rows(); ++r) {
      const auto target = input.batch.classes[static_cast<std::size_t>(r)];
      auto d = d_outputs.row(r);
      if (target < 0) {
        d.setZero();
        continue;
      }
      const auto logits = input.outputs.row(r);
      d = (logits.array() - logits.maxCoeff()).exp();
      d *= static_cast<Scalar>(scale) / d.sum();
      d(target) -= static_cast<Scalar>(scale);
    }
  }
};

}  // namespace

template <class Scalar>
std::unique_ptr<Loss<Scalar>> make_cross_entropy() {
  return std::make_unique<CrossEntropy<Scalar>>();
}

template std::unique_ptr<Loss<float>> make_cross_entropy();
template std::unique_ptr<Loss<double>> make_cross_entropy();

}  // namespace seqsweep::nn
