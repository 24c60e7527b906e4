// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "seqsweep/data/dataset.hpp"

namespace seqsweep::data::importers {

/// Class labels as texts turned into 0 … K-1, ordered as numbers where all are numbers, else alphabetically; so the
/// numbering does not depend on the order of the data.
class Labels {
 public:
  void add(const std::string& label) { numbers_.try_emplace(label, -1); }
  /// Call once, after the last add().
  void number_them();
  [[nodiscard]] std::int32_t number_of(const std::string& label) const { return numbers_.at(label); }
  [[nodiscard]] bool has(const std::string& label) const { return numbers_.contains(label); }
  /// Fills kind, num_outputs and output_names.
  void describe(DatasetHeader& header) const;

 private:
  std::map<std::string, std::int32_t> numbers_;
  std::vector<std::string> ordered_;
};

}  // namespace seqsweep::data::importers
