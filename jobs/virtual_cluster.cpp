// SPDX-License-Identifier: Apache-2.0
#include "virtual_cluster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "seqsweep/cluster/coordinator.hpp"
#include "seqsweep/core/error.hpp"

namespace seqsweep::jobs {
namespace {

constexpr double time_between_beats_s = 5;
constexpr double never = std::numeric_limits<double>::infinity();

struct NoRecords final : cluster::Recorder {
  void append(const search::Segment& decision) override {
    costs[{decision.trial, decision.to_epoch}] = decision.virtual_finish - decision.virtual_start;
  }
  void append(const store::EpochRecord&) override {}
  void append(const store::SegmentRecord&) override {}
  void append(const store::TimingRecord&) override {}
  void put_trial(const search::TrialRecord&, const store::SegmentRecord*) override {}
  void commit() override {}

  std::map<std::pair<TrialId, int>, double> costs;  // [multiply-adds]
};

// A team of virtual ranks, known by its leader.
struct Team {
  cluster::RunSegment order;
  double total_s = 0;  // of the segment, on one rank
  double left_s = 0;   // of it
  double begun_s = 0;  // when the leg began to train
  double leg_left_s = 0;
  std::optional<cluster::Regroup> next;
  double changes_at_s = never;
};

class Simulation {
 public:
  Simulation(const VirtualCluster& cluster, search::Study& study) : cluster_(cluster) {
    cluster::CoordinatorOptions options;
    for (int rank = 1; rank <= cluster.num_workers; ++rank) options.ranks.worker_ranks.push_back(rank);
    options.ranks.ranks_per_trial = cluster.ranks_per_trial;
    options.ranks.now = [this] { return now_; };
    options.most_ranks = [&cluster](const auto&) { return cluster.most_ranks; };
    coordinator_ = std::make_unique<cluster::Coordinator>(study, records_, wires_.coordinator_end(), options,
                                                          cluster::RecordedWork{});
  }

  NodeSeconds run() {
    obey();
    while (!coordinator_->is_done()) {
      const double next = next_event();
      SEQSWEEP_ENSURE(next < never, "a virtual sweep came to a standstill");
      train_until(next);
      report();
      obey();
    }
    spent_.wall = now_;
    spent_.idle = now_ * cluster_.num_workers - busy_s_;
    return spent_;
  }

 private:
  [[nodiscard]] double speed(const Team& team) const {
    const auto ranks = static_cast<double>(team.order.ranks.size());
    return ranks * std::pow(cluster_.efficiency, std::log2(ranks));
  }
  [[nodiscard]] double training_s(const Team& team) const { return std::max(0.0, now_ - team.begun_s); }
  [[nodiscard]] double end_s(const Team& team) const { return team.begun_s + team.leg_left_s / speed(team); }

  [[nodiscard]] double next_event() const {
    double next = teams_.empty() ? never : next_beat_s_;
    for (const auto& [leader, team] : teams_) next = std::min({next, end_s(team), team.changes_at_s});
    return next;
  }

  void train_until(double next) {
    for (const auto& [leader, team] : teams_) busy_s_ += static_cast<double>(team.order.ranks.size()) * (next - now_);
    now_ = next;
    for (auto& [leader, team] : teams_) team.left_s = team.leg_left_s - training_s(team) * speed(team);
  }

  void report() {
    const bool is_beat = now_ >= next_beat_s_;
    if (is_beat) next_beat_s_ = now_ + time_between_beats_s;
    for (auto it = teams_.begin(); it != teams_.end();) {
      auto& [leader, team] = *it;
      auto& wire = wires_.worker_end(leader);
      if (end_s(team) <= now_) {
        wire.send(done(team));
        it = teams_.erase(it);
        continue;
      }
      if (is_beat) wire.send(alive(leader, team));
      if (team.changes_at_s <= now_) {
        wire.send(cluster::LegDone{team.order.leg, 0, {}});
        change(team);
      }
      ++it;
    }
  }

  [[nodiscard]] cluster::SegmentDone done(const Team& team) {
    const auto& order = team.order;
    cluster::SegmentDone done;
    done.leg = order.leg;
    done.record.trial = order.trial;
    done.record.from_epoch = order.from_epoch;
    done.record.to_epoch = done.record.last_epoch = order.to_epoch;
    done.record.value = cluster_.value_of(order.point, order.to_epoch);
    spent_.useful += team.total_s;
    spent_.shared += shared_s(team);
    return done;
  }

  [[nodiscard]] cluster::WorkerAlive alive(int leader, const Team& team) const {
    const double share = 1 - team.left_s / team.total_s;
    return {leader, team.order.leg, team.order.from_epoch + share * (team.order.to_epoch - team.order.from_epoch),
            training_s(team)};
  }

  // What the leg's ranks spent beyond what one alone would have.
  [[nodiscard]] double shared_s(const Team& team) const {
    return training_s(team) * (static_cast<double>(team.order.ranks.size()) - speed(team));
  }

  void change(Team& team) {
    spent_.shared += shared_s(team);
    const auto ranks = std::max(team.order.ranks.size(), team.next->ranks.size());
    spent_.moving += static_cast<double>(ranks) * cluster_.move_s;
    ++spent_.changes;
    team.leg_left_s = team.left_s;
    team.order.leg = team.next->leg;
    team.order.ranks = team.next->ranks;
    team.next.reset();
    team.changes_at_s = never;
    team.begun_s = now_ + cluster_.move_s;
  }

  void obey() {
    coordinator_->turn();
    for (int rank = 1; rank <= cluster_.num_workers; ++rank)
      while (const auto message = wires_.worker_end(rank).receive()) {
        if (const auto* order = std::get_if<cluster::RunSegment>(&*message))
          begin(rank, *order);
        else if (const auto* regroup = std::get_if<cluster::Regroup>(&*message))
          ask(rank, *regroup);
      }
  }

  void begin(int rank, const cluster::RunSegment& order) {
    if (order.ranks.front() != rank) return;
    Team team;
    team.order = order;
    const auto cost = records_.costs.extract({order.trial, order.to_epoch}).mapped();
    team.total_s = team.left_s = team.leg_left_s = cluster_.seconds_of(order.point, order.to_epoch, cost);
    team.begun_s = now_;
    teams_[rank] = std::move(team);
  }

  void ask(int rank, const cluster::Regroup& regroup) {
    const auto team = teams_.find(rank);
    if (team == teams_.end() || team->second.order.leg != regroup.of) return;
    team->second.next = regroup;
    team->second.changes_at_s = now_ + cluster_.step_s;
  }

  const VirtualCluster& cluster_;
  NoRecords records_;
  cluster::InMemoryWires wires_;
  std::unique_ptr<cluster::Coordinator> coordinator_;
  std::map<int, Team> teams_;
  NodeSeconds spent_;
  double now_ = 0, next_beat_s_ = time_between_beats_s, busy_s_ = 0;
};

}  // namespace

NodeSeconds run_on(const VirtualCluster& cluster, search::Study& study) {
  return Simulation(cluster, study).run();
}

}  // namespace seqsweep::jobs
