// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/group.hpp"

#include <algorithm>

#include "seqsweep/core/error.hpp"

namespace seqsweep::trial {

void SoloGroup::gather(std::span<const double> mine, std::span<double> all) {
  SEQSWEEP_EXPECT(mine.size() == all.size(), "a group of one gathers its own values");
  std::copy(mine.begin(), mine.end(), all.begin());
}

}  // namespace seqsweep::trial
