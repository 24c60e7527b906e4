// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/shortened.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "seqsweep/core/hash.hpp"

namespace seqsweep {

std::string shortened(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return std::string(text);
  const auto hash = fmt::format("~{:08x}", hash_of(std::as_bytes(std::span(text))) & 0xffffffffU);
  std::size_t end = most_bytes - std::min(most_bytes, hash.size());
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + hash.substr(0, most_bytes - end);
}

}  // namespace seqsweep
