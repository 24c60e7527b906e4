// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "seqsweep/cluster/messages.hpp"

namespace seqsweep::cluster {

/// The coordinator's end of the wires to all workers. Nothing blocks.
class CoordinatorChannel {
 public:
  virtual ~CoordinatorChannel() = default;
  virtual void send(int worker_rank, const ToWorker& message) = 0;
  [[nodiscard]] virtual std::optional<ToCoordinator> receive() = 0;
  /// Returns when all that was sent has left, or cannot leave since its receiver is lost.
  virtual void flush() {}
};

/// A worker's end. Nothing blocks.
class WorkerChannel {
 public:
  virtual ~WorkerChannel() = default;
  virtual void send(const ToCoordinator& message) = 0;
  [[nodiscard]] virtual std::optional<ToWorker> receive() = 0;
  virtual void flush() {}
};

/// From the leader of a team to the ranks that it takes in. Nothing blocks.
class PeerChannel {
 public:
  virtual ~PeerChannel() = default;
  virtual void invite(int rank, const RunSegment& order) = 0;
  [[nodiscard]] virtual std::optional<RunSegment> invitation() = 0;
  virtual void flush() {}
};

/// Wires inside one process: for a world of one, for a coordinator that also computes, for tests.
class InMemoryWires {
 public:
  [[nodiscard]] CoordinatorChannel& coordinator_end();
  [[nodiscard]] WorkerChannel& worker_end(int rank);

  InMemoryWires();
  ~InMemoryWires();

 private:
  class CoordinatorEnd;
  class WorkerEnd;
  struct Queues {
    std::deque<ToCoordinator> to_coordinator;
    std::map<int, std::deque<ToWorker>> to_worker;
  };
  Queues queues_;
  std::unique_ptr<CoordinatorEnd> coordinator_;
  std::map<int, std::unique_ptr<WorkerEnd>> workers_;
};

/// Joins the wires to a worker in the coordinator's own process with those to all others. Both must outlive it.
[[nodiscard]] std::unique_ptr<CoordinatorChannel> join(CoordinatorChannel& own, int own_rank,
                                                       CoordinatorChannel& others);

/// Sleeps a little longer at each call: 50 µs up to 1 ms. A waiting rank costs no core.
class Nap {
 public:
  void take();
  void reset() { length_ = shortest; }

 private:
  static constexpr std::chrono::microseconds shortest{50}, longest{1000};
  std::chrono::microseconds length_ = shortest;
};

}  // namespace seqsweep::cluster
