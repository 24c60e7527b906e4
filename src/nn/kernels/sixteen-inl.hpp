// SPDX-License-Identifier: Apache-2.0
//
// Walks along spans of any length, and sums that come out the same for every instruction set: element i of a span is
// added to the running sum i mod 16, in double; at the end the sixteen are added in a fixed tree (losses, norms).

#if defined(SEQSWEEP_NN_KERNELS_SIXTEEN_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SEQSWEEP_NN_KERNELS_SIXTEEN_INL
#undef SEQSWEEP_NN_KERNELS_SIXTEEN_INL
#else
#define SEQSWEEP_NN_KERNELS_SIXTEEN_INL
#endif

#include <array>

#include "nn/kernels/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {

static_assert(16 % lanes == 0, "the sixteen running sums are whole vectors");

using Mask = hn::Mask<Tag>;
struct WholeVector {};

// A whole vector, or the first lanes of one: the others read as 0, and their memory is left alone.
HWY_INLINE Vector load(const float* from, WholeVector) {
  return hn::LoadU(tag, from);
}
HWY_INLINE Vector load(const float* from, Mask mask) {
  return hn::MaskedLoad(mask, tag, from);
}
HWY_INLINE void store(Vector value, float* to, WholeVector) {
  hn::StoreU(value, tag, to);
}
HWY_INLINE void store(Vector value, float* to, Mask mask) {
  hn::BlendedStore(value, mask, tag, to);
}

// `value` in the lanes of a part, `other` in the rest.
HWY_INLINE Vector within(WholeVector, Vector value, Vector) {
  return value;
}
HWY_INLINE Vector within(Mask mask, Vector value, Vector other) {
  return hn::IfThenElse(mask, value, other);
}

/// f(offset, which, part) for each vector of a span of `size` floats. `which` counts the vectors within sixteen floats,
/// `part` is a WholeVector or the Mask of the last, incomplete vector.
template <class F>
HWY_INLINE void for_vectors(std::size_t size, F&& f) {
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16)
    SEQSWEEP_UNROLL for (int which = 0; which < 16 / lanes; ++which)
        f(i + static_cast<std::size_t>(which * lanes), which, WholeVector{});
  SEQSWEEP_UNROLL for (int which = 0; which < 16 / lanes; ++which) {
    const std::size_t offset = i + static_cast<std::size_t>(which * lanes);
    if (offset < size) f(offset, which, hn::FirstN(tag, size - offset));
  }
}

using HalfTag = hn::Half<Tag>;
using DoubleTag = hn::Rebind<double, HalfTag>;
using Doubles = hn::Vec<DoubleTag>;
constexpr HalfTag half_tag;
constexpr DoubleTag double_tag;

HWY_INLINE Doubles lower_doubles(Vector value) {
  return hn::PromoteTo(double_tag, hn::LowerHalf(half_tag, value));
}
HWY_INLINE Doubles upper_doubles(Vector value) {
  return hn::PromoteTo(double_tag, hn::UpperHalf(half_tag, value));
}

/// Sixteen running sums or products.
class Sixteen {
 public:
  explicit HWY_INLINE Sixteen(double start) {
    SEQSWEEP_UNROLL for (int p = 0; p < parts; ++p) part_[p] = hn::Set(double_tag, start);
  }
  explicit HWY_INLINE Sixteen(const std::array<double, 16>& start) {
    SEQSWEEP_UNROLL for (int p = 0; p < parts; ++p) part_[p] = hn::LoadU(double_tag, start.data() + p * lanes / 2);
  }

  /// Vector `which` of the sixteen.
  HWY_INLINE void add(int which, Vector value) {
    part_[2 * which] = hn::Add(part_[2 * which], lower_doubles(value));
    part_[2 * which + 1] = hn::Add(part_[2 * which + 1], upper_doubles(value));
  }
  HWY_INLINE void multiply_add(int which, Vector a, Vector b) {
    part_[2 * which] = hn::MulAdd(lower_doubles(a), lower_doubles(b), part_[2 * which]);
    part_[2 * which + 1] = hn::MulAdd(upper_doubles(a), upper_doubles(b), part_[2 * which + 1]);
  }
  /// Multiplies with 1 + value.
  HWY_INLINE void multiply_by_one_plus(int which, Vector value) {
    const Doubles one = hn::Set(double_tag, 1.0);
    part_[2 * which] = hn::Mul(part_[2 * which], hn::Add(one, lower_doubles(value)));
    part_[2 * which + 1] = hn::Mul(part_[2 * which + 1], hn::Add(one, upper_doubles(value)));
  }

  [[nodiscard]] HWY_INLINE std::array<double, 16> all() const {
    std::array<double, 16> values;
    SEQSWEEP_UNROLL for (int p = 0; p < parts; ++p) hn::StoreU(part_[p], double_tag, values.data() + p * lanes / 2);
    return values;
  }

 private:
  static constexpr int parts = 2 * 16 / lanes;
  Doubles part_[parts];
};

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
