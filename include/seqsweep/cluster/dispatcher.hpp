// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "seqsweep/cluster/channel.hpp"
#include "seqsweep/cluster/placement.hpp"
#include "seqsweep/cluster/speedometer.hpp"

namespace seqsweep::cluster {

struct DispatcherOptions {
  std::vector<int> worker_ranks;      ///< ascending
  std::vector<int> node_of_rank;      ///< by rank of the world; empty: all on one node
  std::optional<int> own_rank;        ///< a worker in the coordinator's own process, which cannot be lost alone
  int ranks_per_trial = 0;            ///< a power of two, at most as many as there are workers; 0: as it pays
  std::string placement = "elastic";  ///< of the catalogue
  double lost_after_s = 0;            ///< [s] of silence after which a rank is taken for lost; 0: never
  std::function<double()> now;        ///< [s] since any fixed moment; empty: the steady clock
};

/// A segment to be run: what its ranks are told (leg and ranks apart), and what it costs.
struct Job {
  RunSegment order;
  double multiply_adds = 0;
  int most_ranks = 1;  ///< that its trial can use
};

/// A job that is not tried any more.
struct HopelessJob {
  Job job;
  std::string reason;
};

/// Has jobs run by teams of ranks: asks the placement policy which ranks, tells them, notices lost ranks and gives
/// their work to others. Knows nothing of searches and results.
class Dispatcher {
 public:
  Dispatcher(CoordinatorChannel& channel, DispatcherOptions options);

  /// Queues a job. Jobs start in the order in which they come.
  void submit(Job job);
  /// Looks after the ranks and places what can be placed. Throws ClusterError when no worker is left.
  void turn();

  /// The team of the leg goes on as the one that it was asked to become.
  void take(const LegDone& message);
  void take(const WorkerAlive& message);
  void take(const OutOfMemory& message);
  /// The job whose last leg ended; its ranks are free. Nothing where the leg is unknown: it was given up, and its work
  /// is another team's.
  [[nodiscard]] std::optional<Job> finish(const SegmentDone& message);
  /// Puts a job back where it was: before all others.
  void resubmit(Job job);
  /// Jobs that took their ranks, or the ranks' memory, so often that they are to blame. Each is told once.
  [[nodiscard]] std::vector<HopelessJob> take_hopeless() { return std::exchange(hopeless_, {}); }

  /// Starts nothing more, and stops all teams at their next step.
  void drain();
  /// Sends all workers home. Waits some seconds for each to say goodbye: those that do not are lost.
  void dismiss();

  [[nodiscard]] std::size_t num_waiting() const { return waiting_.size(); }
  [[nodiscard]] std::size_t num_running() const { return teams_.size(); }
  [[nodiscard]] bool is_under_way(LegId leg) const { return teams_.contains(leg); }
  [[nodiscard]] bool has_teams() const;                                ///< of several ranks
  [[nodiscard]] std::size_t num_idle() const { return idle_.size(); }  ///< ranks
  [[nodiscard]] std::size_t num_lost() const { return num_lost_; }     ///< ranks
  /// Who works on what; the time and the reason to stop are the caller's.
  [[nodiscard]] store::LiveState live_state() const;
  /// Some rank was lost at some time, whether it came back or not.
  [[nodiscard]] bool has_had_losses() const { return has_had_losses_; }

 private:
  // [s] of ranks that say twice a second that they live: they get no new work
  static constexpr double suspicious_silence_s = 3;

  struct Worker {
    int node = 0;
    TrialId resident;  ///< the trial that it led last
    LegId leg = 0;     ///< that it trains in, or will; 0: idle
    bool is_lost = false;
    double last_heard_s = 0;
  };
  /// Where a leg stood, by its leader's clock.
  struct Sight {
    double epochs = 0, seconds = 0;
  };
  struct Team {
    Job job;
    std::optional<Regroup> next;  ///< asked for, not yet done; its ranks are taken
    std::optional<Sight> first, last;
    double last_seen_s = 0;  ///< when `last` came, by our clock
    [[nodiscard]] const std::vector<int>& ranks() const { return job.order.ranks; }
  };

  void tell_that_we_live(double now);
  void miss_the_silent(double now);
  void lose(int rank, double now);
  void try_again(Job job, double together_s, const char* reason);
  Job give_up(LegId leg);
  void place(double now);
  [[nodiscard]] Situation situation(double now, bool with_running) const;
  [[nodiscard]] store::LiveTeam live_team(const Team& team, double now) const;
  [[nodiscard]] RunningSegment running_segment(LegId leg, const Team& team, double now) const;
  [[nodiscard]] std::pair<int, int> least_and_most_ranks(const Job& job) const;
  void measure(const Job& job, double epochs, double seconds);
  void start(const Placed::Start& start);
  void change(const Placed::Change& change);
  void assign(const std::vector<int>& ranks, LegId leg);
  void release(const std::vector<int>& ranks);

  CoordinatorChannel& channel_;
  DispatcherOptions options_;
  std::unique_ptr<PlacementPolicy> policy_;
  Speedometer speedometer_;
  std::deque<Job> waiting_;
  std::map<LegId, Team> teams_;
  std::map<int, Worker> workers_;  ///< by rank
  std::set<int> idle_;             ///< ranks that can be given work
  std::size_t num_lost_ = 0;
  bool has_had_losses_ = false;
  LegId last_leg_ = 0;
  int generation_ = 0;
  struct Losses {
    int count = 0;
    double last_s = 0;
  };
  std::map<std::pair<TrialId, int>, Losses> losses_;  ///< by trial and to_epoch
  std::vector<HopelessJob> hopeless_;
  bool is_draining_ = false;
  double longest_gap_s_ = 0;  ///< between two signs of life of a rank, up to some times lost_after_s
  double next_look_s_ = 0, next_greeting_s_ = 0, next_growth_s_ = 0;
};

}  // namespace seqsweep::cluster
