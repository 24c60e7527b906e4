// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "seqsweep/trial/segment_runner.hpp"

#include "metric_lines.hpp"

namespace seqsweep::trial {

/// One segment of a command: takes the lines of its program, and says what came of it.
///
/// The first line of an epoch counts. Every other line that speaks of the metric is accounted for: it ends the trial,
/// or is named in the record's message, but for epochs that the program was told to have behind it (up to from_epoch,
/// and those that it had printed before it was suspended), which it may print again.
class CommandSegment {
 public:
  /// All must outlive it.
  CommandSegment(const SegmentTask& task, const Objective& objective, const SegmentHooks& hooks);

  /// What the program had printed before it was asked to stop. Comes first.
  void recall(const std::vector<std::string>& lines);
  void take(const std::string& line);
  /// Of standard error, which holds no epochs.
  void take_error(const std::string& line);

  /// Its lines have settled the segment, however the program ends: it is to be ended.
  [[nodiscard]] bool is_settled() const { return !fault_.empty() || !divergence_.empty() || is_beyond_; }
  [[nodiscard]] bool is_reached() const { return last_epoch_ == task_.to_epoch; }
  /// Those that say something of an epoch.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

  /// What came of it, where the program ended by itself with exit code 0, or the segment is settled.
  [[nodiscard]] store::SegmentRecord record() const;

 private:
  void take_unread(const std::string& line, const LineReading& reading);
  void take_epoch(int epoch, const MetricLine& line);
  void pass_over(int epoch, double value);
  void remark(const std::string& kind, const std::string& text);

  [[nodiscard]] bool is_better(double value) const;
  [[nodiscard]] int number_of(int epoch) const { return epoch - 1 + task_.settings.command.first_epoch; }
  [[nodiscard]] std::string fault_of(std::int64_t printed) const;
  [[nodiscard]] std::string why_incomplete() const;
  [[nodiscard]] std::string why_nothing() const;
  [[nodiscard]] std::string why_short() const;
  [[nodiscard]] std::string missing_metric() const;

  const SegmentTask& task_;
  const Objective& objective_;
  const SegmentHooks& hooks_;
  store::SegmentRecord record_;
  std::string fault_, divergence_;
  bool is_beyond_ = false;                      // the program goes on where nobody asked it to
  std::vector<std::string> lines_;              // that said something of an epoch
  std::map<int, double> values_;                // of the epochs that were taken
  std::map<std::string, std::string> remarks_;  // the first of each kind
  int last_epoch_;                              // of those that were taken
  int last_recalled_ = 0;                       // printed before the segment was suspended
  int next_epoch_ = 1;                          // of a line that does not say
  int num_unread_ = 0, num_unread_objects_ = 0, num_on_error_ = 0;
  std::string first_unread_;
  bool has_unnumbered_ = false;
};

}  // namespace seqsweep::trial
