// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "seqsweep/cluster/dispatcher.hpp"

namespace seqsweep::cluster {

/// Four workers, message by message, on a clock that the test sets.
class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() {
    DispatcherOptions options;
    options.worker_ranks = {1, 2, 3, 4};
    options.lost_after_s = 10;
    options.now = [this] { return now; };
    dispatcher = std::make_unique<Dispatcher>(wires.coordinator_end(), options);
  }

  // `trial` for 10 epochs, 100 s on one rank.
  static Job job(int trial) {
    Job job;
    job.order.trial = TrialId(trial);
    job.order.to_epoch = 10;
    job.multiply_adds = 100e9;
    job.most_ranks = 4;
    return job;
  }

  template <class Message>
  std::optional<Message> told(int rank) {
    while (const auto message = wires.worker_end(rank).receive())
      if (const auto* wanted = std::get_if<Message>(&*message)) return *wanted;
    return std::nullopt;
  }

  void live(std::initializer_list<int> ranks) {
    for (const int rank : ranks) dispatcher->take(WorkerAlive{rank, 0, 0, 0});
  }

  // Time goes by; those ranks live on.
  void pass(double seconds, std::initializer_list<int> ranks) {
    for (double t = 0; t < seconds; t += 0.5) {
      now += 0.5;
      live(ranks);
      dispatcher->turn();
    }
  }

  double now = 0;
  InMemoryWires wires;
  std::unique_ptr<Dispatcher> dispatcher;
};

}  // namespace seqsweep::cluster
