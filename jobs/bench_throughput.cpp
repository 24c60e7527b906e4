// SPDX-License-Identifier: Apache-2.0
#include "bench_throughput.hpp"

#include <chrono>

#include <malloc.h>

#include "seqsweep/cluster/coordinator.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/core/random.hpp"

namespace seqsweep::jobs {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::size_t allocated_bytes() {
  return mallinfo2().uordblks + mallinfo2().hblkhd;
}

/// Keeps what a resume would find in the results file, or nothing.
class Tape final : public cluster::Recorder {
 public:
  explicit Tape(bool is_running) : is_running_(is_running) {}

  void append(const search::Segment& decision) override {
    if (is_running_) work.decisions.push_back(decision);
  }
  void append(const store::EpochRecord& record) override {
    if (is_running_) work.epochs.emplace(record.trial, record.epoch);
  }
  void append(const store::SegmentRecord& record) override {
    if (is_running_) work.segments.push_back(record);
  }
  void append(const store::TimingRecord&) override {}
  void put_trial(const search::TrialRecord&, const store::SegmentRecord*) override {}
  void commit() override {}

  cluster::RecordedWork work;

 private:
  bool is_running_;
};

search::Study study_of(int num_workers, int num_trials) {
  search::StudyOptions options;
  options.ends.trials = num_trials;
  options.concurrency = 2 * num_workers;
  options.sampler = "random";
  options.scheduler.name = "asha";
  options.scheduler.max_epochs = 16;
  options.scheduler.reduction_factor = 4;
  const search::SearchSpace space({{"learning_rate", search::LogUniform{1e-4, 1e-1}, std::nullopt},
                                   {"hidden_size", search::Integer{8, 512, 1, true}, std::nullopt},
                                   {"dropout", search::Uniform{0, 0.5, 0}, std::nullopt},
                                   {"l2", search::LogUniform{1e-8, 1e-3}, std::nullopt}});
  return search::Study(options, space, [](const search::Point& point, int from_epoch, int to_epoch) {
    return std::get<double>(*point.values[0]) * (to_epoch - from_epoch);
  });
}

cluster::Coordinator coordinator_of(search::Study& study, Tape& tape, cluster::InMemoryWires& wires, int num_workers,
                                    const cluster::RecordedWork& recorded) {
  cluster::CoordinatorOptions options;
  for (int rank = 1; rank <= num_workers; ++rank) options.ranks.worker_ranks.push_back(rank);
  options.ranks.ranks_per_trial = 1;
  options.most_ranks = [](const auto&) { return 1; };
  return {study, tape, wires.coordinator_end(), options, recorded};
}

// A worker that trains nothing: each segment is done at once, with a record of each epoch. Gives how many there were.
int answer(cluster::WorkerChannel& channel) {
  int num_segments = 0;
  while (const auto message = channel.receive()) {
    const auto* order = std::get_if<cluster::RunSegment>(&*message);
    if (order == nullptr) continue;
    for (int epoch = order->from_epoch + 1; epoch <= order->to_epoch; ++epoch) {
      cluster::EpochDone done;
      done.leg = order->leg;
      done.record.trial = order->trial;
      done.record.epoch = epoch;
      channel.send(done);
    }
    cluster::SegmentDone done;
    done.leg = order->leg;
    done.record.trial = order->trial;
    done.record.from_epoch = order->from_epoch;
    done.record.to_epoch = done.record.last_epoch = order->to_epoch;
    done.record.value = RandomKey(static_cast<std::uint64_t>(order->trial.value)).stream().uniform();
    channel.send(done);
    ++num_segments;
  }
  return num_segments;
}

// Gives how many segments there were.
struct Work {
  int num_segments = 0;
  std::size_t bytes = 0;  ///< of memory that it took; 0: nobody counts
};

Work run(int num_workers, int num_trials, Tape& tape) {
  const auto before = allocated_bytes();
  auto study = study_of(num_workers, num_trials);
  cluster::InMemoryWires wires;
  auto coordinator = coordinator_of(study, tape, wires, num_workers, {});
  Work work;
  while (!coordinator.is_done()) {
    coordinator.turn();
    for (int rank = 1; rank <= num_workers; ++rank) work.num_segments += answer(wires.worker_end(rank));
  }
  work.bytes = allocated_bytes() - before;
  return work;
}

double resume_s(int num_workers, int num_trials) {
  Tape tape(true);
  run(num_workers, num_trials, tape);
  const auto start = Clock::now();
  auto study = study_of(num_workers, num_trials);
  cluster::InMemoryWires wires;
  Tape nothing(false);
  auto coordinator = coordinator_of(study, nothing, wires, num_workers, tape.work);
  coordinator.turn();
  SEQSWEEP_ENSURE(coordinator.is_done(), "a sweep that was recorded whole goes on");
  return seconds_since(start);
}

}  // namespace

Throughput measure_throughput(int num_workers, int num_trials) {
  Throughput result;
  result.num_workers = num_workers;
  result.num_trials = num_trials;
  Tape nothing(false);
  const auto start = Clock::now();
  const auto work = run(num_workers, num_trials, nothing);
  result.segments_per_s = work.num_segments / seconds_since(start);
  result.num_segments = work.num_segments;
  if (work.bytes > 0) result.bytes_per_trial = static_cast<double>(work.bytes) / num_trials;
  result.resume_s = resume_s(num_workers, num_trials);
  return result;
}

}  // namespace seqsweep::jobs
