// SPDX-License-Identifier: Apache-2.0
//
// RMSprop, as torch.optim has it.
//
//   v ← α v + (1 - α) g²
//   w ← w - η g / (√v + ε)        with momentum: b ← m b + g / (√v + ε), w ← w - η b
//
// Tijmen Tieleman, Geoffrey Hinton, "Lecture 6.5: RMSprop", Coursera 2012.

#include <cmath>

#include "seqsweep/nn/optimizer.hpp"

namespace seqsweep::nn {
namespace {

class RmsProp final : public Optimizer {
 public:
  explicit RmsProp(const OptimizerSpec& spec)
      : alpha_(spec.alpha), epsilon_(static_cast<float>(spec.epsilon)), momentum_(static_cast<float>(spec.momentum)) {}

  [[nodiscard]] int num_slots() const override { return momentum_ == 0 ? 1 : 2; }

  void update(std::span<float> parameters, std::span<const float> gradient, std::span<float> slots, std::int64_t,
              double learning_rate) const override {
    const std::span<float> v = slots.first(parameters.size());
    const std::span<float> b = slots.subspan(parameters.size());
    const auto alpha = static_cast<float>(alpha_), one_minus_alpha = static_cast<float>(1 - alpha_);
    const auto eta = static_cast<float>(learning_rate);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      v[i] = alpha * v[i] + one_minus_alpha * gradient[i] * gradient[i];
      const float scaled = gradient[i] / (std::sqrt(v[i]) + epsilon_);
      if (momentum_ == 0) {
        parameters[i] -= eta * scaled;
      } else {
        b[i] = momentum_ * b[i] + scaled;
        parameters[i] -= eta * b[i];
      }
    }
  }

 private:
  double alpha_;
  float epsilon_, momentum_;
};

}  // namespace

std::unique_ptr<Optimizer> make_rmsprop(const OptimizerSpec& spec, const ParameterLayout&) {
  return std::make_unique<RmsProp>(spec);
}

}  // namespace seqsweep::nn
