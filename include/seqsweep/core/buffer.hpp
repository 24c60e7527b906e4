// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

namespace seqsweep {

/// Read-only bytes, kept alive as long as anybody holds them.
struct SharedBytes {
  std::shared_ptr<const std::byte> owner;
  std::span<const std::byte> bytes;
};

using FillBytes = std::function<void(std::span<std::byte>)>;

/// Gives `num_bytes` of memory, aligned to 64 bytes, after `fill` has run over it once. In a cluster one rank of each
/// node runs `fill` and the others map the same memory: then every rank must call, in the same order.
using BytesAllocator = std::function<SharedBytes(std::size_t num_bytes, const FillBytes& fill)>;

/// Plain memory of this process.
[[nodiscard]] SharedBytes allocate_private(std::size_t num_bytes, const FillBytes& fill);

}  // namespace seqsweep
