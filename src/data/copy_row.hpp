// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace seqsweep::data {

/// std::copy_n for rows of a few numbers, without a call: at three nanoseconds each, calls were a twelfth of the
/// training of small networks. Where `size` is a constant, a short row is a move or two.
template <class T>
inline void copy_row(const T* from, std::size_t size, T* to) {
  static_assert(sizeof(T) == 4);
  constexpr std::size_t block = 8, most_blocks = 32;
  if (size >= block * most_blocks) {
    std::copy_n(from, size, to);
    return;
  }
  for (; size >= block; size -= block, from += block, to += block) std::memcpy(to, from, block * sizeof(T));
  if (size & 4U) {
    std::memcpy(to, from, 4 * sizeof(T));
    from += 4;
    to += 4;
  }
  if (size & 2U) {
    std::memcpy(to, from, 2 * sizeof(T));
    from += 2;
    to += 2;
  }
  if (size & 1U) *to = *from;
}

/// f(size), as a std::integral_constant where it is one that many data sets have.
template <class F>
inline void with_row_size(std::size_t size, F&& f) {
  switch (size) {
    case 1:
      return f(std::integral_constant<std::size_t, 1>{});
    case 2:
      return f(std::integral_constant<std::size_t, 2>{});
    case 4:
      return f(std::integral_constant<std::size_t, 4>{});
    case 8:
      return f(std::integral_constant<std::size_t, 8>{});
    default:
      return f(size);
  }
}

}  // namespace seqsweep::data
