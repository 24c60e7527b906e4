// SPDX-License-Identifier: Apache-2.0
// The real coordinator over in-memory wires, with workers that answer in random order, early, late and interrupted.
#include "seqsweep/cluster/coordinator.hpp"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

namespace seqsweep::cluster {
namespace {

struct Memory final : Recorder {
  void append(const search::Segment& decision) override { work.decisions.push_back(decision); }
  void append(const store::EpochRecord& record) override { work.epochs.emplace(record.trial, record.epoch); }
  void append(const store::SegmentRecord& record) override { work.segments.push_back(record); }
  void append(const store::TimingRecord&) override { ++timings; }
  void put_trial(const search::TrialRecord& trial, const store::SegmentRecord*) override {
    if (trial.id.value >= static_cast<int>(rows.size())) {
      EXPECT_EQ(trial.id.value, static_cast<int>(rows.size())) << "rows of /trials must come in the order of ids";
      rows.resize(static_cast<std::size_t>(trial.id.value) + 1);
    }
    rows[static_cast<std::size_t>(trial.id.value)] = trial;
  }
  void commit() override { ++commits; }

  RecordedWork work;
  std::vector<search::TrialRecord> rows;
  int commits = 0, timings = 0;
};

// A made-up result that depends on the trial and the epoch alone.
store::SegmentRecord result_of(const RunSegment& order) {
  auto stream = RandomKey(5).fold(static_cast<std::uint64_t>(order.trial.value)).stream();
  const double quality = stream.uniform(), fate = stream.uniform();
  store::SegmentRecord record;
  record.trial = order.trial;
  record.from_epoch = order.from_epoch;
  record.to_epoch = record.last_epoch = order.to_epoch;
  record.value = quality + 1.0 / order.to_epoch;
  if (fate < 0.1) record.ending = search::Ending::diverged;
  if (fate > 0.95) record.ending = search::Ending::failed;
  return record;
}

search::StudyOptions options() {
  search::StudyOptions o;
  o.ends.trials = 40;
  o.concurrency = 8;
  o.scheduler.name = "asha";
  o.scheduler.max_epochs = 9;
  o.scheduler.reduction_factor = 3;
  return o;
}

search::Study make_study() {
  search::SearchSpace space({{"size", search::Integer{1, 100, 1, true}, std::nullopt}});
  return search::Study(options(), space, [](const search::Point& p) {
    return static_cast<double>(std::get<std::int64_t>(*p.values[0]));
  });
}

struct RunOptions {
  int num_workers = 1;
  int ranks_per_trial = 1;
  std::uint64_t order = 0;      // of answers
  int stop_after_answers = -1;  // drain then
};

// Runs a sweep; `memory` may hold an earlier run. Workers answer one at a time, in random order.
void run(Memory& memory, const RunOptions& run_options) {
  auto study = make_study();
  InMemoryWires wires;
  CoordinatorOptions o;
  for (int rank = 1; rank <= run_options.num_workers; ++rank) o.worker_ranks.push_back(rank);
  o.ranks_per_trial = run_options.ranks_per_trial;
  o.most_ranks = [](const search::Point&) { return 4; };
  const RecordedWork earlier = memory.work;
  Coordinator coordinator(study, memory, wires.coordinator_end(), o, earlier);
  auto random = RandomKey(run_options.order).fold(Purpose::test).stream();
  std::map<int, RunSegment> busy;  // by leader
  std::map<int, bool> interrupted;
  int answers = 0;
  while (!coordinator.is_done()) {
    coordinator.turn();
    for (const int rank : o.worker_ranks)
      while (const auto message = wires.worker_end(rank).receive()) {
        if (const auto* order = std::get_if<RunSegment>(&*message)) {
          ASSERT_EQ(order->ranks.size(), static_cast<std::size_t>(run_options.ranks_per_trial));
          if (order->ranks.front() == rank) busy[rank] = *order;
        } else if (std::holds_alternative<Interrupt>(*message)) {
          interrupted[rank] = true;
        }
      }
    if (busy.empty()) continue;
    auto chosen = std::next(busy.begin(), random.below(static_cast<std::uint32_t>(busy.size())));
    SegmentDone done;
    done.record = result_of(chosen->second);
    done.timing.trial = chosen->second.trial;
    done.is_interrupted = interrupted[chosen->first];
    for (int e = chosen->second.from_epoch + 1; e <= chosen->second.to_epoch; ++e) {
      EpochDone epoch;
      epoch.record.trial = chosen->second.trial;
      epoch.record.epoch = e;
      wires.worker_end(chosen->first).send(epoch);
    }
    wires.worker_end(chosen->first).send(done);
    busy.erase(chosen);
    if (++answers == run_options.stop_after_answers) coordinator.drain();
  }
  coordinator.turn();
}

struct Decision {
  int trial, from, to;
  double start, finish;
  auto operator<=>(const Decision&) const = default;
};

std::vector<Decision> decisions(const Memory& memory) {
  std::vector<Decision> all;
  for (const auto& d : memory.work.decisions)
    all.push_back({d.trial.value, d.from_epoch, d.to_epoch, d.virtual_start, d.virtual_finish});
  std::sort(all.begin(), all.end());
  return all;
}

TEST(Coordinator, decides_the_same_for_any_workers_and_any_order_of_answers) {
  Memory reference;
  run(reference, {});
  EXPECT_EQ(reference.rows.size(), 40U);
  for (const auto& [workers, ranks] : {std::pair{1, 1}, {3, 1}, {5, 1}, {8, 2}, {16, 4}, {64, 1}})
    for (std::uint64_t order = 0; order < 40; ++order) {
      Memory memory;
      run(memory, {workers, ranks, order, -1});
      ASSERT_EQ(decisions(memory), decisions(reference)) << workers << " workers, order " << order;
      ASSERT_EQ(memory.work.epochs, reference.work.epochs);
      for (std::size_t i = 0; i < memory.rows.size(); ++i) {
        ASSERT_EQ(memory.rows[i].state, reference.rows[i].state);
        ASSERT_EQ(memory.rows[i].epochs(), reference.rows[i].epochs());
        ASSERT_EQ(memory.rows[i].point, reference.rows[i].point);
      }
    }
}

// Stopped at every possible answer and resumed with other ranks: nothing is decided twice, nothing is lost.
TEST(Coordinator, resumes_where_it_was_drained) {
  Memory reference;
  run(reference, {});
  const int segments = static_cast<int>(reference.work.segments.size());
  for (int stop = 1; stop < segments; ++stop) {
    Memory memory;
    run(memory, {3, 1, static_cast<std::uint64_t>(stop), stop});
    ASSERT_LT(memory.work.segments.size(), reference.work.segments.size());
    run(memory, {4, 2, 99, -1});
    ASSERT_EQ(decisions(memory), decisions(reference)) << "stopped after " << stop << " answers";
    ASSERT_EQ(memory.work.segments.size(), reference.work.segments.size());
  }
}

TEST(Coordinator, with_all_work_recorded_hands_out_nothing) {
  Memory memory;
  run(memory, {4, 1, 1, -1});
  const int timings = memory.timings;
  run(memory, {4, 1, 2, -1});
  EXPECT_EQ(memory.timings, timings);
}

}  // namespace
}  // namespace seqsweep::cluster
