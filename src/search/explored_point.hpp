// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "seqsweep/core/random.hpp"
#include "seqsweep/search/space.hpp"

namespace seqsweep::search {

/// How population-based training explores.
struct Exploration {
  std::span<const std::string> dimensions;  ///< names of those that may change while a trial trains
  double resample_probability = 0.25;       ///< of each: it is drawn anew
};

/// A point near another one. Each dimension that may change is drawn anew with resample_probability p, and else
/// perturbed: times 0.8 or 1.2, as likely, and clipped to its range; where its values are discrete, by at least one of
/// them. The values of a choice stand in the order in which they are written.
/// Jaderberg et al. 2017 (arXiv 1711.09846), section 4.1.1 and appendix A.
[[nodiscard]] Point explored_point(const SearchSpace& space, const Point& point, const Exploration& exploration,
                                   RandomKey key);

}  // namespace seqsweep::search
