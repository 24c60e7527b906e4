// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "formats.hpp"

namespace seqsweep::report {

std::span<const CatalogueEntry<ExportFormat>> export_catalogue() {
  static const std::array catalogue = {
      CatalogueEntry<ExportFormat>{"csv", "one table for pandas, R or a spreadsheet: --table", csv_format},
      CatalogueEntry<ExportFormat>{"json", "everything but gradient flow and timing, in one object", json_format},
      CatalogueEntry<ExportFormat>{"optuna", "a journal that Optuna loads as a study", optuna_format},
  };
  return catalogue;
}

std::vector<ExportedTrial> exported_trials(const store::Results& results) {
  const auto last_segments = store::last_segments(results);
  std::vector<ExportedTrial> trials;
  for (const auto& record : results.trials) {
    const auto id = static_cast<std::size_t>(record.id.value);
    store::SegmentRecord last;
    last.value = store::not_applicable;
    if (id < last_segments.size() && last_segments[id] != nullptr) last = *last_segments[id];
    trials.push_back({&record, std::move(last)});
  }
  return trials;
}

}  // namespace seqsweep::report
