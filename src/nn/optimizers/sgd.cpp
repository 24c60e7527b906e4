// SPDX-License-Identifier: Apache-2.0
//
// Stochastic gradient descent, with momentum as torch.optim.SGD has it.
//
//   b ← μ b + g        w ← w - η b        (without momentum: w ← w - η g)
//
// Ilya Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, section 2.
// Differs from the paper: the learning rate η stands outside of b, so that changing it takes effect at once.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/optimizers/sgd.cpp"
#include <hwy/foreach_target.h>

#include "nn/kernels/update-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {
namespace {

struct Descent {
  static constexpr int num_slots = 0;

  HWY_INLINE void step(Vector& w, Vector g, Vector (&)[1], const StepFactors& factors) const {
    w = hn::NegMulAdd(hn::Set(tag, factors.rate), g, w);
  }
};

struct Momentum {
  static constexpr int num_slots = 1;
  float momentum;

  HWY_INLINE void step(Vector& w, Vector g, Vector (&slots)[1], const StepFactors& factors) const {
    Vector& b = slots[0];
    b = hn::MulAdd(hn::Set(tag, momentum), b, g);
    w = hn::NegMulAdd(hn::Set(tag, factors.rate), b, w);
  }
  // Without a gradient |b| never grows, as 0 ≤ μ ≤ 1.
  HWY_INLINE bool can_settle(const StepFactors&, float) const { return true; }
  HWY_INLINE Mask is_settled(Vector w, const Vector (&slots)[1], const StepFactors&, float largest_rate) const {
    return hn::Or(is_plain_zero(slots[0]), is_lost(w, slots[0], hn::Set(tag, 1.0F), largest_rate));
  }
};

}  // namespace

void sgd_update_here(float momentum, const UpdateBlock& block, const StepFactors& factors) {
  if (momentum == 0) return update(Descent{}, block, factors);
  update(Momentum{momentum}, block, factors);
}

void sgd_replay_here(float momentum, const UpdateBlock& block, std::span<const StepFactors> missed) {
  if (momentum != 0) replay(Momentum{momentum}, block, missed);
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace seqsweep::nn {
namespace kernels {
HWY_EXPORT(sgd_update_here);
HWY_EXPORT(sgd_replay_here);
}  // namespace kernels

namespace {

class Sgd final : public Optimizer {
 public:
  explicit Sgd(const OptimizerSpec& spec) : momentum_(static_cast<float>(spec.momentum)) {}

  [[nodiscard]] int num_slots() const override { return momentum_ == 0 ? 0 : 1; }
  [[nodiscard]] StepFactors factors(std::int64_t, double learning_rate) const override {
    return {.rate = static_cast<float>(learning_rate)};
  }
  void update(const UpdateBlock& block, const StepFactors& factors) const override {
    HWY_DYNAMIC_DISPATCH(kernels::sgd_update_here)(momentum_, block, factors);
  }
  [[nodiscard]] bool can_replay() const override { return momentum_ >= 0 && momentum_ <= 1; }
  void replay(const UpdateBlock& block, std::span<const StepFactors> missed) const override {
    HWY_DYNAMIC_DISPATCH(kernels::sgd_replay_here)(momentum_, block, missed);
  }

 private:
  float momentum_;
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(const OptimizerSpec& spec) {
  return std::make_unique<Sgd>(spec);
}

}  // namespace seqsweep::nn
#endif
