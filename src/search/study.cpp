// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/study.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "explored_point.hpp"
#include "incumbent.hpp"
#include "objectives.hpp"
#include "point_source.hpp"
#include "replication.hpp"
#include "sweep_limits.hpp"
#include "virtual_clock.hpp"

namespace seqsweep::search {
namespace {

// The search's keys: one for what all trials share, one for each trial.
RandomKey search_key(std::uint64_t seed) {
  return RandomKey(seed).fold(Purpose::sampler);
}
RandomKey shared_key(std::uint64_t seed) {
  return search_key(seed).fold(0);
}
RandomKey trial_key(std::uint64_t seed, TrialId trial) {
  return search_key(seed).fold(1).fold(static_cast<std::uint64_t>(trial.value));
}

void check_options(const StudyOptions& options) {
  if (options.ends.trials < 1)
    throw ConfigError(fmt::format("sweep.trials = {} leaves nothing to do; write at least 1", options.ends.trials), {},
                      "sweep.trials");
  if (options.concurrency < 1)
    throw ConfigError(
        fmt::format("sweep.concurrency = {} leaves no logical worker to do it; write at least 1", options.concurrency),
        {}, "sweep.concurrency");
  check_objectives(options);
}

SchedulerOptions in_sense_of(const StudyOptions& options) {
  auto scheduler = options.scheduler;
  scheduler.goal = options.goal;
  return scheduler;
}

}  // namespace

int default_concurrency(const StudyOptions& options) {
  return options.scheduler.name == "pbt" ? options.ends.trials : std::clamp(options.ends.trials / 8, 2, 16);
}

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::reached:
      return "reached";
    case Ending::exhausted:
      return "exhausted";
    case Ending::diverged:
      return "diverged";
    case Ending::failed:
      return "failed";
  }
  throw ContractViolation("an ending without a name");
}

struct Study::Body {
  StudyOptions options;
  SegmentCost segment_cost;
  History history;
  PointSource points;
  SweepLimits limits;
  std::unique_ptr<Scheduler> scheduler;

  bool has_begun = false;
  std::string last_trial_reason;  // why no more trials begin
  VirtualClock clock;
  Incumbent incumbent;
  bool is_search_over = false;
  std::deque<TrialId> to_replicate;
  std::vector<TrialId> changed;

  Body(const StudyOptions& o, const SearchSpace& space, SegmentCost cost, Objection why_not)
      : options(o),
        segment_cost(std::move(cost)),
        history(space, o.prior),
        points(o, space, shared_key(o.seed), std::move(why_not)),
        limits(o.ends),
        scheduler(make_scheduler(in_sense_of(o))),
        clock(o.concurrency) {}

  [[nodiscard]] const SearchSpace& space() const { return history.cube().space(); }
  [[nodiscard]] std::span<const TrialRecord> trials() const { return history.trials(); }

  void commit(const SegmentResult& result);
  void judge(TrialRecord& trial);
  void follow(Promotion promotion);
  void begin_offspring(const Promotion& promotion);
  [[nodiscard]] Point explored(const Point& point, RandomKey key) const;
  void begin_replicate();
  void learn_from(TrialRecord& trial);
  void complete_replicate(TrialRecord& trial);
  void record_result(TrialRecord& trial, const SegmentResult& result);
  void fill_workers();
  void search_on();
  bool begin_trial();
  bool decide(TrialRecord& trial, int to_epoch, std::string reason);
  void run(TrialRecord& trial, int to_epoch, double cost, std::string reason);
  [[nodiscard]] TrialId next_id() const { return TrialId(static_cast<std::int32_t>(trials().size())); }
  [[nodiscard]] std::vector<Segment> decided_since(std::size_t first) const {
    return {clock.decisions().begin() + static_cast<std::ptrdiff_t>(first), clock.decisions().end()};
  }
};

// Says whether it was: the sweep may end before it.
bool Study::Body::decide(TrialRecord& trial, int to_epoch, std::string reason) {
  const int from_epoch = trial.epochs();
  const double cost = segment_cost(trial.point, from_epoch, to_epoch);
  if (!limits.affords(to_epoch - from_epoch, cost)) return false;
  limits.spend(to_epoch - from_epoch, cost);
  run(trial, to_epoch, cost, std::move(reason));
  return true;
}

void Study::Body::run(TrialRecord& trial, int to_epoch, double cost, std::string reason) {
  trial.state = TrialState::running;
  trial.reason = reason;
  changed.push_back(trial.id);
  clock.begin({.trial = trial.id, .from_epoch = trial.epochs(), .to_epoch = to_epoch, .reason = std::move(reason)},
              cost);
}

// Says whether it did.
bool Study::Body::begin_trial() {
  if (trials().size() >= static_cast<std::size_t>(options.ends.trials)) {
    last_trial_reason = fmt::format("sweep.trials = {}", options.ends.trials);
    return false;
  }
  auto next = points.next(history, trial_key(options.seed, next_id()));
  if (!next) {
    last_trial_reason = trials().empty() ? "no point of the search may be trained"
                                         : "all points of the search that may be trained were tried";
    return false;
  }
  auto& [point, origin] = *next;
  const int to_epoch = scheduler->begin(next_id());
  const double cost = segment_cost(point, 0, to_epoch);
  SEQSWEEP_EXPECT(std::isfinite(cost) && cost > 0, "a segment of a trial costs nothing, or no finite number");
  if (!limits.affords(to_epoch, cost)) return false;
  return decide(history.begin(std::move(point)), to_epoch, fmt::format("new trial ({})", origin));
}

void Study::Body::follow(Promotion promotion) {
  if (promotion.replaced) return begin_offspring(promotion);
  auto& trial = history.record(promotion.trial);
  SEQSWEEP_ENSURE(trial.state == TrialState::paused, "a trial was promoted that did not wait");
  decide(trial, promotion.to_epoch, std::move(promotion.reason));
}

// A point near this one to which there is no objection; else this one.
Point Study::Body::explored(const Point& point, RandomKey key) const {
  constexpr std::uint64_t most_attempts = 32;
  for (std::uint64_t attempt = 0; attempt < most_attempts; ++attempt) {
    auto next = explored_point(space(), point, {options.explored, options.resample_probability}, key.fold(attempt));
    if (points.may_be_trained(next)) return next;
  }
  return point;
}

void Study::Body::begin_offspring(const Promotion& promotion) {
  const Parent parent{promotion.trial, promotion.from_epoch, *promotion.replaced};
  const auto id = next_id();
  auto point = explored(history.record(parent.trial).point, trial_key(options.seed, id));
  const double cost = segment_cost(point, parent.epoch, promotion.to_epoch);
  if (!limits.affords(promotion.to_epoch - parent.epoch, cost)) return;
  auto& replaced = history.record(*promotion.replaced);
  if (replaced.state == TrialState::paused) {
    replaced.state = TrialState::stopped;
    changed.push_back(replaced.id);
    replaced.reason = fmt::format("{}; trial {} takes its place", promotion.reason, id.value);
  }
  decide(history.begin(std::move(point), parent), promotion.to_epoch,
         fmt::format("from trial {} after epoch {}, for trial {}", parent.trial.value, parent.epoch,
                     promotion.replaced->value));
}

void Study::Body::begin_replicate() {
  const auto& original = history.record(to_replicate.front());
  to_replicate.pop_front();
  const auto id = original.id;
  const int to_epoch = original.epochs();
  const double cost = segment_cost(original.point, 0, to_epoch);
  run(history.begin(Point(original.point), {.trial = id}), to_epoch, cost,
      fmt::format("replicate of trial {}", id.value));
}

void Study::Body::fill_workers() {
  search_on();
  if (clock.is_idle() && !is_search_over) {
    is_search_over = true;
    to_replicate = trials_to_replicate(trials(), options.replication);
  }
  while (clock.has_idle_worker() && !to_replicate.empty()) begin_replicate();
}

void Study::Body::search_on() {
  while (limits.reason().empty() && clock.has_idle_worker()) {
    if (auto promotion = scheduler->promote()) {
      follow(std::move(*promotion));
    } else if (!last_trial_reason.empty()) {
      return;
    } else if (!begin_trial() && limits.reason().empty()) {
      scheduler->no_more_trials();
    }
  }
}

// The results of a segment enter its trial's record. Nothing else ever changes a curve.
void Study::Body::record_result(TrialRecord& trial, const SegmentResult& result) {
  const bool has_value = result.ending == Ending::reached || result.ending == Ending::exhausted;
  auto objectives = objectives_of(options, result);
  if (result.ending == Ending::failed) {
    trial.state = TrialState::failed;
    trial.reason = fmt::format("failed in epochs {} to {}", result.from_epoch, result.to_epoch);
  } else if (!has_value || !std::isfinite(objectives.front())) {
    trial.state = TrialState::diverged;
    trial.reason = fmt::format("diverged after epoch {}", result.last_epoch);
  } else if (result.ending == Ending::exhausted) {
    trial.state = TrialState::completed;
    trial.reason = fmt::format("improved no more, early stopping at epoch {}", result.last_epoch);
  }
  const bool is_healthy = trial.state == TrialState::running || trial.state == TrialState::completed;
  if (!is_healthy) objectives.assign(objectives.size(), std::numeric_limits<double>::infinity());
  trial.curve.push_back({result.last_epoch, objectives.front()});
  trial.objectives = std::move(objectives);
  history.measured(trial.id, trial.state == TrialState::completed);
}

void Study::Body::judge(TrialRecord& trial) {
  auto verdict = scheduler->committed(trial);
  trial.reason = verdict.reason;
  switch (verdict.kind) {
    case Verdict::Kind::proceed:
      if (!decide(trial, verdict.to_epoch, std::move(verdict.reason))) trial.state = TrialState::paused;
      break;
    case Verdict::Kind::pause:
      trial.state = TrialState::paused;
      break;
    case Verdict::Kind::stop:
      trial.state = TrialState::stopped;
      break;
    case Verdict::Kind::complete:
      trial.state = TrialState::completed;
      break;
  }
}

void Study::Body::commit(const SegmentResult& result) {
  changed.push_back(result.trial);
  auto& trial = history.record(result.trial);
  record_result(trial, result);
  trial.is_replicate() ? complete_replicate(trial) : learn_from(trial);
  fill_workers();
}

void Study::Body::learn_from(TrialRecord& trial) {
  incumbent.follow(trial, trials());
  limits.see(incumbent.value(), trials().size(), options.goal);
  if (trial.state == TrialState::running)
    judge(trial);
  else
    scheduler->ended(trial);
}

void Study::Body::complete_replicate(TrialRecord& trial) {
  if (trial.state != TrialState::running) return;
  trial.state = TrialState::completed;
  trial.reason = fmt::format("replicate of trial {}", trial.parent.trial.value);
}

Study::Study(const StudyOptions& options, const SearchSpace& space, SegmentCost segment_cost, Objection objection) {
  check_options(options);
  SEQSWEEP_EXPECT(segment_cost != nullptr, "a study needs to know what training costs");
  body_ = std::make_unique<Body>(options, space, std::move(segment_cost), std::move(objection));
}

Study::Study(const StudyOptions& options, const SearchSpace& space, EpochCost epoch_cost, Objection objection)
    : Study(
          options, space,
          [cost = std::move(epoch_cost)](const Point& point, int from_epoch, int to_epoch) {
            return cost(point) * (to_epoch - from_epoch);
          },
          std::move(objection)) {}

Study::~Study() = default;
Study::Study(Study&&) noexcept = default;
Study& Study::operator=(Study&&) noexcept = default;

std::vector<Segment> Study::begin() {
  SEQSWEEP_EXPECT(!body_->has_begun, "a study was begun twice");
  body_->has_begun = true;
  body_->fill_workers();
  if (body_->clock.decisions().empty()) throw ConfigError("nothing to train: " + end_reason());
  return body_->decided_since(0);
}

std::vector<Segment> Study::report(const SegmentResult& result) {
  SEQSWEEP_EXPECT(body_->has_begun, "a result was reported to a study that has not begun");
  const auto num_decided = body_->clock.decisions().size();
  body_->clock.report(result);
  while (const auto next = body_->clock.take_next()) body_->commit(*next);
  return body_->decided_since(num_decided);
}

std::vector<TrialId> Study::take_changed() {
  return std::exchange(body_->changed, {});
}

bool Study::is_finished() const {
  return body_->has_begun && body_->clock.is_idle();
}

bool Study::awaits(TrialId trial, int to_epoch) const {
  return body_->clock.awaits(trial, to_epoch);
}

std::string Study::end_reason() const {
  if (const auto& reason = body_->limits.reason(); !reason.empty()) return reason;
  return is_finished() ? body_->last_trial_reason : "";
}
std::int64_t Study::num_turned_down() const {
  return body_->points.num_turned_down();
}
std::span<const TrialRecord> Study::trials() const {
  return body_->trials();
}
std::span<const Segment> Study::decisions() const {
  return body_->clock.decisions();
}
const SearchSpace& Study::space() const {
  return body_->space();
}
const StudyOptions& Study::options() const {
  return body_->options;
}
std::vector<TrialId> Study::front() const {
  return front_of(body_->trials());
}
const TrialRecord* Study::best() const {
  const auto best = body_->incumbent.trial();
  return best ? &body_->history.record(*best) : nullptr;
}

}  // namespace seqsweep::search
