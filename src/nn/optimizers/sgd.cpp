// SPDX-License-Identifier: Apache-2.0
//
// Stochastic gradient descent, with momentum as torch.optim.SGD has it.
//
//   b ← m b + g        w ← w - η b        (without momentum: w ← w - η g)
//
// Ilya Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, section 2.
// Differs from the paper: the learning rate η stands outside of b, so that changing it takes effect at once.

#include "seqsweep/nn/optimizer.hpp"

namespace seqsweep::nn {
namespace {

class Sgd final : public Optimizer {
 public:
  explicit Sgd(const OptimizerSpec& spec) : momentum_(static_cast<float>(spec.momentum)) {}

  [[nodiscard]] int num_slots() const override { return momentum_ == 0 ? 0 : 1; }

  void update(std::span<float> parameters, std::span<const float> gradient, std::span<float> slots, std::int64_t,
              double learning_rate) const override {
    const auto eta = static_cast<float>(learning_rate);
    if (momentum_ == 0) {
      for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] -= eta * gradient[i];
      return;
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      slots[i] = momentum_ * slots[i] + gradient[i];
      parameters[i] -= eta * slots[i];
    }
  }

 private:
  float momentum_;
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(const OptimizerSpec& spec, const ParameterLayout&) {
  return std::make_unique<Sgd>(spec);
}

}  // namespace seqsweep::nn
