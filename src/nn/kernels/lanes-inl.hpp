// SPDX-License-Identifier: Apache-2.0
//
// What every kernel file is made with: the vector type of the instruction set that the file is being compiled for.
// Highway includes a kernel file once per instruction set (hwy/foreach_target.h); hence the toggled include guard.
//
// The law of this folder: a result is made by IEEE operations (+, ×, ÷, √, fused multiply-add, min, max) in an order
// that depends on nothing but its own row. So its bits are the same for every batch it is computed in, and for every
// instruction set. No approximate reciprocals, no sums across lanes but in the fixed order of sixteen.

#if defined(SEQSWEEP_NN_KERNELS_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SEQSWEEP_NN_KERNELS_LANES_INL
#undef SEQSWEEP_NN_KERNELS_LANES_INL
#else
#define SEQSWEEP_NN_KERNELS_LANES_INL
#endif

#include <cstddef>
#include <type_traits>

#include <hwy/highway.h>

// Unrolls a loop over an array of vectors, so that the array lives in registers.
#define SEQSWEEP_UNROLL _Pragma("GCC unroll 16")

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;
constexpr Tag tag;

/// Floats in a vector: 16 (AVX-512), 8 (AVX2), 4 (NEON).
constexpr int lanes = static_cast<int>(hn::MaxLanes(Tag()));
/// Accumulators that a tile may keep in registers, beside weights and a broadcast row element.
constexpr int tile_accumulators = HWY_TARGET == HWY_AVX2 ? 12 : 24;

// Asks for a cache line in the first- or the second-level cache; any address will do.
HWY_INLINE void prefetch_near(const float* line) {
  constexpr int to_read = 0, first_level = 3;
  __builtin_prefetch(line, to_read, first_level);
}
HWY_INLINE void prefetch_far(const float* line) {
  constexpr int to_read = 0, second_level = 2;
  __builtin_prefetch(line, to_read, second_level);
}

/// Calls f(std::integral_constant<int, count>) for a count of 1 … Most known only at run time.
template <int Most, class F>
HWY_INLINE void with_constant(int count, F&& f) {
  if constexpr (Most > 1) {
    if (count < Most) return with_constant<Most - 1>(count, f);
  }
  f(std::integral_constant<int, Most>{});
}

/// Cuts first … last into tiles of nearly equal height, at most `Most` rows: f(first row, integral_constant<rows>).
template <int Most, class F>
HWY_INLINE void for_tiles(int first, int last, F&& f) {
  for (int tiles = (last - first + Most - 1) / Most; tiles > 0; --tiles) {
    const int height = (last - first + tiles - 1) / tiles;
    with_constant<Most>(height, [&](auto rows) HWY_ATTR { f(first, rows); });
    first += height;
  }
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
