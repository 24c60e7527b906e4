// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace seqsweep::test {

/// How often brute force throws its dice: as often as it says, but a tenth of it under the sanitizers. They are twenty
/// times as slow, and what they look for does not hide behind dice.
constexpr std::uint64_t repetitions(std::uint64_t number) {
#ifdef __SANITIZE_ADDRESS__
  return std::max<std::uint64_t>(2, number / 10);
#else
  return number;
#endif
}

}  // namespace seqsweep::test
