// SPDX-License-Identifier: Apache-2.0
//
// exp, sigmoid and tanh of vectors, in float32. NaN in, NaN out. Largest errors (vector_math_test measures them against
// long double): exp 1 ulp; sigmoid 1e-7 and tanh 3e-7 absolute, both within their range.
//
//   exp(x) = 2ⁿ (1 + r + r² p(r)),  n = round(x / ln 2),  r = x - n ln 2
//     p: Stephen Moshier, Cephes mathematical library (1992), expf.c.
//   sigmoid(x) = 1 / (1 + exp(-x))
//   tanh(x) = x P(x²) / Q(x²) on ±7.905, the minimax fraction of Eigen's generic_fast_tanh_float; ±1 outside.

#if defined(SEQSWEEP_NN_KERNELS_VECTOR_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SEQSWEEP_NN_KERNELS_VECTOR_MATH_INL
#undef SEQSWEEP_NN_KERNELS_VECTOR_MATH_INL
#else
#define SEQSWEEP_NN_KERNELS_VECTOR_MATH_INL
#endif

#include "nn/kernels/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {

/// x limited to low … high. A NaN stays one: x86 minimum and maximum return their second operand if either is NaN.
HWY_INLINE Vector clamp(Vector x, float low, float high) {
  return hn::Max(hn::Set(tag, low), hn::Min(hn::Set(tag, high), x));
}

/// exp(x); at most exp(88) and at least exp(-87).
HWY_INLINE Vector exp(Vector x) {
  const auto c = [](float value) HWY_ATTR { return hn::Set(tag, value); };
  x = clamp(x, -87.0F, 88.0F);
  // Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits.
  const Vector shifted = hn::MulAdd(x, c(1.44269504088896341F), c(12582912.0F));
  const Vector n = hn::Sub(shifted, c(12582912.0F));
  Vector r = hn::NegMulAdd(n, c(0.693359375F), x);
  r = hn::NegMulAdd(n, c(-2.12194440e-4F), r);
  Vector p = hn::MulAdd(c(1.9875691500e-4F), r, c(1.3981999507e-3F));
  p = hn::MulAdd(p, r, c(8.3334519073e-3F));
  p = hn::MulAdd(p, r, c(4.1665795894e-2F));
  p = hn::MulAdd(p, r, c(1.6666665459e-1F));
  p = hn::MulAdd(p, r, c(5.0000001201e-1F));
  p = hn::MulAdd(p, hn::Mul(r, r), r);
  const hn::RebindToSigned<Tag> bits;
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(bits, shifted));
  return hn::BitCast(tag, hn::Add(hn::BitCast(bits, hn::Add(p, c(1.0F))), exponent));
}

HWY_INLINE Vector sigmoid(Vector x) {
  const Vector one = hn::Set(tag, 1.0F);
  return hn::Div(one, hn::Add(one, exp(hn::Neg(x))));
}

HWY_INLINE Vector tanh(Vector x) {
  const auto c = [](float value) HWY_ATTR { return hn::Set(tag, value); };
  x = clamp(x, -7.90531110763549805F, 7.90531110763549805F);
  const Vector x2 = hn::Mul(x, x);
  Vector p = hn::MulAdd(c(-2.76076847742355e-16F), x2, c(2.00018790482477e-13F));
  p = hn::MulAdd(p, x2, c(-8.60467152213735e-11F));
  p = hn::MulAdd(p, x2, c(5.12229709037114e-08F));
  p = hn::MulAdd(p, x2, c(1.48572235717979e-05F));
  p = hn::MulAdd(p, x2, c(6.37261928875436e-04F));
  p = hn::MulAdd(p, x2, c(4.89352455891786e-03F));
  Vector q = hn::MulAdd(c(1.19825839466702e-06F), x2, c(1.18534705686654e-04F));
  q = hn::MulAdd(q, x2, c(2.26843463243900e-03F));
  q = hn::MulAdd(q, x2, c(4.89352518554385e-03F));
  return hn::Div(hn::Mul(x, p), q);
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
