// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace seqsweep::nn::engine {

/// Rows of `width` floats begin this far apart: whole cache lines, and an odd number of them, so that neighbouring rows
/// do not share a set of the cache.
[[nodiscard]] constexpr std::size_t row_stride(std::size_t width) {
  constexpr std::size_t line = 16;
  return ((width + line - 1) / line | 1) * line;
}

/// `units` rounded up to a cache line: what the widest vector may touch.
[[nodiscard]] constexpr std::size_t padded(std::size_t units) {
  return (units + 15) / 16 * 16;
}

/// Floats that begin at a cache line, zero at first. Grows and never shrinks; growing forgets the contents.
class Floats {
 public:
  /// Makes room for `count` floats.
  void reserve(std::size_t count);
  [[nodiscard]] float* data() { return memory_.get(); }
  [[nodiscard]] const float* data() const { return memory_.get(); }
  [[nodiscard]] std::size_t bytes() const { return capacity_ * sizeof(float); }
  /// What reserve(count) allocates. [bytes]
  [[nodiscard]] static std::size_t bytes_for(std::size_t count);

 private:
  struct Release {
    void operator()(float* memory) const;
  };
  std::unique_ptr<float[], Release> memory_;
  std::size_t capacity_ = 0;
};

/// Rows of floats in somebody's memory.
struct Rows {
  float* data = nullptr;
  std::size_t stride = 0;
  [[nodiscard]] float* row(std::size_t n) const { return data + n * stride; }
};

/// Where tensors of a parameter block that stand behind the embedding put their gradients.
struct DenseGradient {
  float* values = nullptr;
  std::size_t begin = 0;  ///< offset in the parameter block of values[0]

  [[nodiscard]] float* at(std::size_t offset) const { return values + (offset - begin); }
};

}  // namespace seqsweep::nn::engine
