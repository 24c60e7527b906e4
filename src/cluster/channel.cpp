// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/channel.hpp"

#include <algorithm>
#include <thread>

namespace seqsweep::cluster {
namespace {

template <class T>
std::optional<T> pop(std::deque<T>& queue) {
  if (queue.empty()) return std::nullopt;
  std::optional<T> first(std::move(queue.front()));
  queue.pop_front();
  return first;
}

class JoinedChannel final : public CoordinatorChannel {
 public:
  JoinedChannel(CoordinatorChannel& own, int own_rank, CoordinatorChannel& others)
      : own_(own), own_rank_(own_rank), others_(others) {}
  void send(int worker_rank, const ToWorker& message) override {
    (worker_rank == own_rank_ ? own_ : others_).send(worker_rank, message);
  }
  std::optional<ToCoordinator> receive() override {
    auto message = own_.receive();
    return message ? message : others_.receive();
  }
  void flush() override { others_.flush(); }

 private:
  CoordinatorChannel& own_;
  int own_rank_;
  CoordinatorChannel& others_;
};

}  // namespace

class InMemoryWires::CoordinatorEnd final : public CoordinatorChannel {
 public:
  explicit CoordinatorEnd(Queues& queues) : queues_(queues) {}
  void send(int worker_rank, const ToWorker& message) override { queues_.to_worker[worker_rank].push_back(message); }
  std::optional<ToCoordinator> receive() override { return pop(queues_.to_coordinator); }

 private:
  Queues& queues_;
};

class InMemoryWires::WorkerEnd final : public WorkerChannel {
 public:
  WorkerEnd(Queues& queues, int rank) : queues_(queues), rank_(rank) {}
  void send(const ToCoordinator& message) override { queues_.to_coordinator.push_back(message); }
  std::optional<ToWorker> receive() override { return pop(queues_.to_worker[rank_]); }

 private:
  Queues& queues_;
  int rank_;
};

InMemoryWires::InMemoryWires() : coordinator_(std::make_unique<CoordinatorEnd>(queues_)) {}
InMemoryWires::~InMemoryWires() = default;

CoordinatorChannel& InMemoryWires::coordinator_end() {
  return *coordinator_;
}

WorkerChannel& InMemoryWires::worker_end(int rank) {
  auto& end = workers_[rank];
  if (!end) end = std::make_unique<WorkerEnd>(queues_, rank);
  return *end;
}

std::unique_ptr<CoordinatorChannel> join(CoordinatorChannel& own, int own_rank, CoordinatorChannel& others) {
  return std::make_unique<JoinedChannel>(own, own_rank, others);
}

void Nap::take() {
  std::this_thread::sleep_for(length_);
  length_ = std::min(length_ * 2, longest);
}

}  // namespace seqsweep::cluster
