// SPDX-License-Identifier: Apache-2.0
#include "incumbent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace seqsweep::search {
namespace {

bool is_better(const TrialRecord& a, const TrialRecord& b) {
  return a.value() != b.value() ? a.value() < b.value() : a.id < b.id;
}

}  // namespace

void Incumbent::follow(const TrialRecord& changed, std::span<const TrialRecord> trials) {
  const TrialRecord* best = trial_ ? &trials[static_cast<std::size_t>(trial_->value)] : nullptr;
  const bool has_worsened = best == &changed && !(changed.value() <= value_);  // it diverged or failed
  if (has_worsened)
    best = &*std::min_element(trials.begin(), trials.end(), is_better);
  else if (best == nullptr || is_better(changed, *best))
    best = &changed;
  trial_ = std::isfinite(best->value()) ? std::optional(best->id) : std::nullopt;
  value_ = trial_ ? best->value() : std::numeric_limits<double>::infinity();
}

}  // namespace seqsweep::search
