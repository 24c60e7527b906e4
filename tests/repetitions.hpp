// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace seqsweep::test {

// Sanitizers make programs twenty times as slow, and what they look for does not hide behind dice.
#ifdef __SANITIZE_ADDRESS__
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

/// How often brute force throws its dice: as often as it says, but a tenth of it under the sanitizers.
constexpr std::uint64_t repetitions(std::uint64_t number) {
  return is_sanitized ? std::max<std::uint64_t>(2, number / 10) : number;
}

/// How far brute force goes from one case to the next: to the next one, but to the 7th under the sanitizers.
constexpr int stride = is_sanitized ? 7 : 1;

}  // namespace seqsweep::test
