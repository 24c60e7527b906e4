// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace seqsweep::cluster {

/// MPI_Allreduce over all ranks of the world: sums in whatever order the library likes. Only to measure
/// Group::add_in_tree against; nothing that counts may come out of it. Collective.
void add_by_library(std::span<float> values);

}  // namespace seqsweep::cluster
