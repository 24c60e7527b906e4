// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace seqsweep::nn::kernels {

struct Transpose {
  const float* from = nullptr;  ///< [rows × columns], stride from_stride
  std::size_t from_stride = 0;
  int rows = 0;
  int columns = 0;
  float* to = nullptr;  ///< [columns × rows], stride to_stride
  std::size_t to_stride = 0;
};

/// to[c][r] = from[r][c]
void transpose(const Transpose& job);

}  // namespace seqsweep::nn::kernels
