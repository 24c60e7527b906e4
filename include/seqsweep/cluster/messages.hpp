// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/search/space.hpp"
#include "seqsweep/store/records.hpp"

namespace seqsweep::cluster {

// All messages between the coordinator and its workers. Small (under the 4 kB that Open MPI sends eagerly), plain
// values; the index in its variant is a message's tag.

/// A leg is what one team of ranks trains of a segment without change. Numbered from 1 in each run; never used twice.
using LegId = std::int64_t;

/// Form a team of `ranks` (the first leads) and run the segment, or go on with it. From the coordinator, or from the
/// leader of a team that takes this rank in.
struct RunSegment {
  LegId leg = 0;
  int generation = 0;  ///< of the team's messages
  TrialId trial;
  int from_epoch = 0;
  int to_epoch = 0;
  double best_value = store::not_applicable;  ///< of the epochs up to from_epoch, as committed; NaN: none yet
  int best_epoch = 0;
  search::Point point;
  search::Parent parent;
  std::vector<int> ranks;  ///< of the world; a power of two
};
/// To the leader of leg `of`: at the next step boundary go on as `leg` with these ranks, the leader still first.
struct Regroup {
  LegId of = 0;
  LegId leg = 0;
  int generation = 0;
  std::vector<int> ranks;
};
/// To a leader: stop at the next step boundary, write a checkpoint, report.
struct Interrupt {};
/// A rank of the leg is lost: leave it, and any before it, as it is and wait for work.
struct Abandon {
  LegId leg = 0;
};
/// To all: leave every leg up to `last_leg` that the rank was of, also one that you are only about to leave.
struct RankLost {
  int rank = 0;
  LegId last_leg = 0;
};
/// The coordinator lives.
struct CoordinatorAlive {};
/// No more work: say Goodbye, and wait for Leave.
struct Shutdown {};
/// End.
struct Leave {
  bool has_losses = false;  ///< some rank will never come: end without it
};
using ToWorker = std::variant<RunSegment, Regroup, Interrupt, Abandon, RankLost, CoordinatorAlive, Shutdown, Leave>;

/// An epoch of the running segment is finished (from the leader).
struct EpochDone {
  LegId leg = 0;
  store::EpochRecord record;
};
/// The team changes as a Regroup asked; the segment goes on (from the leader).
struct LegDone {
  LegId leg = 0;
  double epochs = 0;  ///< trained in it
  store::TimingRecord timing;
};
/// The segment ended; its team is free (from the leader).
struct SegmentDone {
  LegId leg = 0;
  double epochs = 0;  ///< trained in the last leg
  store::SegmentRecord record;
  store::TimingRecord timing;
  bool is_interrupted = false;
};
/// This rank has left the leg: its memory did not suffice.
struct OutOfMemory {
  int rank = 0;
  LegId leg = 0;
};
/// From every rank, twice a second.
struct WorkerAlive {
  int rank = 0;
  LegId leg = 0;       ///< that it trains in; 0: none
  double epochs = 0;   ///< that its trial has behind it, with the part of the current one
  double seconds = 0;  ///< [s] since the leg began
};
/// The answer to Shutdown: this rank lives, and does nothing any more.
struct Goodbye {
  int rank = 0;
};
using ToCoordinator = std::variant<EpochDone, LegDone, SegmentDone, OutOfMemory, WorkerAlive, Goodbye>;

/// A record that says that the segment failed, and why.
[[nodiscard]] store::SegmentRecord failed_record(const RunSegment& order, std::string message);

[[nodiscard]] std::vector<std::byte> pack(const ToWorker& message);
[[nodiscard]] std::vector<std::byte> pack(const ToCoordinator& message);
/// Throws ClusterError where the bytes are no message of that tag.
[[nodiscard]] ToWorker unpack_to_worker(int tag, std::span<const std::byte> bytes);
[[nodiscard]] ToCoordinator unpack_to_coordinator(int tag, std::span<const std::byte> bytes);

/// The largest message. Longer error texts are cut to fit.
constexpr std::size_t max_message_bytes = 4096;

}  // namespace seqsweep::cluster
