// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

// Loops over spans of floats of any length and alignment. Each element's bits depend on that element alone.

namespace seqsweep::nn::kernels {

/// right = left + right
void add(std::span<const float> left, std::span<float> right);
/// values *= factor
void scale(std::span<float> values, float factor);

struct RowsCopy {
  const float* from = nullptr;  ///< [rows × width], without gaps
  std::size_t rows = 0;
  std::size_t width = 0;
  float* to = nullptr;  ///< rows that are padded to whole vectors, stride to_stride; the padding becomes zero
  std::size_t to_stride = 0;
};
void copy_rows(const RowsCopy& job);

/// Adds the fixed tree of the sixteen: 8 pairs eight apart, then 4, 2, 1.
[[nodiscard]] double sum_of(std::array<double, 16> values);
/// The same tree, of products.
[[nodiscard]] double product_of(std::array<double, 16> values);

/// Running Σ x². Element i of a span goes to sum i mod 16, so spans of zeros do not show in the bits.
class SquareSum {
 public:
  void add(std::span<const float> values);
  [[nodiscard]] double total() const { return sum_of(sums_); }

 private:
  std::array<double, 16> sums_{};
};

/// The functions of vector_math-inl.hpp, for its test and for measurements.
enum class Function { exp, sigmoid, tanh };
void apply(Function function, std::span<const float> in, std::span<float> out);

}  // namespace seqsweep::nn::kernels
