// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/search/trial_record.hpp"

namespace seqsweep::search {

struct SchedulerOptions {
  std::string name = "asha";
  int max_epochs = 16;
  int grace_period = 1;        ///< [epochs] asha, halving, hyperband: the first rung; median: none is stopped before
  int reduction_factor = 4;    ///< asha, halving, hyperband: one in so many goes on to the next rung
  int brackets = 1;            ///< asha: side by side; bracket s begins its trials at rung s
  int round_trials = 0;        ///< halving: in a round; 0: as many as leave one for the last rung
  int interval = 1;            ///< [epochs] median: between comparisons; pbt: a generation
  double quantile = 0.25;      ///< pbt: the share of a generation that is replaced, and by whom
  int min_trials = 5;          ///< median: comparisons begin with so many measured trials
  Goal goal = Goal::minimize;  ///< for the phrases alone (the Study sets it): measurements are always to be minimised
};

/// What becomes of a trial whose segment was just committed.
struct Verdict {
  enum class Kind { proceed, pause, stop, complete } kind = Kind::complete;
  int to_epoch = 0;    ///< proceed: where the next segment ends
  std::string reason;  ///< one phrase for `explain`, with the numbers that decided
};

/// A paused trial to go on with.
struct Promotion {
  TrialId trial;
  int to_epoch = 0;
  std::string reason;
  /// Where given: not the trial itself goes on, but a new one from its state after `from_epoch` epochs, with an
  /// explored point; and this one goes on no more.
  std::optional<TrialId> replaced = {};
  int from_epoch = 0;
};

/// How many trials are trained to an epoch where trials are compared, if none diverges, fails or improves no more.
struct RungReach {
  int epoch = 0;
  std::int64_t trials = 0;  ///< as the scheduler's share goes on at each rung
  std::int64_t most = 0;    ///< in the luckiest order of values; more than `trials` where decisions do not wait for all
  bool operator==(const RungReach&) const = default;
};

/// Decides between segments how far trials are trained. Told of commits in virtual order; deterministic.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  /// Once for each new trial, in order of id: where does its first segment end? [epochs]
  virtual int begin(TrialId trial) = 0;
  /// A segment of a healthy trial was committed; its measurement is `trial.curve.back()`.
  virtual Verdict committed(const TrialRecord& trial) = 0;
  /// A trial ended in its segment, without a measurement to compare (diverged, failed: `trial.value()` is infinite)
  /// or for good (early stopping).
  virtual void ended(const TrialRecord& trial) = 0;
  /// Asked whenever a logical worker is free, before a new trial begins. A trial that never goes on stays paused.
  virtual std::optional<Promotion> promote() = 0;
  /// Once, when the last trial has begun: whoever waits for more of them waits in vain. promote() is asked again.
  virtual void no_more_trials() {}
  /// Where trials are compared to go on or not, rising up to max_epochs; none where they are not compared at rungs.
  /// [epochs]
  [[nodiscard]] virtual std::vector<int> rungs() const { return {}; }
  /// How far so many trials get, by rising epoch up to max_epochs; none where each may be trained to its end.
  [[nodiscard]] virtual std::vector<RungReach> reach(std::int64_t /*num_trials*/) const { return {}; }
  /// Why it has nothing to decide about so many trials, one phrase; empty: it has.
  [[nodiscard]] virtual std::string why_idle(std::int64_t /*num_trials*/) const { return {}; }
};

/// Throws ConfigError where the options make no sense together.
using MakeScheduler = std::unique_ptr<Scheduler> (*)(const SchedulerOptions&);
[[nodiscard]] std::span<const CatalogueEntry<MakeScheduler>> scheduler_catalogue();
/// The one that the options name. Throws ConfigError for an unknown name, and where they make no sense together.
[[nodiscard]] std::unique_ptr<Scheduler> make_scheduler(const SchedulerOptions& options);

}  // namespace seqsweep::search
