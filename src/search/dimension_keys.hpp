// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "seqsweep/search/space.hpp"

namespace seqsweep::search {

/// What to fold into a key for the random numbers of one dimension. Made from its name (FNV-1a, 64 bits), so that a
/// dimension keeps its numbers when others are added, removed or inactive.
[[nodiscard]] constexpr std::uint64_t dimension_key(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

[[nodiscard]] inline std::vector<std::uint64_t> dimension_keys(const SearchSpace& space) {
  std::vector<std::uint64_t> keys;
  for (const auto& dimension : space.dimensions()) keys.push_back(dimension_key(dimension.name));
  return keys;
}

}  // namespace seqsweep::search
