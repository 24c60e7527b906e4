// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <Eigen/Core>

namespace seqsweep::search {

/// Eigen cuts large products and solves into blocks by the processor's cache sizes, and sums in that order. While this
/// lives they are the same on every processor, and so are the bits.
class FixedBlocks {
 public:
  FixedBlocks() : l1_(Eigen::l1CacheSize()), l2_(Eigen::l2CacheSize()), l3_(Eigen::l3CacheSize()) {
    Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 2 << 20);
  }
  ~FixedBlocks() { Eigen::setCpuCacheSizes(l1_, l2_, l3_); }
  FixedBlocks(const FixedBlocks&) = delete;
  FixedBlocks& operator=(const FixedBlocks&) = delete;

 private:
  std::ptrdiff_t l1_, l2_, l3_;  // [bytes]
};

}  // namespace seqsweep::search
