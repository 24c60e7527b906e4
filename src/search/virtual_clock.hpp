// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

/// V logical workers and what they do: every segment that was decided, and of those that run the results that have
/// come. Time stands at the virtual finish of the segment that was taken last.
class VirtualClock {
 public:
  explicit VirtualClock(int num_workers) : num_workers_(static_cast<std::size_t>(num_workers)) {}

  [[nodiscard]] double now() const { return now_; }
  [[nodiscard]] bool has_idle_worker() const { return pending_.size() < num_workers_; }
  [[nodiscard]] bool is_idle() const { return pending_.empty(); }
  [[nodiscard]] const std::vector<Segment>& decisions() const { return decisions_; }
  [[nodiscard]] bool awaits(TrialId trial, int to_epoch) const;

  /// A worker begins the segment now; `duration` [multiply-adds].
  void begin(Segment segment, double duration);
  /// Takes a result, in any order. A ContractViolation where none like it is awaited.
  void report(const SegmentResult& result);
  /// The result of the segment that finishes next in virtual time, ties in the order of decision; its worker is idle
  /// then. Nothing while that result is awaited, or nothing runs.
  [[nodiscard]] std::optional<SegmentResult> take_next();

 private:
  struct Running {
    double virtual_finish;
    std::size_t decision;
    bool operator>(const Running& other) const {
      return virtual_finish != other.virtual_finish ? virtual_finish > other.virtual_finish : decision > other.decision;
    }
  };
  struct Pending {
    std::size_t decision;
    std::optional<SegmentResult> result;
  };

  std::size_t num_workers_;
  double now_ = 0;
  std::vector<Segment> decisions_;
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running_;
  std::unordered_map<TrialId, Pending> pending_;  // one for each running segment
};

}  // namespace seqsweep::search
