// SPDX-License-Identifier: Apache-2.0
#include "data/importers/vocabulary.hpp"

#include <algorithm>

namespace seqsweep::data::importers {

void Vocabulary::number_them(std::size_t most) {
  std::vector<std::pair<std::string, std::int64_t>> ranked(counts_.begin(), counts_.end());
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (ranked.size() > most) ranked.resize(most);
  names_ = {"<padding>", "<unknown>"};
  for (const auto& [token, count] : ranked) {
    ids_.emplace(token, static_cast<std::int32_t>(names_.size()));
    names_.push_back(token);
  }
}

std::int32_t Vocabulary::id_of(const std::string& token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? unknown : found->second;
}

void Vocabulary::describe(DatasetHeader& header) const {
  header.vocabulary = static_cast<int>(names_.size());
  header.token_names = names_;
}

}  // namespace seqsweep::data::importers
