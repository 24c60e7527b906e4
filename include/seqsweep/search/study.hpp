// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "seqsweep/core/ids.hpp"
#include "seqsweep/search/sampler.hpp"
#include "seqsweep/search/scheduler.hpp"
#include "seqsweep/search/space.hpp"
#include "seqsweep/search/trial_record.hpp"

namespace seqsweep::search {

/// What ends a sweep, whichever comes first: nothing is decided any more, and what runs is finished. Raising any of
/// them keeps all decisions before the point where the smaller one ended the sweep.
struct SweepEnds {
  int trials = 16;                    ///< in all
  std::int64_t epochs = 0;            ///< trained by all trials together; 0: no limit
  double multiply_adds = 0;           ///< of all trials together; 0: no limit
  std::optional<double> target = {};  ///< a trial is as good as this, in the metric's own sense
  int patience = 0;                   ///< so many trials have begun since the best value last improved; 0: no limit
};

/// When all is decided and done, the best trials are trained again, each several times, from other random numbers: how
/// much of their values is luck. Replicates are trials, but never the best one, and no part of the sweep's ends.
struct Replication {
  int best = 0;   ///< so many of the best trials
  int times = 4;  ///< each
};

struct StudyOptions {
  std::uint64_t seed = 1;
  SweepEnds ends;
  int concurrency = 2;  ///< V: logical workers on the virtual clock
  Goal goal = Goal::minimize;
  std::vector<Goal> further_goals = {};  ///< of the objectives after the first; none: there is one objective
  std::string sampler = "auto";
  SchedulerOptions scheduler = {};
  std::vector<Point> first_points = {};  ///< tried before any proposed one; values that are missing are drawn at random
  std::vector<PriorTrial> prior = {};    ///< of an earlier sweep of the same space, to learn from
  std::vector<std::string> explored = {};  ///< scheduler pbt: dimensions that may change while a trial trains
  double resample_probability = 0.25;      ///< scheduler pbt: of such a dimension, when a trial is copied
  Replication replication = {};
};

/// The default number of logical workers: 16, or an eighth of the trials if that is less, at least 2; with scheduler
/// pbt all trials, since a population trains side by side.
[[nodiscard]] int default_concurrency(const StudyOptions& options);

/// The search's only unit of work: train `trial` from `from_epoch` to `to_epoch`.
struct Segment {
  TrialId trial;
  int from_epoch = 0;
  int to_epoch = 0;
  double virtual_start = 0;   ///< [multiply-adds]
  double virtual_finish = 0;  ///< [multiply-adds]
  std::string reason;         ///< why it was decided, one phrase for `explain`
};

enum class Ending {
  reached,    ///< trained up to to_epoch
  exhausted,  ///< early stopping: the trial improves no more and is complete
  diverged,   ///< NaN or infinity
  failed,     ///< an error
};
[[nodiscard]] std::string_view name_of(Ending ending);

/// What came of a segment. A pure function of the definition, the trial and the segment.
struct SegmentResult {
  TrialId trial;
  int from_epoch = 0;
  int to_epoch = 0;  ///< as decided
  Ending ending = Ending::reached;
  int last_epoch = 0;                ///< where training stood when it ended
  double value = 0;                  ///< the metric, best so far, in its own sense (the Study knows the goal)
  std::vector<double> further = {};  ///< the other objectives, where the metric was best, in their own sense
};

/// What the epochs from_epoch + 1 … to_epoch of a trial cost, computed from the point alone. [multiply-adds]
using SegmentCost = std::function<double(const Point&, int from_epoch, int to_epoch)>;
/// The cost of one epoch, where all epochs of a trial cost the same.
using EpochCost = std::function<double(const Point&)>;
/// Why a point is not to be trained, computed from the point alone; nothing: it may be.
using Objection = std::function<std::optional<std::string>(const Point&)>;

/// The search as a pure function: a simulation of V logical workers on a virtual clock.
///
/// A segment occupies a logical worker for a virtual duration that follows from the model alone. Results may be
/// reported in any order; each is *committed* when it is the earliest in virtual time among all running segments, and
/// only commits let sampler and scheduler decide. So the decisions depend neither on the number of physical workers nor
/// on timing. A segment that ends early (exhausted, diverged, failed) still occupies its logical worker to its virtual
/// finish. No point is tried twice.
class Study {
 public:
  /// Throws ConfigError for unknown names or options that make no sense together.
  Study(const StudyOptions& options, const SearchSpace& space, SegmentCost segment_cost, Objection objection = {});
  Study(const StudyOptions& options, const SearchSpace& space, EpochCost epoch_cost, Objection objection = {});
  ~Study();
  Study(Study&&) noexcept;
  Study& operator=(Study&&) noexcept;

  /// The segments decided at virtual time 0. Call once, first. Throws ConfigError where no point may be trained.
  std::vector<Segment> begin();
  /// Takes a result, in any order, and returns the segments decided by the commits that it made possible, in the order
  /// of their decision. A result for a segment that was not decided or is reported already is a ContractViolation.
  std::vector<Segment> report(const SegmentResult& result);

  [[nodiscard]] bool is_finished() const;
  /// Why nothing more is decided, one phrase; empty while more may be.
  [[nodiscard]] std::string end_reason() const;
  /// Points that a sampler proposed and that were not tried: tried before, or there was an objection.
  [[nodiscard]] std::int64_t num_turned_down() const;
  /// Whether a result for this trial up to this epoch is awaited.
  [[nodiscard]] bool awaits(TrialId trial, int to_epoch) const;
  /// Every trial begun so far, in order of id, as committed. As all that refers into a study, valid until the next
  /// report.
  [[nodiscard]] std::span<const TrialRecord> trials() const;
  /// The trials that began or changed since this was asked last, some more than once. New ones come in order of id.
  [[nodiscard]] std::vector<TrialId> take_changed();
  /// Every segment decided so far, in the order of decision.
  [[nodiscard]] std::span<const Segment> decisions() const;
  [[nodiscard]] const SearchSpace& space() const;
  [[nodiscard]] const StudyOptions& options() const;
  /// The trial with the best committed value, the earlier one of equals; nothing while no trial has a value.
  [[nodiscard]] const TrialRecord* best() const;
  /// The trials that no other dominates (with one objective: those with the best value), by id.
  [[nodiscard]] std::vector<TrialId> front() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace seqsweep::search
