// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

/// Where a trial stood at a rung, as the phrase of a decision says it.
struct Standing {
  std::string group;                        ///< the trials that it is compared with: "bracket 1", "round 3"; empty: all
  int epoch = 0;                            ///< the rung
  std::size_t place = 0;                    ///< 1: the best
  std::size_t num_measured = 0;             ///< there by then
  std::optional<std::size_t> num_going_on;  ///< the best so many; nothing: the phrase names no such number
  bool is_final = true;                     ///< else more are awaited before the best go on
};
/// Nothing for a phrase that speaks of no rung.
[[nodiscard]] std::optional<Standing> read_standing(const std::string& phrase);

/// A trial with its value at one epoch, to be minimised. Ordered by value, ties by id.
using RankedTrial = std::pair<double, TrialId>;

/// A result, when it began to count.
struct Commit {
  SegmentResult result;
  std::size_t decision = 0;  ///< its place among the decisions
  double time = 0;           ///< virtual finish [multiply-adds]
  double multiply_adds = 0;  ///< of the epochs that were trained
  double value = 0;          ///< best so far, to be minimised; infinity: diverged or failed
};
/// In virtual order; of a running sweep as far as no earlier result is awaited. Decisions and results in any order.
[[nodiscard]] std::vector<Commit> commits_in_virtual_order(Goal goal, std::span<const Segment> decisions,
                                                           std::span<const SegmentResult> results);

/// A sweep as its results file tells it: a fold over decisions and results in virtual order. It knows no scheduler but
/// by the phrases of the decisions.
class RecordedSweep {
 public:
  using Commit = search::Commit;
  static constexpr std::size_t not_yet = static_cast<std::size_t>(-1);

  /// `decisions` in the order in which they were made, `results` in any; `trials` say for what reason they are where
  /// they are. All may stop anywhere, as the file of a running sweep does.
  RecordedSweep(Goal goal, std::span<const Segment> decisions, std::span<const SegmentResult> results,
                std::span<const TrialRecord> trials);

  /// In virtual order.
  [[nodiscard]] const std::vector<Commit>& commits() const { return commits_; }
  /// The place in commits() of what came of a decision; `not_yet` where nothing counts yet.
  [[nodiscard]] std::size_t commit_of(std::size_t decision) const { return commit_of_[decision]; }

  /// The trials with which this one is compared. What no phrase names is taken from the nearest trial (by id, earlier
  /// ones first) whose first segment ends at the same epoch.
  [[nodiscard]] const std::string& group_of(TrialId trial) const { return group_of_.at(trial); }
  /// The trials of a group whose segments to `epoch` were committed among the first `num_commits`, best first.
  [[nodiscard]] std::vector<RankedTrial> measured(const std::string& group, int epoch, std::size_t num_commits) const;
  enum class Phrases { all, final };  ///< final: without those by which more trials are awaited
  /// For a number of trials measured there, how many of them might go on, wherever a phrase says so.
  [[nodiscard]] std::map<std::size_t, std::size_t> going_on(const std::string& group, int epoch, Phrases phrases) const;

 private:
  void read_phrases(std::span<const Segment> decisions, std::span<const TrialRecord> trials);

  std::vector<Commit> commits_;
  std::vector<std::size_t> commit_of_;  // by decision
  std::vector<Standing> standings_;     // of every phrase that names one
  std::map<TrialId, std::string> group_of_;
};

}  // namespace seqsweep::search
