// SPDX-License-Identifier: Apache-2.0
//
// Adam and AdamW, as torch.optim has them.
//
//   AdamW first: w ← w - η λ w            weights only, not biases
//   m ← β₁ m + (1 - β₁) g
//   v ← β₂ v + (1 - β₂) g²
//   w ← w - η' · m / (√v + ε')            c = √(1 - β₂ᵗ), η' = η c / (1 - β₁ᵗ), ε' = ε c
//
// Diederik Kingma, Jimmy Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1, in the order of
// operations of the end of section 2. Ilya Loshchilov, Frank Hutter, "Decoupled weight decay regularization", ICLR
// 2019, algorithm 2. Differs from the papers: λ is multiplied with the learning rate, as PyTorch does.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/optimizers/adam.cpp"
#include <hwy/foreach_target.h>

#include "nn/kernels/update-inl.hpp"

#ifndef SEQSWEEP_NN_OPTIMIZERS_ADAM_CONSTANTS
#define SEQSWEEP_NN_OPTIMIZERS_ADAM_CONSTANTS
namespace seqsweep::nn::kernels {
struct AdamConstants {
  float beta1, one_minus_beta1, beta2, one_minus_beta2;
};
}  // namespace seqsweep::nn::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {
namespace {

struct AdamRule {
  static constexpr int num_slots = 2;
  AdamConstants constants;

  HWY_INLINE void step(Vector& w, Vector g, Vector (&slots)[2], const StepFactors& factors) const {
    Vector &m = slots[0], &v = slots[1];
    m = hn::MulAdd(hn::Set(tag, constants.beta1), m, hn::Mul(hn::Set(tag, constants.one_minus_beta1), g));
    v = hn::MulAdd(hn::Set(tag, constants.beta2), v, hn::Mul(hn::Mul(hn::Set(tag, constants.one_minus_beta2), g), g));
    const Vector change = hn::Div(m, hn::Add(hn::Sqrt(v), hn::Set(tag, factors.epsilon)));
    w = hn::NegMulAdd(hn::Set(tag, factors.rate), change, w);
  }

  // Without a gradient, each step multiplies |m| with β₁ and √v with √β₂ ≥ β₁, and ε' only grows with t: so
  // |m| / (√v + ε') never grows. What roundings add is within the test's 5 %: for normal floats 2⁻²⁴ a step, for which
  // β₁² is wanted smaller than β₂ by 10⁻⁶. Subnormal √v (< 1.1·10⁻¹⁹) does not show beside ε' ≥ 10⁻¹². Subnormal m,
  // which may stop shrinking, moves w by no more than 10³ · 1.2·10⁻³⁸ / 10⁻¹², and that is lost in any w that passes.
  HWY_INLINE bool can_settle(const StepFactors& factors, float largest_rate) const {
    return constants.beta1 * constants.beta1 * (1 + 1e-6F) < constants.beta2 && factors.epsilon >= 1e-12F &&
           largest_rate <= 1e3F;
  }
  HWY_INLINE Mask is_settled(Vector w, const Vector (&slots)[2], const StepFactors& factors, float largest_rate) const {
    const Vector divisor = hn::Add(hn::Sqrt(slots[1]), hn::Set(tag, factors.epsilon));
    return hn::Or(is_plain_zero(slots[0]), is_lost(w, slots[0], divisor, largest_rate));
  }
};

}  // namespace

void adam_update_here(const AdamConstants& constants, const UpdateBlock& block, const StepFactors& factors) {
  update(AdamRule{constants}, block, factors);
}

void adam_replay_here(const AdamConstants& constants, const UpdateBlock& block, std::span<const StepFactors> missed) {
  replay(AdamRule{constants}, block, missed);
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>

namespace seqsweep::nn {
namespace kernels {
HWY_EXPORT(adam_update_here);
HWY_EXPORT(adam_replay_here);
}  // namespace kernels

namespace {

class Adam final : public Optimizer {
 public:
  Adam(const OptimizerSpec& spec, double weight_decay)
      : beta1_(spec.beta1),
        beta2_(spec.beta2),
        epsilon_(spec.epsilon),
        weight_decay_(weight_decay),
        constants_{static_cast<float>(beta1_), static_cast<float>(1 - beta1_), static_cast<float>(beta2_),
                   static_cast<float>(1 - beta2_)} {}

  [[nodiscard]] int num_slots() const override { return 2; }

  [[nodiscard]] StepFactors factors(std::int64_t step, double learning_rate) const override {
    const auto t = static_cast<double>(step);
    const double c = std::sqrt(1 - std::pow(beta2_, t));
    return {.rate = static_cast<float>(learning_rate * c / (1 - std::pow(beta1_, t))),
            .epsilon = static_cast<float>(epsilon_ * c),
            .kept = static_cast<float>(1 - learning_rate * weight_decay_)};
  }
  [[nodiscard]] bool has_decay() const override { return weight_decay_ != 0; }

  void update(const UpdateBlock& block, const StepFactors& factors) const override {
    HWY_DYNAMIC_DISPATCH(kernels::adam_update_here)(constants_, block, factors);
  }

  // Were ε' = 0, an element that never had a gradient would become 0 / 0.
  [[nodiscard]] bool can_replay() const override {
    const auto is_a_share = [](double beta) { return beta >= 0 && beta < 1; };
    return !has_decay() && epsilon_ >= 1e-20 && is_a_share(beta1_) && is_a_share(beta2_);
  }
  void replay(const UpdateBlock& block, std::span<const StepFactors> missed) const override {
    HWY_DYNAMIC_DISPATCH(kernels::adam_replay_here)(constants_, block, missed);
  }

 private:
  double beta1_, beta2_, epsilon_, weight_decay_;
  kernels::AdamConstants constants_;
};

}  // namespace

std::unique_ptr<Optimizer> make_adam(const OptimizerSpec& spec) {
  constexpr double no_weight_decay = 0;
  return std::make_unique<Adam>(spec, no_weight_decay);
}

std::unique_ptr<Optimizer> make_adamw(const OptimizerSpec& spec) {
  return std::make_unique<Adam>(spec, spec.weight_decay);
}

}  // namespace seqsweep::nn
#endif
