// SPDX-License-Identifier: Apache-2.0
//
// RMSprop, as torch.optim has it.
//
//   v ← α v + (1 - α) g²
//   w ← w - η g / (√v + ε)        with momentum: b ← μ b + g / (√v + ε), w ← w - η b
//
// Tijmen Tieleman, Geoffrey Hinton, "Lecture 6.5: RMSprop", Coursera 2012.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/optimizers/rmsprop.cpp"
#include <hwy/foreach_target.h>

#include "nn/kernels/update-inl.hpp"

#ifndef SEQSWEEP_NN_OPTIMIZERS_RMSPROP_CONSTANTS
#define SEQSWEEP_NN_OPTIMIZERS_RMSPROP_CONSTANTS
namespace seqsweep::nn::kernels {
struct RmsPropConstants {
  float alpha, one_minus_alpha, momentum;
};
}  // namespace seqsweep::nn::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {
namespace {

template <bool has_momentum>
struct RmsPropRule {
  static constexpr int num_slots = has_momentum ? 2 : 1;
  RmsPropConstants constants;

  HWY_INLINE void step(Vector& w, Vector g, Vector (&slots)[num_slots], const StepFactors& factors) const {
    Vector& v = slots[0];
    v = hn::MulAdd(hn::Set(tag, constants.alpha), v, hn::Mul(hn::Mul(hn::Set(tag, constants.one_minus_alpha), g), g));
    Vector change = hn::Div(g, hn::Add(hn::Sqrt(v), hn::Set(tag, factors.epsilon)));
    if constexpr (has_momentum) {
      Vector& b = slots[1];
      change = b = hn::MulAdd(hn::Set(tag, constants.momentum), b, change);
    }
    w = hn::NegMulAdd(hn::Set(tag, factors.rate), change, w);
  }
  // Without a gradient there is no change, or with momentum one that never grows, as 0 ≤ μ ≤ 1.
  HWY_INLINE bool can_settle(const StepFactors&, float) const { return true; }
  HWY_INLINE Mask is_settled(Vector w, const Vector (&slots)[num_slots], const StepFactors&, float largest_rate) const {
    if constexpr (!has_momentum) return is_plain_zero(hn::Zero(tag));
    const Vector b = slots[num_slots - 1];
    return hn::Or(is_plain_zero(b), is_lost(w, b, hn::Set(tag, 1.0F), largest_rate));
  }
};

}  // namespace

void rmsprop_update_here(const RmsPropConstants& constants, const UpdateBlock& block, const StepFactors& factors) {
  if (constants.momentum == 0) return update(RmsPropRule<false>{constants}, block, factors);
  update(RmsPropRule<true>{constants}, block, factors);
}

void rmsprop_replay_here(const RmsPropConstants& constants, const UpdateBlock& block,
                         std::span<const StepFactors> missed) {
  if (constants.momentum == 0) return replay(RmsPropRule<false>{constants}, block, missed);
  replay(RmsPropRule<true>{constants}, block, missed);
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace seqsweep::nn {
namespace kernels {
HWY_EXPORT(rmsprop_update_here);
HWY_EXPORT(rmsprop_replay_here);
}  // namespace kernels

namespace {

class RmsProp final : public Optimizer {
 public:
  explicit RmsProp(const OptimizerSpec& spec)
      : epsilon_(static_cast<float>(spec.epsilon)),
        constants_{static_cast<float>(spec.alpha), static_cast<float>(1 - spec.alpha),
                   static_cast<float>(spec.momentum)} {}

  [[nodiscard]] int num_slots() const override { return constants_.momentum == 0 ? 1 : 2; }
  [[nodiscard]] StepFactors factors(std::int64_t, double learning_rate) const override {
    return {.rate = static_cast<float>(learning_rate), .epsilon = epsilon_};
  }
  void update(const UpdateBlock& block, const StepFactors& factors) const override {
    HWY_DYNAMIC_DISPATCH(kernels::rmsprop_update_here)(constants_, block, factors);
  }

  // With ε = 0, an element that never had a gradient becomes 0 / 0.
  [[nodiscard]] bool can_replay() const override {
    const auto is_a_share = [](float factor) { return factor >= 0 && factor <= 1; };
    return epsilon_ > 0 && is_a_share(constants_.alpha) && is_a_share(constants_.momentum);
  }
  void replay(const UpdateBlock& block, std::span<const StepFactors> missed) const override {
    HWY_DYNAMIC_DISPATCH(kernels::rmsprop_replay_here)(constants_, block, missed);
  }

 private:
  float epsilon_;
  kernels::RmsPropConstants constants_;
};

}  // namespace

std::unique_ptr<Optimizer> make_rmsprop(const OptimizerSpec& spec) {
  return std::make_unique<RmsProp>(spec);
}

}  // namespace seqsweep::nn
#endif
