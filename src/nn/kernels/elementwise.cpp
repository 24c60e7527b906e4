// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/elementwise.cpp"
#include "nn/kernels/elementwise.hpp"

#include <hwy/foreach_target.h>

#include "nn/kernels/sixteen-inl.hpp"
#include "nn/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {

void add_here(std::span<const float> left, std::span<float> right) {
  for_vectors(right.size(), [&](std::size_t i, int, auto part) HWY_ATTR {
    store(hn::Add(load(left.data() + i, part), load(right.data() + i, part)), right.data() + i, part);
  });
}

void scale_here(std::span<float> values, float factor) {
  for_vectors(values.size(), [&](std::size_t i, int, auto part) HWY_ATTR {
    store(hn::Mul(load(values.data() + i, part), hn::Set(tag, factor)), values.data() + i, part);
  });
}

void copy_rows_here(const RowsCopy& job) {
  constexpr auto vector = static_cast<std::size_t>(lanes);
  const std::size_t whole = job.width / vector * vector;
  const Mask rest = hn::FirstN(tag, job.width - whole);
  const float* from = job.from;
  float* to = job.to;
  for (std::size_t row = 0; row < job.rows; ++row, from += job.width, to += job.to_stride) {
    for (std::size_t i = 0; i < whole; i += vector) hn::StoreU(hn::LoadU(tag, from + i), tag, to + i);
    if (whole < job.width) hn::StoreU(hn::MaskedLoad(rest, tag, from + whole), tag, to + whole);
  }
}

// The square of a float is exact in double: fused or not makes no difference.
void add_squares_here(std::span<const float> values, std::array<double, 16>& sums) {
  Sixteen sixteen(sums);
  for_vectors(values.size(), [&](std::size_t i, int which, auto part) HWY_ATTR {
    const Vector x = load(values.data() + i, part);
    sixteen.multiply_add(which, x, x);
  });
  sums = sixteen.all();
}

template <class F>
HWY_INLINE void apply_each(std::span<const float> in, std::span<float> out, F&& f) {
  for_vectors(out.size(), [&](std::size_t i, int, auto part)
                              HWY_ATTR { store(f(load(in.data() + i, part)), out.data() + i, part); });
}

void apply_here(Function function, std::span<const float> in, std::span<float> out) {
  switch (function) {
    case Function::exp:
      return apply_each(in, out, [](Vector x) HWY_ATTR { return exp(x); });
    case Function::sigmoid:
      return apply_each(in, out, [](Vector x) HWY_ATTR { return sigmoid(x); });
    case Function::tanh:
      return apply_each(in, out, [](Vector x) HWY_ATTR { return tanh(x); });
  }
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "seqsweep/core/error.hpp"

namespace seqsweep::nn::kernels {
HWY_EXPORT(add_here);
HWY_EXPORT(copy_rows_here);
HWY_EXPORT(scale_here);
HWY_EXPORT(add_squares_here);
HWY_EXPORT(apply_here);

void add(std::span<const float> left, std::span<float> right) {
  SEQSWEEP_EXPECT(left.size() == right.size(), "spans to add differ in length");
  HWY_DYNAMIC_DISPATCH(add_here)(left, right);
}

void copy_rows(const RowsCopy& job) {
  HWY_DYNAMIC_DISPATCH(copy_rows_here)(job);
}
void scale(std::span<float> values, float factor) {
  HWY_DYNAMIC_DISPATCH(scale_here)(values, factor);
}

double sum_of(std::array<double, 16> values) {
  for (std::size_t half = 8; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i) values[i] += values[i + half];
  return values[0];
}

double product_of(std::array<double, 16> values) {
  for (std::size_t half = 8; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i) values[i] *= values[i + half];
  return values[0];
}

void SquareSum::add(std::span<const float> values) {
  HWY_DYNAMIC_DISPATCH(add_squares_here)(values, sums_);
}

void apply(Function function, std::span<const float> in, std::span<float> out) {
  SEQSWEEP_EXPECT(in.size() == out.size(), "function values and arguments differ in number");
  HWY_DYNAMIC_DISPATCH(apply_here)(function, in, out);
}
}  // namespace seqsweep::nn::kernels
#endif
