// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/random.hpp"

#include <cmath>
#include <numbers>

#include <Random123/philox.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep {
namespace {

std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t low, std::uint64_t high) {
  const r123::Philox4x32::key_type k = {{static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)}};
  const r123::Philox4x32::ctr_type c = {{static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32),
                                         static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32)}};
  const auto r = r123::Philox4x32{}(c, k);
  return {r[0], r[1], r[2], r[3]};
}

constexpr std::uint64_t stream_domain = 0;
constexpr std::uint64_t fold_domain = 1;  // keeps folded keys and drawn numbers apart

}  // namespace

std::uint32_t RandomStream::next_u32() {
  if (left_ == 0) {
    block_ = philox(key_, counter_++, stream_domain);
    left_ = 4;
  }
  return block_[4 - left_--];
}

std::uint64_t RandomStream::next_u64() {
  const std::uint64_t low = next_u32();
  return low | static_cast<std::uint64_t>(next_u32()) << 32;
}

double RandomStream::uniform() {
  return static_cast<double>(next_u64() >> 11) * 0x1.0p-53;
}

double RandomStream::normal() {
  if (has_spare_normal_) {
    has_spare_normal_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2 * std::log1p(-uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_normal_ = true;
  return radius * std::cos(angle);
}

std::uint32_t RandomStream::below(std::uint32_t bound) {
  SEQSWEEP_EXPECT(bound >= 1, "a random number below 0 was asked for");
  std::uint64_t product = std::uint64_t{next_u32()} * bound;
  if (static_cast<std::uint32_t>(product) < bound) {
    const std::uint32_t threshold = -bound % bound;
    while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next_u32()} * bound;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

RandomKey RandomKey::fold(std::uint64_t what) const {
  const auto r = philox(value_, what, fold_domain);
  return RandomKey(std::uint64_t{r[0]} | std::uint64_t{r[1]} << 32);
}

}  // namespace seqsweep
