// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace seqsweep::cluster {

/// Parameters of the largest network that several ranks can train together: an all-reduce carries no more gradients.
constexpr std::size_t most_shared_parameters = std::size_t{16'382} << 16;

}  // namespace seqsweep::cluster
