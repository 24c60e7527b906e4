// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/nn/scores.hpp"

namespace seqsweep::nn::kernels {

/// Outputs of the head and what they should have been.
struct LossRows {
  const float* outputs = nullptr;  ///< [rows × K], stride `stride`; what stands behind a row's K is not read
  std::size_t stride = 0;
  int rows = 0;
  int num_outputs = 0;                    ///< K
  const float* targets = nullptr;         ///< [rows × K], contiguous; null for a loss of classes
  const std::int32_t* classes = nullptr;  ///< [rows], negative: not scored; null for a loss of targets
};

/// A loss, summed over scored elements or rows. What a row gives depends on that row alone, and rows are added one
/// after the other: two calls for parts of a batch, in order, do what one call for all of it does.
struct LossKernels {
  /// Adds to `sums`. `target_scale` [K], or empty for 1.
  void (*score)(const LossRows&, std::span<const float> target_scale, ScoreSums& sums) = nullptr;
  /// Writes d_outputs [rows × K] = scale · d(Σ loss)/d(outputs), and nothing behind a row's K. May be in place.
  void (*differentiate)(const LossRows&, double scale, float* d_outputs, std::size_t d_stride) = nullptr;
  /// ScoreSums::count of the rows, without a forward pass.
  double (*count)(const LossRows&) = nullptr;
};

/// The losses of losses/, by the same names.
[[nodiscard]] std::span<const CatalogueEntry<LossKernels>> loss_kernels_catalogue();

}  // namespace seqsweep::nn::kernels
