// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "seqsweep/core/error.hpp"
#include "seqsweep/trial/settings.hpp"

namespace seqsweep::trial {

double Fidelity::share_at(int epoch) const {
  return is_less_than_whole() ? static_cast<double>(same_until(epoch)) / rungs.back() : 1;
}

int Fidelity::same_until(int epoch) const {
  if (!is_less_than_whole()) return std::numeric_limits<int>::max();
  SEQSWEEP_EXPECT(!rungs.empty() && epoch >= 1 && epoch <= rungs.back(), "an epoch lies beyond the last rung");
  return *std::lower_bound(rungs.begin(), rungs.end(), epoch);
}

}  // namespace seqsweep::trial
