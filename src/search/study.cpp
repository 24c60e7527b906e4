// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/study.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <queue>
#include <unordered_map>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "point_source.hpp"
#include "sweep_limits.hpp"

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
}

SchedulerOptions in_sense_of(const StudyOptions& options) {
  auto scheduler = options.scheduler;
  scheduler.goal = options.goal;
  return scheduler;
}

// What is running on a logical worker. Ordered by virtual finish, ties in the order of decision.
struct Running {
  double virtual_finish;
  std::size_t decision;
  bool operator>(const Running& other) const {
    return virtual_finish != other.virtual_finish ? virtual_finish > other.virtual_finish : decision > other.decision;
  }
};

// A running segment's result arrives before its turn to be committed, or is awaited.
struct Pending {
  std::size_t decision;
  std::optional<SegmentResult> result;
};

}  // namespace

int default_concurrency(int trials) {
  return std::clamp(trials / 8, 2, 16);
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
  EpochCost epoch_cost;
  History history;
  PointSource points;
  SweepLimits limits;
  std::unique_ptr<Scheduler> scheduler;

  bool has_begun = false;
  std::string last_trial_reason;       // why no more trials begin
  std::vector<double> cost_per_epoch;  // [multiply-adds], of each trial
  std::vector<Segment> decisions;
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running;
  std::unordered_map<TrialId, Pending> pending;  // one for each running segment
  std::optional<std::size_t> best;               // of `trials`
  double best_value = 0;

  Body(const StudyOptions& o, const SearchSpace& space, EpochCost cost, Objection why_not)
      : options(o),
        epoch_cost(std::move(cost)),
        history(space, o.prior),
        points(o, space, shared_key(o.seed), std::move(why_not)),
        limits(o.ends),
        scheduler(find_in(scheduler_catalogue(), "scheduler", o.scheduler.name).make(in_sense_of(o))) {}

  [[nodiscard]] const SearchSpace& space() const { return history.cube().space(); }
  [[nodiscard]] std::span<const TrialRecord> trials() const { return history.trials(); }

  void check(const SegmentResult& result) const;
  void commit_next();
  void judge(TrialRecord& trial, double now);
  void record_result(TrialRecord& trial, const SegmentResult& result);
  void follow_best(const TrialRecord& changed);
  void fill_workers(double now);
  bool begin_trial(double now);
  bool decide(TrialRecord& trial, int to_epoch, double now, std::string reason);
  std::vector<Segment> decided_since(std::size_t first) const {
    return {decisions.begin() + static_cast<std::ptrdiff_t>(first), decisions.end()};
  }
};

// Says whether it was: the sweep may end before it.
bool Study::Body::decide(TrialRecord& trial, int to_epoch, double now, std::string reason) {
  const int from_epoch = trial.epochs();
  SEQSWEEP_ENSURE(to_epoch > from_epoch, "a segment of no epoch was decided");
  const double cost = cost_per_epoch[static_cast<std::size_t>(trial.id.value)];
  const double duration = cost * (to_epoch - from_epoch);
  if (!limits.affords(to_epoch - from_epoch, cost)) return false;
  limits.spend(to_epoch - from_epoch, cost);
  trial.state = TrialState::running;
  trial.reason = reason;
  running.push({now + duration, decisions.size()});
  pending.emplace(trial.id, Pending{decisions.size(), std::nullopt});
  decisions.push_back({trial.id, from_epoch, to_epoch, now, now + duration, std::move(reason)});
  return true;
}

// Says whether it did.
bool Study::Body::begin_trial(double now) {
  if (trials().size() >= static_cast<std::size_t>(options.ends.trials)) {
    last_trial_reason = fmt::format("sweep.trials = {}", options.ends.trials);
    return false;
  }
  const TrialId id(static_cast<std::int32_t>(trials().size()));
  auto next = points.next(history, trial_key(options.seed, id));
  if (!next) {
    last_trial_reason = trials().empty() ? "no point of the search may be trained"
                                         : "all points of the search that may be trained were tried";
    return false;
  }
  auto& [point, origin] = *next;
  const double cost = epoch_cost(point);
  SEQSWEEP_EXPECT(std::isfinite(cost) && cost > 0, "an epoch of a trial costs nothing, or no finite number");
  const int to_epoch = scheduler->begin(id);
  if (!limits.affords(to_epoch, cost)) return false;
  cost_per_epoch.push_back(cost);
  return decide(history.begin(std::move(point)), to_epoch, now, fmt::format("new trial ({})", origin));
}

void Study::Body::fill_workers(double now) {
  while (limits.reason().empty() && pending.size() < static_cast<std::size_t>(options.concurrency)) {
    if (auto promotion = scheduler->promote()) {
      auto& trial = history.record(promotion->trial);
      SEQSWEEP_ENSURE(trial.state == TrialState::paused, "a trial was promoted that did not wait");
      decide(trial, promotion->to_epoch, now, std::move(promotion->reason));
    } else if (!last_trial_reason.empty()) {
      return;
    } else if (!begin_trial(now) && limits.reason().empty()) {
      scheduler->no_more_trials();
    }
  }
}

// The results of a segment enter its trial's record. Nothing else ever changes a curve.
void Study::Body::record_result(TrialRecord& trial, const SegmentResult& result) {
  const bool has_value = result.ending == Ending::reached || result.ending == Ending::exhausted;
  if (result.ending == Ending::failed) {
    trial.state = TrialState::failed;
    trial.reason = fmt::format("failed in epochs {} to {}", result.from_epoch, result.to_epoch);
  } else if (!has_value || !std::isfinite(result.value)) {
    trial.state = TrialState::diverged;
    trial.reason = fmt::format("diverged after epoch {}", result.last_epoch);
  } else if (result.ending == Ending::exhausted) {
    trial.state = TrialState::completed;
    trial.reason = fmt::format("improved no more, early stopping at epoch {}", result.last_epoch);
  }
  const bool is_healthy = trial.state == TrialState::running || trial.state == TrialState::completed;
  trial.curve.push_back(
      {result.last_epoch, is_healthy ? turned(options.goal, result.value) : std::numeric_limits<double>::infinity()});
  history.measured(trial.id, trial.state == TrialState::completed);
}

void Study::Body::judge(TrialRecord& trial, double now) {
  auto verdict = scheduler->committed(trial);
  trial.reason = verdict.reason;
  switch (verdict.kind) {
    case Verdict::Kind::proceed:
      if (!decide(trial, verdict.to_epoch, now, std::move(verdict.reason))) trial.state = TrialState::paused;
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

void Study::Body::follow_best(const TrialRecord& changed) {
  const auto is_better = [](const TrialRecord& a, const TrialRecord& b) {
    return a.value() != b.value() ? a.value() < b.value() : a.id < b.id;
  };
  const bool is_best = best && trials()[*best].id == changed.id;
  if (is_best && !(changed.value() <= best_value)) {  // it diverged or failed
    const auto next = std::min_element(trials().begin(), trials().end(), is_better);
    best = static_cast<std::size_t>(next - trials().begin());
  } else if (is_best || !best || is_better(changed, trials()[*best])) {
    best = static_cast<std::size_t>(changed.id.value);
  }
  best_value = trials()[*best].value();
  if (!std::isfinite(best_value)) best.reset();
}

void Study::Body::commit_next() {
  const auto [now, decision] = running.top();
  running.pop();
  auto& trial = history.record(decisions[decision].trial);
  const auto result = *pending.extract(trial.id).mapped().result;
  record_result(trial, result);
  follow_best(trial);
  limits.see(best ? best_value : std::numeric_limits<double>::infinity(), trials().size(), options.goal);
  if (trial.state == TrialState::running)
    judge(trial, now);
  else
    scheduler->ended(trial);
  fill_workers(now);
}

void Study::Body::check(const SegmentResult& result) const {
  SEQSWEEP_EXPECT(has_begun, "a result was reported to a study that has not begun");
  const auto awaited = pending.find(result.trial);
  SEQSWEEP_EXPECT(awaited != pending.end() && !awaited->second.result,
                  fmt::format("a result of trial {} was reported that is not awaited", result.trial.value));
  const auto& segment = decisions[awaited->second.decision];
  SEQSWEEP_EXPECT(result.from_epoch == segment.from_epoch && result.to_epoch == segment.to_epoch,
                  fmt::format("a result of trial {} was reported for other epochs than decided", result.trial.value));
  SEQSWEEP_EXPECT(result.last_epoch >= segment.from_epoch && result.last_epoch <= segment.to_epoch,
                  fmt::format("trial {} ended outside of its segment", result.trial.value));
  SEQSWEEP_EXPECT(result.ending != Ending::reached || result.last_epoch == segment.to_epoch,
                  fmt::format("trial {} reached the end of its segment and stands elsewhere", result.trial.value));
}

Study::Study(const StudyOptions& options, const SearchSpace& space, EpochCost epoch_cost, Objection objection) {
  check_options(options);
  SEQSWEEP_EXPECT(epoch_cost != nullptr, "a study needs to know what an epoch costs");
  body_ = std::make_unique<Body>(options, space, std::move(epoch_cost), std::move(objection));
}

Study::~Study() = default;
Study::Study(Study&&) noexcept = default;
Study& Study::operator=(Study&&) noexcept = default;

std::vector<Segment> Study::begin() {
  SEQSWEEP_EXPECT(!body_->has_begun, "a study was begun twice");
  body_->has_begun = true;
  body_->fill_workers(0);
  if (body_->decisions.empty()) throw ConfigError("nothing to train: " + end_reason());
  return body_->decided_since(0);
}

std::vector<Segment> Study::report(const SegmentResult& result) {
  auto& body = *body_;
  body.check(result);
  const auto num_decided = body.decisions.size();
  body.pending.at(result.trial).result = result;
  const auto is_next_here = [&] {
    return !body.running.empty() && body.pending.at(body.decisions[body.running.top().decision].trial).result;
  };
  while (is_next_here()) body.commit_next();
  return body.decided_since(num_decided);
}

bool Study::is_finished() const {
  return body_->has_begun && body_->running.empty();
}

bool Study::awaits(TrialId trial, int to_epoch) const {
  const auto pending = body_->pending.find(trial);
  return pending != body_->pending.end() && !pending->second.result &&
         body_->decisions[pending->second.decision].to_epoch == to_epoch;
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
  return body_->decisions;
}
const SearchSpace& Study::space() const {
  return body_->space();
}
const StudyOptions& Study::options() const {
  return body_->options;
}
const TrialRecord* Study::best() const {
  return body_->best ? &body_->trials()[*body_->best] : nullptr;
}

}  // namespace seqsweep::search
