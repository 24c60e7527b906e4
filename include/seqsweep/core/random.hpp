// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace seqsweep {

/// What random numbers are for. Part of the key, so that no two uses share numbers.
/// The numbers are part of every result: append, never renumber.
enum class Purpose : std::uint32_t {
  initialisation = 1,
  dropout = 2,
  shuffle = 3,
  sampler = 4,
  task = 5,
  split = 6,
  test = 7,
  command = 8,
  excerpt = 9,
};

/// A counter-based stream of random numbers (Philox4x32-10; Salmon, Moraes, Dror, Shaw 2011,
/// "Parallel random numbers: as easy as 1, 2, 3"). Cheap to make, so nobody keeps one for later.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t key) : key_(key) {}

  std::uint32_t next_u32();
  std::uint64_t next_u64();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Standard normal (Box–Muller; takes two uniforms for every pair).
  double normal();
  /// Uniform in 0 … bound-1 without bias (Lemire 2019). `bound` ≥ 1.
  std::uint32_t below(std::uint32_t bound);

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
  std::array<std::uint32_t, 4> block_{};
  int left_ = 0;
  double spare_normal_ = 0;
  bool has_spare_normal_ = false;
};

/// Names a stream by what it is for, never by who computes or when: RandomKey(seed).fold(Purpose::dropout)
/// .fold(trial).fold(epoch).stream(). Folding is one Philox evaluation, as `fold_in` of JAX.
class RandomKey {
 public:
  explicit RandomKey(std::uint64_t seed) : value_(seed) {}

  [[nodiscard]] RandomKey fold(std::uint64_t what) const;
  [[nodiscard]] RandomKey fold(Purpose purpose) const { return fold(static_cast<std::uint64_t>(purpose)); }
  [[nodiscard]] RandomStream stream() const { return RandomStream(value_); }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_;
};

/// Fisher–Yates.
template <class T>
void shuffle(std::span<T> values, RandomStream stream) {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[stream.below(static_cast<std::uint32_t>(i))]);
}

}  // namespace seqsweep
