// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/search/trial_record.hpp"

namespace seqsweep::search {

struct SchedulerOptions {
  std::string name = "asha";
  int max_epochs = 16;
  int grace_period = 1;        ///< [epochs] asha: the first rung; median: no trial is stopped before
  int reduction_factor = 4;    ///< asha: one in so many is promoted
  int interval = 1;            ///< [epochs] median: between comparisons
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
};

/// Decides between segments how far trials are trained. Told of commits in virtual order; deterministic.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  /// A new trial begins, in order of id. Where does its first segment end? [epochs]
  virtual int begin(TrialId trial) = 0;
  /// A segment of a healthy trial was committed; its measurement is `trial.curve.back()`.
  virtual Verdict committed(const TrialRecord& trial) = 0;
  /// A trial ended in its segment, without a measurement to compare (diverged, failed: `trial.value()` is infinite)
  /// or for good (early stopping).
  virtual void ended(const TrialRecord& trial) = 0;
  /// Asked whenever a logical worker is free, before a new trial begins.
  virtual std::optional<Promotion> promote() = 0;
  /// The last trial has begun: whoever waits for more of them waits in vain.
  virtual void no_more_trials() {}
};

/// Throws ConfigError where the options make no sense together.
using MakeScheduler = std::unique_ptr<Scheduler> (*)(const SchedulerOptions&);
[[nodiscard]] std::span<const CatalogueEntry<MakeScheduler>> scheduler_catalogue();

}  // namespace seqsweep::search
