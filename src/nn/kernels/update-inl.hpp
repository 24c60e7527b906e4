// SPDX-License-Identifier: Apache-2.0
//
// The two walks of an optimizer, made from its rule for one vector (optimizers/*.cpp):
//
//   update    one step: weights, gradient and slots are read once, weights and slots written once
//   replay    several steps of zero gradient: what a row of an embedding that no sequence held has missed. Weights and
//             slots stay in registers; the operations are those of `update`, so the bits are too.
//
// A rule has
//   num_slots
//   step(w, g, slots, factors)
//   can_settle(factors, largest_rate)                whether is_settled may be asked
//   is_settled(w, slots, factors, largest_rate)      lanes whose weight no later step of zero gradient changes, while
//                                                    rates are at most largest_rate
//
// When is w - x rounded to w? Neighbours of w are at least |w| 2⁻²⁴ away (just below a power of two), so x is lost if
// |x| ≤ |w| 2⁻²⁶. A rule tests this with 5 % to spare for the roundings of the test itself, and for |w| ≥ 10⁻¹⁵ only,
// far from where floats lose digits.

#if defined(SEQSWEEP_NN_KERNELS_UPDATE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SEQSWEEP_NN_KERNELS_UPDATE_INL
#undef SEQSWEEP_NN_KERNELS_UPDATE_INL
#else
#define SEQSWEEP_NN_KERNELS_UPDATE_INL
#endif

#include <algorithm>

#include "seqsweep/nn/optimizer.hpp"

#include "nn/kernels/sixteen-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {

constexpr float settled_factor = 1.05F * 67108864.0F;  // 2²⁶
constexpr float settled_least_weight = 1e-15F;

/// Lanes that are +0, not -0.
HWY_INLINE Mask is_plain_zero(Vector x) {
  const hn::RebindToSigned<Tag> bits;
  return hn::RebindMask(tag, hn::Eq(hn::BitCast(bits, x), hn::Zero(bits)));
}

/// Lanes in which rate · change, and whatever is smaller, is lost in w · divisor.
HWY_INLINE Mask is_lost(Vector w, Vector change, Vector divisor, float rate) {
  const Vector weight = hn::Abs(w);
  const Vector bound = hn::Mul(hn::Set(tag, rate * settled_factor), hn::Abs(change));
  return hn::And(hn::Ge(weight, hn::Set(tag, settled_least_weight)), hn::Le(bound, hn::Mul(weight, divisor)));
}

/// g + λ₁ sign(w) + λ₂ w
HWY_INLINE Vector with_penalty(Vector g, Vector w, float l1, float l2) {
  const Vector zero = hn::Zero(tag), one = hn::Set(tag, 1.0F);
  const Vector sign = hn::Sub(hn::IfThenElseZero(hn::Gt(w, zero), one), hn::IfThenElseZero(hn::Lt(w, zero), one));
  return hn::Add(g, hn::MulAdd(hn::Set(tag, l2), w, hn::Mul(hn::Set(tag, l1), sign)));
}

/// By value: stores through the block's pointers cannot change what it says.
template <class Rule>
HWY_INLINE void update(Rule rule, UpdateBlock block, StepFactors factors) {
  const bool has_penalty = block.l1 != 0 || block.l2 != 0;
  for_vectors(block.size, [&](std::size_t i, int, auto part) HWY_ATTR {
    Vector w = load(block.parameters + i, part);
    Vector g = hn::Zero(tag);
    if (block.gradient != nullptr) g = hn::Mul(load(block.gradient + i, part), hn::Set(tag, block.gradient_scale));
    if (has_penalty) g = with_penalty(g, w, block.l1, block.l2);
    if (block.decays) w = hn::Mul(w, hn::Set(tag, factors.kept));
    Vector slots[std::max(1, Rule::num_slots)];
    SEQSWEEP_UNROLL for (int s = 0; s < Rule::num_slots; ++s) slots[s] = load(block.slots[s] + i, part);
    rule.step(w, g, slots, factors);
    SEQSWEEP_UNROLL for (int s = 0; s < Rule::num_slots; ++s) store(slots[s], block.slots[s] + i, part);
    store(w, block.parameters + i, part);
  });
}

/// `Vectors` neighbouring vectors, whose chains of operations hide each other's latencies.
template <int Vectors, class Rule, class Part>
HWY_INLINE void replay_vectors(const Rule& rule, const UpdateBlock& block, std::size_t first, Part part,
                               std::span<const StepFactors> missed, float largest_rate) {
  constexpr int num_slots = Rule::num_slots;
  Vector w[Vectors], slots[Vectors][num_slots];
  Mask is_idle = is_plain_zero(hn::Zero(tag));
  SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) {
    const std::size_t i = first + static_cast<std::size_t>(v * lanes);
    w[v] = load(block.parameters + i, part);
    SEQSWEEP_UNROLL for (int s = 0; s < num_slots; ++s) {
      slots[v][s] = load(block.slots[s] + i, part);
      is_idle = hn::And(is_idle, is_plain_zero(slots[v][s]));
    }
  }
  if (hn::AllTrue(tag, is_idle)) return;

  constexpr std::size_t steps_between_tests = 8;
  std::size_t done = 0;
  for (; done < missed.size(); ++done) {
    if (done % steps_between_tests == 0 && missed.size() - done >= steps_between_tests &&
        rule.can_settle(missed[done], largest_rate)) {
      Mask settled = is_plain_zero(hn::Zero(tag));
      SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) settled =
          hn::And(settled, rule.is_settled(w[v], slots[v], missed[done], largest_rate));
      if (hn::AllTrue(tag, settled)) break;
    }
    SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) rule.step(w[v], hn::Zero(tag), slots[v], missed[done]);
  }
  for (; done < missed.size(); ++done) {  // only the slots still change: the compiler leaves out what makes `same`
    SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) {
      Vector same = w[v];
      rule.step(same, hn::Zero(tag), slots[v], missed[done]);
    }
  }
  SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) {
    const std::size_t i = first + static_cast<std::size_t>(v * lanes);
    store(w[v], block.parameters + i, part);
    SEQSWEEP_UNROLL for (int s = 0; s < num_slots; ++s) store(slots[v][s], block.slots[s] + i, part);
  }
}

template <class Rule>
HWY_INLINE void replay(const Rule& rule, const UpdateBlock& block, std::span<const StepFactors> missed) {
  float largest_rate = 0;
  for (const StepFactors& factors : missed) largest_rate = std::max(largest_rate, factors.rate);
  constexpr int together = HWY_TARGET == HWY_AVX2 ? 2 : 4;
  std::size_t i = 0;
  for (; i + together * lanes <= block.size; i += together * lanes)
    replay_vectors<together>(rule, block, i, WholeVector{}, missed, largest_rate);
  for (; i + lanes <= block.size; i += lanes) replay_vectors<1>(rule, block, i, WholeVector{}, missed, largest_rate);
  if (i < block.size) replay_vectors<1>(rule, block, i, hn::FirstN(tag, block.size - i), missed, largest_rate);
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
