// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace seqsweep {

/// How often this thread has asked for memory so far: malloc and its kin, and so operator new. Only in a program that
/// links allocation_counter.cpp.
[[nodiscard]] std::size_t allocations_so_far();

/// Whether they are counted at all: not with another C library than glibc, nor under a sanitizer, whose allocator it
/// is.
[[nodiscard]] bool counts_allocations();

}  // namespace seqsweep
