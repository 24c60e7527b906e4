// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/core/hash.hpp"

#include <new>

#include <fmt/format.h>
#include <xxhash.h>

namespace seqsweep {

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

Fingerprint::Fingerprint() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_));
}

Fingerprint::~Fingerprint() {
  XXH3_freeState(static_cast<XXH3_state_t*>(state_));
}

void Fingerprint::add(std::span<const std::byte> bytes) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state_), bytes.data(), bytes.size());
}

void Fingerprint::add(std::string_view text) {
  add(std::as_bytes(std::span(text.data(), text.size())));
}

std::string Fingerprint::hex() const {
  return fmt::format("{:016x}", XXH3_64bits_digest(static_cast<const XXH3_state_t*>(state_)));
}

}  // namespace seqsweep
