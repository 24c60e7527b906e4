// SPDX-License-Identifier: Apache-2.0
#include "data/importers/labelled.hpp"

#include <algorithm>

#include "seqsweep/core/text.hpp"

#include "data/header_io.hpp"

namespace seqsweep::data::importers {

void Labels::number_them() {
  for (const auto& [label, number] : numbers_) ordered_.push_back(label);
  const bool are_numbers =
      std::all_of(ordered_.begin(), ordered_.end(), [](const auto& label) { return parse_real(label).has_value(); });
  if (are_numbers)
    std::stable_sort(ordered_.begin(), ordered_.end(),
                     [](const auto& a, const auto& b) { return *parse_real(a) < *parse_real(b); });
  for (std::size_t i = 0; i < ordered_.size(); ++i) numbers_[ordered_[i]] = static_cast<std::int32_t>(i);
}

void Labels::describe(DatasetHeader& header) const {
  header.target_kind = TargetKind::classes;
  header.num_outputs = static_cast<int>(ordered_.size());
  for (const auto& label : ordered_) header.output_names.push_back(cut_name(label));
}

}  // namespace seqsweep::data::importers
