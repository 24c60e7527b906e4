// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/worker.hpp"

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/leave_behind.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::cluster {
namespace {

constexpr std::chrono::milliseconds time_between_beats{500};

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool is_in(const std::vector<int>& ranks, int rank) {
  return std::find(ranks.begin(), ranks.end(), rank) != ranks.end();
}

// What the leader tells its team between two legs.
struct NextLeg {
  std::int64_t goes_on = 0;  ///< 0: the segment is interrupted, and nothing else is set
  LegId leg = 0;
  std::int64_t generation = 0;
  std::int64_t num_ranks = 0;
};

}  // namespace

Worker::Worker(WorkerChannel& channel, trial::SegmentRunner& runner, WorkerOptions options)
    : channel_(channel), runner_(runner), options_(std::move(options)) {}

bool Worker::turn() {
  beat();
  if (options_.peers != nullptr)
    if (auto order = options_.peers->invitation()) {
      if (!abandoned_.contains(order->leg)) run(std::move(*order));
      return true;
    }
  std::optional<ToWorker> message;
  if (deferred_.empty()) {
    message = receive();
  } else {
    message = std::move(deferred_.front());
    deferred_.pop_front();
  }
  if (!message) return false;
  if (const auto* order = std::get_if<RunSegment>(&*message)) {
    if (!abandoned_.contains(order->leg)) run(*order);
  } else {
    hear(*message);  // an Interrupt or a Regroup that finds nothing running came too late: the report is on its way
  }
  return true;
}

void Worker::run(RunSegment order) {
  is_interrupted_ = false;
  last_reported_epoch_ = order.from_epoch;
  try {
    for (std::optional<RunSegment> leg = std::move(order); leg;) leg = run_leg(*leg);
  } catch (const trial::GroupAbandoned&) {
    // The coordinator knows, and has other work.
  }
  leg_ = 0;
}

// Returns the next leg of the segment, if there is one and this rank is of it.
std::optional<RunSegment> Worker::run_leg(const RunSegment& order) {
  leg_ = order.leg;
  team_ = order.ranks;
  regroup_.reset();
  leg_started_s_ = unix_seconds();
  leg_begin_ = Clock::now();
  auto group = options_.make_group(order, [this] { listen(); });
  try {
    const auto outcome = train(order, *group);
    const auto next = outcome.is_interrupted ? next_leg(order, *group) : std::nullopt;
    if (group->is_leader()) report(order, outcome, next);
    return next && is_in(next->ranks, options_.rank) ? next : std::nullopt;
  } catch (const trial::GroupAbandoned&) {
    leave_behind(std::move(group));  // messages may still arrive in its memory
    throw;
  } catch (const std::bad_alloc&) {
    leave_behind(std::move(group));
    channel_.send(OutOfMemory{options_.rank, order.leg});
    return std::nullopt;
  }
}

// The leader's part of the end of a leg.
void Worker::report(const RunSegment& order, const trial::SegmentOutcome& outcome,
                    const std::optional<RunSegment>& next) {
  if (next) {
    channel_.send(LegDone{order.leg, outcome.epochs, timing_of(order, outcome)});
    for (const int rank : next->ranks)
      if (!is_in(order.ranks, rank)) options_.peers->invite(rank, *next);
    return;
  }
  if (outcome.is_interrupted) runner_.keep(options_.task_of(order));
  SegmentDone done{order.leg, outcome.epochs, outcome.record, timing_of(order, outcome), outcome.is_interrupted};
  done.record.trial = order.trial;  // an interrupted segment's record may be empty, but it says whose it is
  channel_.send(done);
}

trial::SegmentOutcome Worker::train(const RunSegment& order, trial::Group& group) {
  trial::SegmentHooks hooks;
  hooks.on_epoch = [&](const store::EpochRecord& record) {
    if (record.epoch <= last_reported_epoch_) return;  // in an earlier leg
    last_reported_epoch_ = record.epoch;
    channel_.send(EpochDone{leg_, record});
  };
  hooks.wants_stop = [&] { return is_interrupted_ || regroup_.has_value(); };
  hooks.between_steps = [&] { listen(); };
  try {
    return runner_.run(options_.task_of(order), group, hooks);
  } catch (const ConfigError& error) {
    trial::SegmentOutcome outcome;
    outcome.record = failed_record(order, error.what());  // settings that make no sense together
    return outcome;
  }
}

// The leader alone knows why the team stopped: it says so to all.
std::optional<RunSegment> Worker::next_leg(const RunSegment& order, trial::Group& group) {
  NextLeg next;
  std::vector<int> ranks;
  if (group.is_leader() && regroup_ && !is_interrupted_) {
    ranks = regroup_->ranks;
    next = {1, regroup_->leg, regroup_->generation, static_cast<std::int64_t>(ranks.size())};
  }
  group.broadcast(std::as_writable_bytes(std::span(&next, 1)));
  if (next.goes_on == 0) return std::nullopt;
  ranks.resize(static_cast<std::size_t>(next.num_ranks));
  group.broadcast(std::as_writable_bytes(std::span(ranks)));
  RunSegment leg = order;
  leg.leg = next.leg;
  leg.generation = static_cast<int>(next.generation);
  leg.ranks = std::move(ranks);
  return leg;
}

store::TimingRecord Worker::timing_of(const RunSegment& order, const trial::SegmentOutcome& outcome) const {
  store::TimingRecord timing;
  timing.trial = order.trial;
  timing.from_epoch = order.from_epoch;
  timing.to_epoch = order.to_epoch;
  timing.num_ranks = static_cast<int>(order.ranks.size());
  timing.first_rank = order.ranks.front();
  timing.host = options_.host;
  timing.ranks = fmt::format("{}", fmt::join(order.ranks, ","));
  timing.steps = outcome.clock.steps;
  timing.started_s = leg_started_s_;
  timing.seconds = seconds_since(leg_begin_);
  timing.move_s = outcome.prepare_s;
  timing.data_s = outcome.clock.data_s;
  timing.reduce_s = outcome.clock.reduce_s;
  return timing;
}

std::optional<ToWorker> Worker::receive() {
  auto message = channel_.receive();
  if (message)
    last_heard_ = Clock::now();
  else if (options_.longest_silence_s > 0 && seconds_since(last_heard_) > options_.longest_silence_s)
    throw ClusterError(fmt::format("no word from the coordinator (rank 0) for {}; its process or node may be lost",
                                   human_seconds(options_.longest_silence_s)));
  return message;
}

// Within a segment: between steps, and while the others of the team are waited for.
void Worker::listen() {
  if (options_.while_running) options_.while_running();
  beat();
  while (const auto message = receive()) {
    // The leader has reported that the team changes before we have all of its last messages: what comes now is for
    // later, but for the news that those messages will never come.
    const bool is_news = std::holds_alternative<Abandon>(*message) || std::holds_alternative<RankLost>(*message);
    if (std::holds_alternative<RunSegment>(*message) || (!deferred_.empty() && !is_news))
      deferred_.push_back(*message);
    else
      hear(*message);
  }
}

void Worker::hear(const ToWorker& message) {
  if (const auto* regroup = std::get_if<Regroup>(&message)) {
    if (regroup->of == leg_) regroup_ = *regroup;
  } else if (const auto* abandon = std::get_if<Abandon>(&message)) {
    leave_if_of(*abandon);
  } else if (const auto* lost = std::get_if<RankLost>(&message)) {
    leave_if_of(*lost);
  } else if (std::holds_alternative<Shutdown>(message)) {
    is_interrupted_ = true;
    channel_.send(Goodbye{options_.rank});
  } else if (const auto* leave = std::get_if<Leave>(&message)) {
    is_interrupted_ = true;
    leave_ = *leave;
  } else if (std::holds_alternative<Interrupt>(message)) {
    is_interrupted_ = true;
  }
}

void Worker::leave_if_of(const Abandon& abandon) {
  abandoned_.insert(abandon.leg);
  if (leg_ != 0 && leg_ <= abandon.leg) throw trial::GroupAbandoned();
}

void Worker::leave_if_of(const RankLost& lost) {
  if (leg_ != 0 && leg_ <= lost.last_leg && is_in(team_, lost.rank)) throw trial::GroupAbandoned();
}

void Worker::beat() {
  const auto now = Clock::now();
  if (now < next_beat_) return;
  next_beat_ = now + time_between_beats;
  WorkerAlive alive{options_.rank, leg_, 0, 0};
  if (leg_ != 0) {
    alive.epochs = runner_.epochs_trained();
    alive.seconds = std::chrono::duration<double>(now - leg_begin_).count();
  }
  channel_.send(alive);
}

}  // namespace seqsweep::cluster
