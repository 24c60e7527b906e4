// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/buffer.hpp"

#include <cstdlib>
#include <new>

namespace seqsweep {

SharedBytes allocate_private(std::size_t num_bytes, const FillBytes& fill) {
  constexpr std::size_t alignment = 64;
  const std::size_t rounded = (num_bytes + alignment - 1) / alignment * alignment;
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded));
  if (memory == nullptr) throw std::bad_alloc();
  std::shared_ptr<const std::byte> owner(memory, [](const std::byte* p) { std::free(const_cast<std::byte*>(p)); });
  fill({memory, num_bytes});
  return {owner, {memory, num_bytes}};
}

}  // namespace seqsweep
