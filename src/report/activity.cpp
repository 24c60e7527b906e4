// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/activity.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"
#include "seqsweep/report/ledger.hpp"

namespace seqsweep::report {
namespace {

using Kind = Activity::Kind;
using Life = store::WriterProcess::Life;
using search::Segment;

// A running sweep says about once a second that it lives, but not in the middle of a step of rank 0's own.
constexpr double long_silence_s = 30;

std::string counted(int number, const std::string& what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string are(int number, const std::string& what) {
  return counted(number, what) + (number == 1 ? " is" : " are");
}

std::string text_of(const store::WriterProcess& writer) {
  return fmt::format("process {} on host '{}'", writer.pid, writer.host);
}

// ---- who works

std::string run_text(const store::LiveState& live) {
  return fmt::format("for {} on {}", human_seconds(std::max(0.0, live.written_s - live.started_s)),
                     counted(live.num_ranks, "rank"));
}

void describe_run(Activity& activity, const store::Results& results, const store::WriterProcess& writer, double now_s) {
  if (!results.live) {
    activity.kind = Kind::running;
    activity.sentence = fmt::format("running ({})", text_of(writer));
    return;
  }
  const auto& live = *results.live;
  const double silent_s = now_s - live.written_s;
  if (silent_s > long_silence_s) {
    activity.kind = Kind::silent;
    activity.sentence = fmt::format(
        "nothing was written for {}; {}", human_seconds(silent_s),
        writer.life == Life::runs ? text_of(writer) + " still runs" : "does " + text_of(writer) + " still run?");
    return;
  }
  activity.kind = live.stop_reason.empty() ? Kind::running : Kind::stopping;
  activity.sentence = "running " + run_text(live);
  if (activity.kind == Kind::stopping) activity.sentence += ", stopping: " + live.stop_reason;
}

void describe_stop(Activity& activity, const store::Results& results, bool was_killed, double now_s) {
  const auto* live = results.live ? &*results.live : nullptr;
  activity.kind = Kind::stopped;
  if (live != nullptr && !live->stop_reason.empty()) {
    activity.sentence =
        fmt::format("stopped by {} (it ran {}); the same command goes on", live->stop_reason, run_text(*live));
  } else if (was_killed) {
    const auto when = live == nullptr ? "" : ", last heard of " + human_seconds(now_s - live->written_s) + " ago";
    activity.sentence = fmt::format("its process ended in the middle{}; the same command goes on", when);
  } else {
    activity.kind = Kind::unknown;
    activity.sentence = "not finished: it was stopped, or this is a copy of a running sweep's file";
  }
}

double utilisation_of(const store::Results& results) {
  const auto& live = *results.live;
  const double there_s = (live.written_s - live.started_s) * live.num_ranks;
  if (!(there_s > 0)) return store::not_applicable;
  double busy_s = 0;
  const auto add = [&](const std::vector<store::TimingRecord>& legs) {
    for (const auto& leg : legs)
      if (leg.started_s >= live.started_s) busy_s += leg.seconds * leg.num_ranks;
  };
  add(results.timing);
  add(running_legs(results));
  return std::clamp(busy_s / there_s, 0.0, 1.0);
}

// ---- why not on more

// Where the virtual clock stands.
struct Waiting {
  const Segment* next = nullptr;  ///< of those that run, the one whose result counts next
  int num_busy = 0;               ///< logical workers: their segment runs, or its result does not count yet
};

Waiting waiting_of(const store::Results& results) {
  std::set<std::pair<TrialId, int>> done;
  for (const auto& segment : results.segments) done.emplace(segment.trial, segment.to_epoch);
  Waiting waiting;
  const auto runs = [&](const Segment& decision) { return !done.contains({decision.trial, decision.to_epoch}); };
  for (const auto& decision : results.decisions)
    if (runs(decision) && (!waiting.next || decision.virtual_finish < waiting.next->virtual_finish))
      waiting.next = &decision;
  if (!waiting.next) return waiting;
  for (const auto& decision : results.decisions)
    waiting.num_busy += runs(decision) || decision.virtual_finish > waiting.next->virtual_finish;
  return waiting;
}

std::string why_idle(const store::Results& results) {
  const auto [next, num_busy] = waiting_of(results);
  if (!next) return "nothing is decided yet";
  const auto defined = [&](const std::string& key) {
    const auto found = results.header.definition.find(key);
    return found == results.header.definition.end() ? std::string() : found->second;
  };
  const auto its_result = fmt::format("trial {} at epoch {}", next->trial.value, next->to_epoch);
  const auto concurrency = parse_integer(defined("sweep.concurrency"));
  if (concurrency && num_busy >= *concurrency)
    return fmt::format("all logical workers (sweep.concurrency = {}) are busy; the next is free with {}", *concurrency,
                       its_result);
  const auto scheduler = defined("search.scheduler");
  if (scheduler == "halving" || scheduler == "hyperband" || scheduler == "pbt")
    return fmt::format("{} waits for {}", scheduler == "pbt" ? "the generation (pbt)" : "a rung (" + scheduler + ")",
                       its_result);
  if (static_cast<int>(results.trials.size()) >= results.header.trials)
    return fmt::format("all {} have begun; what else there is to do is known with {}",
                       counted(results.header.trials, "trial"), its_result);
  return fmt::format("what comes next is known with {}", its_result);
}

std::vector<std::string> reasons_of(const store::Results& results) {
  const auto& live = *results.live;
  std::vector<std::string> reasons;
  if (live.num_lost > 0) reasons.push_back(are(live.num_lost, "rank") + " lost, and others do the work");
  if (live.silent_rank >= 0)
    reasons.push_back(fmt::format("rank {} has been silent for {}", live.silent_rank, human_seconds(live.silent_s)));
  if (live.num_idle > 0 && live.num_waiting == 0)
    reasons.push_back(fmt::format("{} idle: {}", are(live.num_idle, "rank"), why_idle(results)));
  if (live.num_idle > 0 && live.num_waiting > 0)
    reasons.push_back(fmt::format("{} idle while {} for more that belong together (cluster.ranks_per_trial)",
                                  are(live.num_idle, "rank"),
                                  counted(live.num_waiting, "segment") + (live.num_waiting == 1 ? " waits" : " wait")));
  return reasons;
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::finished:
      return "finished";
    case Kind::running:
      return "running";
    case Kind::stopping:
      return "stopping";
    case Kind::silent:
      return "silent";
    case Kind::stopped:
      return "stopped";
    case Kind::unknown:
      return "unknown";
  }
  return "unknown";
}

Activity activity_of(const store::Results& results, const std::optional<store::WriterProcess>& writer, double now_s) {
  Activity activity;
  if (results.is_sealed) {
    activity.kind = Kind::finished;
    activity.sentence = "finished and sealed";
    return activity;
  }
  if (writer && writer->life != Life::ended)
    describe_run(activity, results, *writer, now_s);
  else
    describe_stop(activity, results, writer.has_value(), now_s);
  if (results.live) activity.utilisation = utilisation_of(results);
  if (results.live && activity.kind == Kind::running) activity.reasons = reasons_of(results);
  return activity;
}

}  // namespace seqsweep::report
