// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "seqsweep/cluster/channel.hpp"
#include "seqsweep/trial/segment_runner.hpp"

namespace seqsweep::cluster {

struct WorkerOptions {
  int rank = 0;
  std::string host;
  std::function<trial::SegmentTask(const RunSegment&)> task_of;  ///< puts the point into the settings
  std::function<std::unique_ptr<trial::Group>(const std::vector<int>& ranks)> make_group;
  std::function<void()> while_running;  ///< called at each step, where this process has more to do (may be empty)
};

/// Runs the segments that the coordinator sends.
class Worker {
 public:
  Worker(WorkerChannel& channel, trial::SegmentRunner& runner, WorkerOptions options);

  /// Handles one message, if there is one; a segment is run to its end. True if there was anything to do.
  bool turn();
  [[nodiscard]] bool is_dismissed() const { return is_dismissed_; }

 private:
  void run(const RunSegment& order);
  void listen();

  WorkerChannel& channel_;
  trial::SegmentRunner& runner_;
  WorkerOptions options_;
  bool is_interrupted_ = false;
  bool is_dismissed_ = false;
};

}  // namespace seqsweep::cluster
