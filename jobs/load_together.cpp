// SPDX-License-Identifier: Apache-2.0
#include "load_together.hpp"

#include <fmt/format.h>

#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "in_world.hpp"
#include "node_memory.hpp"

namespace seqsweep::jobs {
namespace {

std::shared_ptr<const data::Dataset> load(data::DatasetFile& file, const BytesAllocator& allocate,
                                          std::size_t memory_limit_bytes) {
  data::LoadOptions options;
  options.memory_limit_bytes = memory_limit_bytes;
  return std::make_shared<data::Dataset>(file.load(allocate, options));
}

void tell_that_data_is_private(const cluster::World& world, const std::string& why, double num_bytes, bool fits) {
  const bool speaks_for_node = world.node_of_rank()[static_cast<std::size_t>(world.rank())] == world.rank();
  if (!speaks_for_node) return;
  log::warning(fmt::format("on host {} {}: each of its {} ranks {}", world.host(), why, world.ranks_on_node(),
                           fits ? fmt::format("holds a copy of the data set, {}", human_bytes(num_bytes))
                                : fmt::format("reads the data set from its file, batch by batch, since copies of {} "
                                              "each exceed data.memory_limit",
                                              human_bytes(num_bytes))));
}

}  // namespace

LoadedData load_together(data::DatasetFile& file, const config::Placement& placement, const cluster::World& world) {
  LoadedData loaded;
  // The ranks of a node may see different limits, but have to share the same memory.
  const auto limit_bytes = static_cast<std::size_t>(
      world.least_on_node(placement.data_memory_limit_bytes > 0 ? static_cast<double>(placement.data_memory_limit_bytes)
                                                                : node_memory_bytes() / 2));
  world.agree(error_of([&] {
    const auto num_bytes = file.num_bytes();
    try {
      loaded.dataset = load(file, world.shared_memory(), limit_bytes);
    } catch (const cluster::NoSharedMemory& reason) {
      const auto own_limit_bytes = limit_bytes / static_cast<std::size_t>(world.ranks_on_node());
      tell_that_data_is_private(world, reason.what(), static_cast<double>(num_bytes), num_bytes <= own_limit_bytes);
      loaded.is_private = true;
      loaded.dataset = load(file, allocate_private, own_limit_bytes);
    }
  }));
  return loaded;
}

}  // namespace seqsweep::jobs
