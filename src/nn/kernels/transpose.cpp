// SPDX-License-Identifier: Apache-2.0
//
// Blocks of 4 × 4 by shuffles; the rest element by element. Every instruction set has vectors of four, so there is
// nothing to dispatch.

#include "nn/kernels/transpose.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void transpose_4x4(const float* from, std::size_t from_stride, float* to, std::size_t to_stride) {
  const hn::FixedTag<float, 4> four;
  const auto a = hn::LoadU(four, from), b = hn::LoadU(four, from + from_stride);
  const auto c = hn::LoadU(four, from + 2 * from_stride), d = hn::LoadU(four, from + 3 * from_stride);
  const auto ac_low = hn::InterleaveLower(four, a, c), ac_high = hn::InterleaveUpper(four, a, c);
  const auto bd_low = hn::InterleaveLower(four, b, d), bd_high = hn::InterleaveUpper(four, b, d);
  hn::StoreU(hn::InterleaveLower(four, ac_low, bd_low), four, to);
  hn::StoreU(hn::InterleaveUpper(four, ac_low, bd_low), four, to + to_stride);
  hn::StoreU(hn::InterleaveLower(four, ac_high, bd_high), four, to + 2 * to_stride);
  hn::StoreU(hn::InterleaveUpper(four, ac_high, bd_high), four, to + 3 * to_stride);
}

}  // namespace

void transpose(const Transpose& job) {
  const auto rows = static_cast<std::size_t>(job.rows), columns = static_cast<std::size_t>(job.columns);
  const std::size_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  // The shorter side runs innermost, so that lines on the other are finished while they are in the cache.
  const auto block = [&](std::size_t r, std::size_t c) {
    transpose_4x4(job.from + r * job.from_stride + c, job.from_stride, job.to + c * job.to_stride + r, job.to_stride);
  };
  if (rows <= columns) {
    for (std::size_t c = 0; c < whole_columns; c += 4)
      for (std::size_t r = 0; r < whole_rows; r += 4) block(r, c);
  } else {
    for (std::size_t r = 0; r < whole_rows; r += 4)
      for (std::size_t c = 0; c < whole_columns; c += 4) block(r, c);
  }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c)
      job.to[c * job.to_stride + r] = job.from[r * job.from_stride + c];
}

}  // namespace seqsweep::nn::kernels
HWY_AFTER_NAMESPACE();
