// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace seqsweep::nn::engine {
namespace {

constexpr std::size_t cache_line = 64;       // [bytes]
constexpr std::size_t vector_overhang = 64;  // [bytes] the last row may be read and written a vector too far

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
  memory_.reset();
  capacity_ = 0;
  memory_.reset(static_cast<float*>(std::aligned_alloc(cache_line, wanted)));
  if (!memory_) throw std::bad_alloc();
  capacity_ = wanted / sizeof(float);
  std::fill_n(memory_.get(), capacity_, 0.0F);
}

}  // namespace seqsweep::nn::engine
