// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace seqsweep::nn::engine {
namespace {

constexpr std::size_t cache_line = 64;        // [bytes]
constexpr std::size_t huge_page = 2UL << 20;  // [bytes]
constexpr std::size_t vector_overhang = 64;   // [bytes] the last row may be read and written a vector too far

}  // namespace

std::size_t Floats::bytes_for(std::size_t count) {
  const std::size_t bytes = count * sizeof(float) + vector_overhang;
  return (bytes + cache_line - 1) / cache_line * cache_line;
}

void Floats::Release::operator()(float* memory) const {
  std::free(memory);
}

void Floats::reserve(std::size_t count) {
  if (count * sizeof(float) + vector_overhang <= bytes()) return;
  const std::size_t wanted = bytes_for(count);
  const std::size_t alignment = wanted >= huge_page ? huge_page : cache_line;
  memory_.reset();
  capacity_ = 0;
  memory_.reset(static_cast<float*>(std::aligned_alloc(alignment, (wanted + alignment - 1) / alignment * alignment)));
  if (!memory_) throw std::bad_alloc();
  capacity_ = wanted / sizeof(float);
#ifdef __linux__
  // Long tapes cross many pages; a refused hint costs only speed.
  if (alignment == huge_page) madvise(memory_.get(), wanted / huge_page * huge_page, MADV_HUGEPAGE);
#endif
  std::fill_n(memory_.get(), capacity_, 0.0F);
}

}  // namespace seqsweep::nn::engine
