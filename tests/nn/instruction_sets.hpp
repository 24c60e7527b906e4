// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "seqsweep/nn/instruction_set.hpp"

namespace seqsweep::nn {

/// Runs `check` under each instruction set of this processor, and leaves the best in use.
template <class Check>
void with_each_instruction_set(Check&& check) {
  const auto names = available_instruction_sets();
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    use_instruction_set(name);
    check();
  }
  use_instruction_set(names.front());
}

/// Floats as their bits, so that -0 differs from 0 and NaN equals itself.
inline std::vector<std::uint32_t> bits_of(std::span<const float> values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

}  // namespace seqsweep::nn
