// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/search/space.hpp"
#include "seqsweep/store/records.hpp"

namespace seqsweep::cluster {

// All messages between the coordinator and its workers. Small (under the 4 kB that Open MPI sends eagerly), plain
// values; the index in its variant is a message's tag.

/// Form a group of `ranks` (the first leads) and run the segment.
struct RunSegment {
  TrialId trial;
  int from_epoch = 0;
  int to_epoch = 0;
  double best_value = store::not_applicable;  ///< of the epochs up to from_epoch, as committed; NaN: none yet
  int best_epoch = 0;
  search::Point point;
  search::Parent parent;
  std::vector<int> ranks;  ///< of the world; a power of two
};
/// Stop at the next step boundary, write a checkpoint, report.
struct Interrupt {};
/// No more work.
struct Shutdown {};
using ToWorker = std::variant<RunSegment, Interrupt, Shutdown>;

/// An epoch of the running segment is finished (from the leader).
struct EpochDone {
  store::EpochRecord record;
};
/// The segment ended; its group is free (from the leader).
struct SegmentDone {
  store::SegmentRecord record;
  store::TimingRecord timing;
  bool is_interrupted = false;
};
using ToCoordinator = std::variant<EpochDone, SegmentDone>;

[[nodiscard]] std::vector<std::byte> pack(const ToWorker& message);
[[nodiscard]] std::vector<std::byte> pack(const ToCoordinator& message);
/// Throws ClusterError where the bytes are no message of that tag.
[[nodiscard]] ToWorker unpack_to_worker(int tag, std::span<const std::byte> bytes);
[[nodiscard]] ToCoordinator unpack_to_coordinator(int tag, std::span<const std::byte> bytes);

/// The largest message. Longer error texts are cut to fit.
constexpr std::size_t max_message_bytes = 4096;

}  // namespace seqsweep::cluster
