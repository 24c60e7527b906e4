// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/coordinator.hpp"

#include <algorithm>
#include <bit>

#include "seqsweep/core/error.hpp"
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
      options_(std::move(options)),
      recorded_epochs_(recorded.epochs) {
  const auto block_size = static_cast<std::size_t>(options_.ranks_per_trial);
  SEQSWEEP_EXPECT(std::has_single_bit(block_size), "ranks_per_trial must be a power of two");
  const auto& ranks = options_.worker_ranks;
  SEQSWEEP_EXPECT(block_size <= ranks.size(), "there are fewer workers than ranks per trial");
  for (std::size_t first = 0; first + block_size <= ranks.size(); first += block_size) {
    Block block;
    block.ranks.assign(ranks.begin() + static_cast<std::ptrdiff_t>(first),
                       ranks.begin() + static_cast<std::ptrdiff_t>(first + block_size));
    blocks_.push_back(block);
  }
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
  put_changed_trials();
  if (has_appended_) recorder_.commit();
  has_appended_ = false;
  hand_out();
  return was_busy;
}

void Coordinator::handle(const EpochDone& message) {
  if (!recorded_epochs_.emplace(message.record.trial, message.record.epoch).second) return;  // from an earlier run
  recorder_.append(message.record);
  has_appended_ = true;
  ++epochs_done_;
}

void Coordinator::handle(const SegmentDone& message) {
  const auto block = std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& b) {
    return b.running != nullptr && b.running->trial == message.record.trial;
  });
  SEQSWEEP_ENSURE(block != blocks_.end(), "a result arrived for a segment that nobody runs");
  const SegmentKey key{block->running->trial, block->running->to_epoch};
  block->running = nullptr;
  block->resident = message.record.trial;
  recorder_.append(message.timing);
  has_appended_ = true;
  if (message.is_interrupted) {
    waiting_.push_front(key);
    return;
  }
  recorder_.append(message.record);
  multiply_adds_done_ += open_.at(key).virtual_finish - open_.at(key).virtual_start;
  conclude({message.record});
}

// Gives results to the Study, and what that decides to the queue; segments that an earlier run finished come back as
// further results.
void Coordinator::conclude(std::deque<store::SegmentRecord> results) {
  for (; !results.empty(); results.pop_front()) {
    const auto& record = results.front();
    open_.erase({record.trial, record.to_epoch});
    auto& last = last_segments_[record.trial];
    if (last.to_epoch <= record.to_epoch) last = record;
    ++segments_done_;
    if (record.ending == search::Ending::failed) {
      ++failed_trials_;
      log::warning("trial " + std::to_string(record.trial.value) + " failed: " + record.message);
    }
    changed_.insert(record.trial);
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
    changed_.insert(segment.trial);
    if (const auto replaced = study_.trials()[static_cast<std::size_t>(segment.trial.value)].parent.replaced;
        replaced != TrialId{})
      changed_.insert(replaced);
    open_.emplace(key, segment);
    if (const auto known = recorded_.find(key); known != recorded_.end()) {
      recorded_results.push_back(known->second);
      recorded_.erase(known);
    } else {
      waiting_.push_back(key);
    }
  }
}

// A result may wait for its commit, so a running trial stays under watch.
void Coordinator::put_changed_trials() {
  const auto trials = study_.trials();
  for (auto it = changed_.begin(); it != changed_.end();) {
    const auto& trial = trials[static_cast<std::size_t>(it->value)];
    const std::pair now{trial.state, trial.epochs()};
    if (const auto written = written_.find(*it); written == written_.end() || written->second != now) {
      written_[*it] = now;
      auto row = trial;
      for (auto& measurement : row.curve) measurement.value = search::turned(study_.options().goal, measurement.value);
      recorder_.put_trial(row, last_segment(*it));
      has_appended_ = true;
    }
    it = trial.state == search::TrialState::running ? std::next(it) : changed_.erase(it);
  }
}

void Coordinator::hand_out() {
  while (!is_draining_ && !waiting_.empty()) {
    const auto& segment = open_.at(waiting_.front());
    Block* block = idle_block(segment.trial);
    if (block == nullptr) return;
    waiting_.pop_front();
    start(*block, segment);
  }
}

Coordinator::Block* Coordinator::idle_block(TrialId trial) {
  Block* idle = nullptr;
  for (auto& block : blocks_) {
    if (block.running != nullptr) continue;
    if (block.resident == trial) return &block;
    if (idle == nullptr) idle = &block;
  }
  return idle;
}

void Coordinator::start(Block& block, const search::Segment& segment) {
  RunSegment order;
  order.trial = segment.trial;
  order.from_epoch = segment.from_epoch;
  order.to_epoch = segment.to_epoch;
  if (const auto* last = last_segment(segment.trial); last != nullptr) {
    order.best_value = last->value;
    order.best_epoch = last->best_epoch;
  }
  const auto& trial = study_.trials()[static_cast<std::size_t>(segment.trial.value)];
  order.point = trial.point;
  order.parent = trial.parent;
  const auto useful = static_cast<std::size_t>(options_.most_ranks(order.point));
  order.ranks.assign(block.ranks.begin(),
                     block.ranks.begin() + static_cast<std::ptrdiff_t>(std::min(useful, block.ranks.size())));
  block.running = &segment;
  for (const int rank : order.ranks) channel_.send(rank, order);
}

void Coordinator::drain() {
  if (is_draining_) return;
  is_draining_ = true;
  for (const auto& block : blocks_)
    if (block.running != nullptr)
      for (const int rank : block.ranks) channel_.send(rank, Interrupt{});
}

bool Coordinator::is_done() const {
  const bool is_idle = std::all_of(blocks_.begin(), blocks_.end(), [](const Block& b) { return b.running == nullptr; });
  return is_idle && (is_draining_ || study_.is_finished());
}

void Coordinator::dismiss_workers() {
  for (const int rank : options_.worker_ranks) channel_.send(rank, Shutdown{});
  channel_.flush();
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
  p.segments_waiting = static_cast<int>(waiting_.size());
  for (const auto& block : blocks_) ++(block.running != nullptr ? p.segments_running : p.idle_groups);
  p.epochs_done = epochs_done_;
  p.multiply_adds_done = multiply_adds_done_;
  return p;
}

}  // namespace seqsweep::cluster
