// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/coordinator.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/log.hpp"

namespace seqsweep::cluster {
namespace {

search::SegmentResult result_of(const store::SegmentRecord& record) {
  search::SegmentResult result;
  result.trial = record.trial;
  result.from_epoch = record.from_epoch;
  result.to_epoch = record.to_epoch;
  result.ending = record.ending;
  result.last_epoch = record.last_epoch;
  result.value = record.value;
  result.further = record.further;
  return result;
}

}  // namespace

Coordinator::Coordinator(search::Study& study, Recorder& recorder, CoordinatorChannel& channel,
                         CoordinatorOptions options, const RecordedWork& recorded)
    : study_(study),
      recorder_(recorder),
      channel_(channel),
      most_ranks_(std::move(options.most_ranks)),
      retries_(options.retries),
      dispatcher_(channel, std::move(options.ranks)),
      recorded_epochs_(recorded.epochs) {
  for (const auto& decision : recorded.decisions) recorded_decisions_.emplace(decision.trial, decision.to_epoch);
  for (const auto& record : recorded.segments) recorded_.emplace(SegmentKey{record.trial, record.to_epoch}, record);
  std::deque<store::SegmentRecord> results;
  enroll(study_.begin(), results);
  conclude(std::move(results));
}

bool Coordinator::turn() {
  bool was_busy = false;
  while (const auto message = channel_.receive()) {
    std::visit([this](const auto& m) { handle(m); }, *message);
    was_busy = true;
  }
  fail_the_hopeless();
  put_changed_trials();
  if (has_appended_) recorder_.commit();
  has_appended_ = false;
  dispatcher_.turn();
  return was_busy;
}

void Coordinator::handle(const EpochDone& message) {
  if (!dispatcher_.is_under_way(message.leg)) return;  // of a rank that was taken for lost
  if (!recorded_epochs_.emplace(message.record.trial, message.record.epoch).second) return;  // reported before
  recorder_.append(message.record);
  has_appended_ = true;
  ++epochs_done_;
}

void Coordinator::handle(const LegDone& message) {
  recorder_.append(message.timing);
  has_appended_ = true;
  dispatcher_.take(message);
}

void Coordinator::handle(const SegmentDone& message) {
  auto job = dispatcher_.finish(message);
  if (!job) return;  // of a rank that was taken for lost: others do its work
  recorder_.append(message.timing);
  has_appended_ = true;
  if (message.is_interrupted || may_try_again(message.record)) {
    dispatcher_.resubmit(std::move(*job));
    return;
  }
  recorder_.append(message.record);
  multiply_adds_done_ += job->multiply_adds;
  conclude({message.record});
}

bool Coordinator::may_try_again(const store::SegmentRecord& record) {
  if (record.ending != search::Ending::failed || failures_[{record.trial, record.to_epoch}]++ >= retries_) return false;
  log::warning(fmt::format("trial {} failed and is tried again: {}", record.trial.value, record.message));
  return true;
}

// A trial that takes its ranks with it, again and again, is taken from the sweep.
void Coordinator::fail_the_hopeless() {
  for (const auto& [job, reason] : dispatcher_.take_hopeless()) {
    auto record = failed_record(job.order, reason);
    recorder_.append(record);
    has_appended_ = true;
    conclude({std::move(record)});
  }
}

// Gives results to the Study, and what that decides to the queue; segments that an earlier run finished come back as
// further results.
void Coordinator::conclude(std::deque<store::SegmentRecord> results) {
  for (; !results.empty(); results.pop_front()) {
    const auto& record = results.front();
    auto& last = last_segments_[record.trial];
    if (last.to_epoch <= record.to_epoch) last = record;
    ++segments_done_;
    if (record.ending == search::Ending::failed) {
      ++failed_trials_;
      log::warning("trial " + std::to_string(record.trial.value) + " failed: " + record.message);
    }
    enroll(study_.report(result_of(record)), results);
  }
}

void Coordinator::enroll(const std::vector<search::Segment>& decided,
                         std::deque<store::SegmentRecord>& recorded_results) {
  for (const auto& segment : decided) {
    const SegmentKey key{segment.trial, segment.to_epoch};
    if (recorded_decisions_.insert(key).second) {
      recorder_.append(segment);
      has_appended_ = true;
    }
    if (const auto known = recorded_.find(key); known != recorded_.end()) {
      recorded_results.push_back(known->second);
      recorded_.erase(known);
    } else {
      dispatcher_.submit(job_of(segment));
    }
  }
}

void Coordinator::put_changed_trials() {
  const auto changed = study_.take_changed();
  const auto trials = study_.trials();
  written_.resize(trials.size());
  for (const auto id : changed) {
    const auto index = static_cast<std::size_t>(id.value);
    const auto& trial = trials[index];
    const Written now = std::pair{trial.state, trial.epochs()};
    if (written_[index] == now) continue;
    written_[index] = now;
    auto row = trial;
    for (auto& measurement : row.curve) measurement.value = search::turned(study_.options().goal, measurement.value);
    recorder_.put_trial(row, last_segment(id));
    has_appended_ = true;
  }
}

// A segment is decided when all before it of its trial are committed, so this is all that there is to know.
Job Coordinator::job_of(const search::Segment& segment) const {
  Job job;
  job.order.trial = segment.trial;
  job.order.from_epoch = segment.from_epoch;
  job.order.to_epoch = segment.to_epoch;
  if (const auto* last = last_segment(segment.trial); last != nullptr) {
    job.order.best_value = last->value;
    job.order.best_epoch = last->best_epoch;
  }
  const auto& trial = study_.trials()[static_cast<std::size_t>(segment.trial.value)];
  job.order.point = trial.point;
  job.order.parent = trial.parent;
  job.multiply_adds = segment.virtual_finish - segment.virtual_start;
  job.most_ranks = most_ranks_(trial.point);
  return job;
}

void Coordinator::drain() {
  if (is_draining_) return;
  is_draining_ = true;
  dispatcher_.drain();
}

bool Coordinator::is_done() const {
  return dispatcher_.num_running() == 0 && (is_draining_ || study_.is_finished());
}

const store::SegmentRecord* Coordinator::last_segment(TrialId trial) const {
  const auto found = last_segments_.find(trial);
  return found == last_segments_.end() ? nullptr : &found->second;
}

Progress Coordinator::progress() const {
  Progress p;
  for (const auto& trial : study_.trials()) {
    ++p.trials_begun;
    p.trials_running += trial.state == search::TrialState::running;
    p.trials_paused += trial.state == search::TrialState::paused;
  }
  p.trials_ended = p.trials_begun - p.trials_running - p.trials_paused;
  p.trials_failed = failed_trials_;
  p.segments_done = segments_done_;
  p.segments_waiting = static_cast<int>(dispatcher_.num_waiting());
  p.segments_running = static_cast<int>(dispatcher_.num_running());
  p.ranks_idle = static_cast<int>(dispatcher_.num_idle());
  p.ranks_lost = static_cast<int>(dispatcher_.num_lost());
  p.epochs_done = epochs_done_;
  p.multiply_adds_done = multiply_adds_done_;
  return p;
}

}  // namespace seqsweep::cluster
