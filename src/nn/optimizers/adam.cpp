// SPDX-License-Identifier: Apache-2.0
//
// Adam and AdamW, as torch.optim has them.
//
//   AdamW first: w ← w - η λ w            weights only, not biases
//   m ← β₁ m + (1 - β₁) g
//   v ← β₂ v + (1 - β₂) g²
//   w ← w - η/(1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
//
// Diederik Kingma, Jimmy Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
// Ilya Loshchilov, Frank Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.
// Differs from the papers: λ is multiplied with the learning rate, as PyTorch does.

#include <cmath>

#include "seqsweep/nn/optimizer.hpp"

namespace seqsweep::nn {
namespace {

class Adam final : public Optimizer {
 public:
  Adam(const OptimizerSpec& spec, const ParameterLayout& layout, double weight_decay)
      : beta1_(spec.beta1), beta2_(spec.beta2), epsilon_(spec.epsilon), weight_decay_(weight_decay), layout_(layout) {}

  [[nodiscard]] int num_slots() const override { return 2; }

  void update(std::span<float> parameters, std::span<const float> gradient, std::span<float> slots, std::int64_t step,
              double learning_rate) const override {
    if (weight_decay_ != 0) decay_weights(parameters, learning_rate);

    const std::span<float> m = slots.first(parameters.size());
    const std::span<float> v = slots.subspan(parameters.size());
    const auto t = static_cast<double>(step);
    const auto step_size = static_cast<float>(learning_rate / (1 - std::pow(beta1_, t)));
    const auto correction2_root = static_cast<float>(std::sqrt(1 - std::pow(beta2_, t)));
    const auto beta1 = static_cast<float>(beta1_), one_minus_beta1 = static_cast<float>(1 - beta1_);
    const auto beta2 = static_cast<float>(beta2_), one_minus_beta2 = static_cast<float>(1 - beta2_);
    const auto epsilon = static_cast<float>(epsilon_);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      m[i] = beta1 * m[i] + one_minus_beta1 * gradient[i];
      v[i] = beta2 * v[i] + one_minus_beta2 * gradient[i] * gradient[i];
      parameters[i] -= step_size * (m[i] / (std::sqrt(v[i]) / correction2_root + epsilon));
    }
  }

 private:
  void decay_weights(std::span<float> parameters, double learning_rate) const {
    const auto kept = static_cast<float>(1 - learning_rate * weight_decay_);
    for (const Tensor& tensor : layout_.tensors) {
      if (tensor.is_bias) continue;
      for (float& w : parameters.subspan(tensor.offset, tensor.size())) w *= kept;
    }
  }

  double beta1_, beta2_, epsilon_, weight_decay_;
  ParameterLayout layout_;
};

}  // namespace

std::unique_ptr<Optimizer> make_adam(const OptimizerSpec& spec, const ParameterLayout& layout) {
  constexpr double no_weight_decay = 0;
  return std::make_unique<Adam>(spec, layout, no_weight_decay);
}

std::unique_ptr<Optimizer> make_adamw(const OptimizerSpec& spec, const ParameterLayout& layout) {
  return std::make_unique<Adam>(spec, layout, spec.weight_decay);
}

}  // namespace seqsweep::nn
