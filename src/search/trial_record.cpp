// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/trial_record.hpp"

#include "seqsweep/core/error.hpp"

namespace seqsweep::search {

std::string_view name_of(TrialState state) {
  switch (state) {
    case TrialState::running:
      return "running";
    case TrialState::paused:
      return "paused";
    case TrialState::completed:
      return "completed";
    case TrialState::stopped:
      return "stopped";
    case TrialState::diverged:
      return "diverged";
    case TrialState::failed:
      return "failed";
  }
  throw ContractViolation("a trial state without a name");
}

double TrialRecord::value() const {
  const bool has_value = !curve.empty() && state != TrialState::diverged && state != TrialState::failed;
  return has_value ? curve.back().value : std::numeric_limits<double>::infinity();
}

}  // namespace seqsweep::search
