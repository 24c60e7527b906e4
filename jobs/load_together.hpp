// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "seqsweep/cluster/world.hpp"
#include "seqsweep/config/config.hpp"
#include "seqsweep/data/dataset.hpp"

namespace seqsweep::jobs {

/// A data set as this rank holds it.
struct LoadedData {
  std::shared_ptr<const data::Dataset> dataset;
  bool is_private = false;  ///< each rank of the node has a copy of its own; else they share one
};

/// Loads a data set that every rank has opened. Where the ranks of a node cannot share memory, each holds a copy or, if
/// these need more than data.memory_limit together, reads from the file; a line says so. Collective.
[[nodiscard]] LoadedData load_together(data::DatasetFile& file, const config::Placement& placement,
                                       const cluster::World& world);

}  // namespace seqsweep::jobs
