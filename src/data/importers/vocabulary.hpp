// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "seqsweep/data/dataset.hpp"

namespace seqsweep::data::importers {

/// Token ids: 0 padding (unused), 1 unknown, 2 … by falling frequency, ties alphabetically.
class Vocabulary {
 public:
  static constexpr std::int32_t unknown = 1;

  void count(const std::string& token) { ++counts_[token]; }
  /// Call once, after the last count(): keeps the most frequent `most` tokens.
  void number_them(std::size_t most);
  [[nodiscard]] std::int32_t id_of(const std::string& token) const;
  /// Fills vocabulary and token_names.
  void describe(DatasetHeader& header) const;

 private:
  std::unordered_map<std::string, std::int64_t> counts_;
  std::unordered_map<std::string, std::int32_t> ids_;
  std::vector<std::string> names_;
};

}  // namespace seqsweep::data::importers
