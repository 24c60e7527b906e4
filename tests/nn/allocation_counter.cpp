// SPDX-License-Identifier: Apache-2.0
//
// glibc lets a program put functions of its own in the place of malloc and its kin, and keeps its own under other names
// ("Replacing malloc" in its manual). Memory comes from glibc as ever, so free() stays as it is.
#include "nn/allocation_counter.hpp"

#include <cerrno>
#include <cstdlib>

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  ++allocations;
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  *memory = memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}
#endif

namespace seqsweep {

std::size_t allocations_so_far() {
  return allocations;
}

bool counts_allocations() {
  const std::size_t before = allocations;
  void* volatile memory = std::malloc(1);
  std::free(memory);
  return allocations > before;
}

}  // namespace seqsweep
