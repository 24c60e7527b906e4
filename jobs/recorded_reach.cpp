// SPDX-License-Identifier: Apache-2.0
#include "recorded_reach.hpp"

#include "seqsweep/config/recorded_study.hpp"
#include "seqsweep/core/error.hpp"

namespace seqsweep::jobs {

search::Reach recorded_reach(const store::ResultsHeader& header) {
  if (!header.definition.contains("search.scheduler")) return {};
  try {
    auto options = config::recorded_study(header.definition, {});
    options.ends.trials = header.trials;
    return search::reach_of(options, search::SearchSpace(header.dimensions).grid_size());
  } catch (const Error&) {
    return {};
  }
}

}  // namespace seqsweep::jobs
