// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace seqsweep {

/// XXH3 of some bytes. Not cryptographic.
[[nodiscard]] std::uint64_t hash_of(std::span<const std::byte> bytes);

/// A fingerprint (XXH3, 64 bits) of everything that was added, in order. Not cryptographic.
class Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(const Fingerprint&) = delete;
  Fingerprint& operator=(const Fingerprint&) = delete;

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  /// 16 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const;

 private:
  void* state_;
};

}  // namespace seqsweep
