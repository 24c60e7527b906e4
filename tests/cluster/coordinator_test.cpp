// SPDX-License-Identifier: Apache-2.0
// The real coordinator over in-memory wires, with workers that answer in random order, early, late and interrupted.
#include "seqsweep/cluster/coordinator.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "repetitions.hpp"

namespace seqsweep::cluster {
namespace {

struct Memory final : Recorder {
  void append(const search::Segment& decision) override { work.decisions.push_back(decision); }
  void append(const store::EpochRecord& record) override {
    EXPECT_TRUE(work.epochs.emplace(record.trial, record.epoch).second) << "an epoch is recorded twice";
  }
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

  [[nodiscard]] auto num_failed() const {
    return std::count_if(work.segments.begin(), work.segments.end(),
                         [](const auto& segment) { return segment.ending == search::Ending::failed; });
  }

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
  record.to_epoch = record.last_epoch = record.best_epoch = order.to_epoch;
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

search::Study make_study(const search::StudyOptions& study_options) {
  search::SearchSpace space({{"size", search::Integer{1, 100, 1, true}, std::nullopt}});
  return search::Study(study_options, space, [](const search::Point& p) {
    return 1e10 * static_cast<double>(std::get<std::int64_t>(*p.values[0]));  // some seconds
  });
}

struct RunOptions {
  int num_workers = 1;
  int ranks_per_trial = 1;
  std::uint64_t order = 0;      // of answers
  int stop_after_answers = -1;  // drain then
  std::string placement = "elastic";
  double loss_probability = 0;     // of a rank, at each answer
  int most_losses = 4;             // of ranks in one segment are not yet its own fault
  double failure_probability = 0;  // of a segment that is run for the first time
  search::StudyOptions study = options();
};

// Ranks that train nothing and obey: leaders answer one at a time, in random order; teams change when they are told,
// unless they end before; a rank may fall silent, and those of its team wait for it until they are told not to.
class MadeUpWorkers {
 public:
  MadeUpWorkers(const RunOptions& options, InMemoryWires& wires)
      : options_(options), wires_(wires), random_(RandomKey(options.order).fold(Purpose::test).stream()) {
    for (int rank = 1; rank <= options.num_workers; ++rank) alive_.insert(rank);
  }

  void listen() {
    for (int rank = 1; rank <= options_.num_workers; ++rank)
      while (const auto message = wires_.worker_end(rank).receive())
        if (alive_.contains(rank)) std::visit([&](const auto& m) { hear(rank, m); }, *message);
  }

  bool answer_one() {
    std::vector<int> able;
    for (const auto& [leader, team] : teams_)
      if (std::all_of(team.order.ranks.begin(), team.order.ranks.end(), [&](int r) { return alive_.contains(r); }))
        able.push_back(leader);
    if (able.empty()) return false;
    const int leader = able[random_.below(static_cast<std::uint32_t>(able.size()))];
    auto& team = teams_.at(leader);
    if (team.regroup && random_.uniform() < 0.7)
      change(leader, team);
    else
      finish(leader, team);
    return true;
  }

  void maybe_lose_one() {
    if (losses == options_.most_losses || random_.uniform() >= options_.loss_probability) return;
    const int rank = *std::next(alive_.begin(), random_.below(static_cast<std::uint32_t>(alive_.size())));
    alive_.erase(rank);
    teams_.erase(rank);
    ++losses;
  }

  void give_signs_of_life() {
    for (const int rank : alive_) wires_.worker_end(rank).send(WorkerAlive{rank, 0, 0, 0});
  }

  int losses = 0, changes = 0, most_ranks_seen = 0, failures = 0;
  std::map<TrialId, search::Parent> parents;  // as they were told

 private:
  struct Team {
    RunSegment order;
    std::optional<Regroup> regroup;
    bool is_interrupted = false;
  };

  void hear(int rank, const RunSegment& order) {
    EXPECT_FALSE(busy_.contains(rank)) << "rank " << rank << " was given work while it had some";
    busy_[rank] = order.leg;
    most_ranks_seen = std::max(most_ranks_seen, static_cast<int>(order.ranks.size()));
    parents[order.trial] = order.parent;
    if (order.from_epoch > order.parent.epoch) {
      RunSegment before = order;
      before.to_epoch = order.from_epoch;
      EXPECT_EQ(order.best_value, result_of(before).value) << "what the trial had reached";
      EXPECT_EQ(order.best_epoch, result_of(before).best_epoch);
    }
    if (order.ranks.front() == rank) teams_[rank] = {order, std::nullopt, false};
  }
  void hear(int rank, const Regroup& regroup) {
    if (const auto team = teams_.find(rank); team != teams_.end() && team->second.order.leg == regroup.of)
      team->second.regroup = regroup;
  }
  void hear(int rank, const Interrupt&) {
    if (const auto team = teams_.find(rank); team != teams_.end()) team->second.is_interrupted = true;
  }
  void hear(int rank, const Abandon& abandon) {
    if (const auto busy = busy_.find(rank); busy != busy_.end() && busy->second == abandon.leg) {
      busy_.erase(busy);
      teams_.erase(rank);
    }
  }
  void hear(int, const CoordinatorAlive&) {}
  void hear(int rank, const RankLost& lost) { EXPECT_NE(rank, lost.rank) << "it is not lost"; }
  void hear(int, const Shutdown&) {}
  void hear(int, const Leave&) {}

  void change(int leader, Team& team) {
    wires_.worker_end(leader).send(LegDone{team.order.leg, 0, {}});
    for (const int rank : team.order.ranks) busy_.erase(rank);
    team.order.leg = team.regroup->leg;
    team.order.ranks = team.regroup->ranks;
    team.regroup.reset();
    for (const int rank : team.order.ranks) {
      EXPECT_FALSE(alive_.contains(rank) && busy_.contains(rank)) << "a rank joined a team while it had other work";
      busy_[rank] = team.order.leg;
    }
    most_ranks_seen = std::max(most_ranks_seen, static_cast<int>(team.order.ranks.size()));
    ++changes;
  }

  void finish(int leader, const Team& team) {
    auto& wire = wires_.worker_end(leader);
    for (int e = team.order.from_epoch + 1; e <= team.order.to_epoch; ++e) {
      EpochDone epoch;
      epoch.leg = team.order.leg;
      epoch.record.trial = team.order.trial;
      epoch.record.epoch = e;
      wire.send(epoch);
    }
    SegmentDone done;
    done.leg = team.order.leg;
    done.record = result_of(team.order);
    const bool is_first = tried_.emplace(team.order.trial, team.order.to_epoch).second;
    if (is_first && random_.uniform() < options_.failure_probability) {
      done.record = failed_record(team.order, "it was one of those days");
      ++failures;
    }
    done.timing.trial = team.order.trial;
    done.is_interrupted = team.is_interrupted;
    for (const int rank : team.order.ranks) busy_.erase(rank);
    teams_.erase(leader);
    wire.send(done);
  }

  const RunOptions& options_;
  InMemoryWires& wires_;
  RandomStream random_;
  std::set<int> alive_;
  std::set<std::pair<TrialId, int>> tried_;
  std::map<int, LegId> busy_;  // by rank
  std::map<int, Team> teams_;  // by leader
};

struct Seen {
  int losses = 0, changes = 0, most_ranks = 0, failures = 0;
  std::map<TrialId, search::Parent> parents;
};

// Runs a sweep; `memory` may hold an earlier run.
Seen run(Memory& memory, const RunOptions& run_options) {
  auto study = make_study(run_options.study);
  InMemoryWires wires;
  MadeUpWorkers workers(run_options, wires);
  double now = 0;
  CoordinatorOptions o;
  for (int rank = 1; rank <= run_options.num_workers; ++rank) o.ranks.worker_ranks.push_back(rank);
  o.ranks.ranks_per_trial = run_options.ranks_per_trial;
  o.ranks.placement = run_options.placement;
  o.ranks.lost_after_s = 10;
  o.ranks.now = [&now] { return now; };
  o.retries = 1;
  o.most_ranks = [](const search::Point&) { return 4; };
  const RecordedWork earlier = memory.work;
  Coordinator coordinator(study, memory, wires.coordinator_end(), o, earlier);
  int answers = 0;
  while (!coordinator.is_done()) {
    now += 0.5;
    workers.give_signs_of_life();
    coordinator.turn();
    workers.listen();
    workers.maybe_lose_one();
    if (workers.answer_one() && ++answers == run_options.stop_after_answers) coordinator.drain();
  }
  coordinator.turn();
  EXPECT_TRUE(coordinator.progress().ranks_lost == 0 || coordinator.has_losses());
  return {workers.losses, workers.changes, workers.most_ranks_seen, workers.failures, workers.parents};
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
    for (std::uint64_t order = 0; order < test::repetitions(40); ++order) {
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

TEST(Coordinator, decides_the_same_however_teams_change) {
  Memory reference;
  run(reference, {});
  for (const std::string placement : {"elastic", "restless"}) {
    Seen most;
    for (const int workers : {2, 5, 16, 40})
      for (std::uint64_t order = 0; order < test::repetitions(40); ++order) {
        Memory memory;
        const auto seen = run(memory, {workers, 0, order, -1, placement});
        most.changes = std::max(most.changes, seen.changes);
        most.most_ranks = std::max(most.most_ranks, seen.most_ranks);
        ASSERT_EQ(decisions(memory), decisions(reference)) << placement << ", order " << order;
        ASSERT_EQ(memory.work.epochs, reference.work.epochs);
        ASSERT_EQ(memory.work.segments.size(), reference.work.segments.size());
      }
    EXPECT_GT(most.changes, 3) << placement;
    EXPECT_EQ(most.most_ranks, 4) << placement;
  }
}

TEST(Coordinator, gives_the_work_of_lost_ranks_to_others) {
  Memory reference;
  run(reference, {});
  int losses = 0;
  for (const int ranks : {0, 1, 2})
    for (std::uint64_t order = 0; order < test::repetitions(60); ++order) {
      Memory memory;
      losses += run(memory, {6, ranks, order, -1, ranks == 0 ? "restless" : "elastic", 0.05}).losses;
      ASSERT_EQ(decisions(memory), decisions(reference)) << ranks << " ranks a trial, order " << order;
      ASSERT_EQ(memory.work.segments.size(), reference.work.segments.size());
    }
  EXPECT_GT(losses, 3 * static_cast<int>(test::repetitions(60)));
}

TEST(Coordinator, runs_what_failed_once_more) {
  Memory reference;
  run(reference, {});
  int failures = 0;
  for (std::uint64_t order = 0; order < test::repetitions(20); ++order) {
    Memory memory;
    RunOptions options{3, 1, order};
    options.failure_probability = 0.3;
    failures += run(memory, options).failures;
    ASSERT_EQ(decisions(memory), decisions(reference)) << "order " << order;
    ASSERT_EQ(memory.num_failed(), reference.num_failed()) << "but those that fail always";
  }
  EXPECT_GT(failures, static_cast<int>(test::repetitions(20)));
}

TEST(Coordinator, without_workers_ends_with_an_error) {
  Memory memory;
  EXPECT_THROW(run(memory, {3, 1, 1, -1, "elastic", 1, 3}), ClusterError);
}

// Stopped at every possible answer and resumed with other ranks: nothing is decided twice, nothing is lost.
TEST(Coordinator, resumes_where_it_was_drained) {
  Memory reference;
  run(reference, {});
  const int segments = static_cast<int>(reference.work.segments.size());
  for (int stop = 1; stop < segments; stop += test::stride) {
    Memory memory;
    run(memory, {3, 1, static_cast<std::uint64_t>(stop), stop});
    ASSERT_LT(memory.work.segments.size(), reference.work.segments.size());
    run(memory, {4, 2, 99, -1});
    ASSERT_EQ(decisions(memory), decisions(reference)) << "stopped after " << stop << " answers";
    ASSERT_EQ(memory.work.segments.size(), reference.work.segments.size());
  }
}

TEST(Coordinator, tells_whose_state_a_trial_of_a_population_goes_on_from) {
  RunOptions run_options;
  auto& study = run_options.study;
  study.ends.trials = study.concurrency = 16;
  study.sampler = "random";
  study.explored = {"size"};
  study.scheduler.name = "pbt";
  study.scheduler.interval = 3;
  Memory memory;
  const auto seen = run(memory, run_options);
  ASSERT_GT(memory.rows.size(), 16U) << "some trials are copied";
  for (const auto& row : memory.rows) EXPECT_EQ(seen.parents.at(row.id), row.parent) << "trial " << row.id.value;
}

TEST(Coordinator, records_curves_in_the_metric_s_own_sense) {
  RunOptions run_options;
  run_options.study.goal = search::Goal::maximize;
  Memory memory;
  run(memory, run_options);
  for (const auto& row : memory.rows)
    if (row.state == search::TrialState::completed) EXPECT_GT(row.curve.back().value, 0) << "trial " << row.id.value;
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
