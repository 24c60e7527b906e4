// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/dispatcher.hpp"

#include <algorithm>
#include <bit>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::cluster {
namespace {

constexpr int most_losses = 5;     // of ranks in one segment, before it is to blame
constexpr int largest_team = 512;  // its ranks fit into a message
constexpr double time_between_looks_s = 0.1;
constexpr double time_between_greetings_s = 5;
constexpr double time_between_growth_s = 0.02;
constexpr double gaps_of_silence = 4;  // a rank that was silent for so long before, and lived, may be so again,
constexpr double most_gaps = 2.5;      // [lost_after_s] but there is an end to it
constexpr double typical_move_s = 0.01;
constexpr double longest_farewell_s = 10;
constexpr double least_measured_s = 0.05;  // less says more about the first step than about speed

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int power_of_two_up_to(std::size_t n) {
  return static_cast<int>(std::bit_floor(n));
}

}  // namespace

Dispatcher::Dispatcher(CoordinatorChannel& channel, DispatcherOptions options)
    : channel_(channel),
      options_(std::move(options)),
      policy_(find_in(placement_catalogue(), "placement", options_.placement).make()) {
  if (!options_.now) options_.now = steady_seconds;
  const auto& ranks = options_.worker_ranks;
  const auto pinned = static_cast<std::size_t>(options_.ranks_per_trial);
  SEQSWEEP_EXPECT(pinned == 0 || std::has_single_bit(pinned), "ranks_per_trial must be a power of two");
  SEQSWEEP_EXPECT(!ranks.empty() && pinned <= ranks.size(), "there are fewer workers than ranks per trial");
  for (const int rank : ranks) {
    auto& worker = workers_[rank];
    if (!options_.node_of_rank.empty()) worker.node = options_.node_of_rank.at(static_cast<std::size_t>(rank));
    worker.last_heard_s = options_.now();
    idle_.insert(rank);
  }
}

void Dispatcher::submit(Job job) {
  waiting_.push_back(std::move(job));
}

void Dispatcher::resubmit(Job job) {
  waiting_.push_front(std::move(job));
}

void Dispatcher::turn() {
  const double now = options_.now();
  if (now >= next_look_s_) {
    next_look_s_ = now + time_between_looks_s;
    tell_that_we_live(now);
    miss_the_silent(now);
  }
  place(now);
}

// ---- ranks come and go

void Dispatcher::tell_that_we_live(double now) {
  if (now < next_greeting_s_) return;
  next_greeting_s_ = now + time_between_greetings_s;
  for (const auto& [rank, worker] : workers_)
    if (!worker.is_lost && rank != options_.own_rank) channel_.send(rank, CoordinatorAlive{});
}

void Dispatcher::miss_the_silent(double now) {
  if (options_.lost_after_s <= 0) return;
  const double limit_s = std::max(options_.lost_after_s, gaps_of_silence * longest_gap_s_);
  for (const int rank : options_.worker_ranks) {
    const auto& worker = workers_.at(rank);
    if (!worker.is_lost && rank != options_.own_rank && now - worker.last_heard_s > limit_s) lose(rank, now);
  }
  if (num_lost_ == workers_.size())
    throw ClusterError("all workers are lost; the same command goes on where they were");
}

void Dispatcher::lose(int rank, double now) {
  auto& worker = workers_.at(rank);
  worker.is_lost = has_had_losses_ = true;
  ++num_lost_;
  idle_.erase(rank);
  log::warning(fmt::format("rank {} is lost: not heard of for {}; its work is given to others", rank,
                           human_seconds(now - worker.last_heard_s)));
  ++generation_;
  for (const int other : options_.worker_ranks)
    if (other != rank) channel_.send(other, RankLost{rank, last_leg_});
  if (const LegId leg = std::exchange(worker.leg, 0); leg != 0) {
    const double together_s = options_.lost_after_s / 2;  // ranks that fall silent with their node are one loss
    try_again(give_up(leg), together_s, "the ranks that trained it were lost, again and again; out of memory?");
  }
}

void Dispatcher::take(const OutOfMemory& message) {
  const auto team = std::find_if(teams_.begin(), teams_.end(), [&](const auto& entry) {
    return entry.first == message.leg || (entry.second.next && entry.second.next->leg == message.leg);
  });
  if (team == teams_.end()) return;  // given up
  auto job = give_up(team->first);
  log::warning(fmt::format("rank {} is out of memory in trial {}", message.rank, job.order.trial.value));
  job.most_ranks = 1;  // what others of a team have received stays in their memory
  try_again(std::move(job), 0, "out of memory, again and again; limits.memory leaves out points that need too much");
}

// Puts a job back that took its ranks with it, unless it has done so too often. Losses within `together_s` are one.
void Dispatcher::try_again(Job job, double together_s, const char* reason) {
  const double now = options_.now();
  auto& losses = losses_[{job.order.trial, job.order.to_epoch}];
  if (losses.count == 0 || now - losses.last_s >= together_s) ++losses.count;
  losses.last_s = now;
  if (losses.count < most_losses || is_draining_)
    resubmit(std::move(job));
  else
    hopeless_.push_back({std::move(job), reason});
}

// The ranks that are left hold the state of their last step; the leader, if it is among them, goes on from there.
Job Dispatcher::give_up(LegId leg) {
  auto node = teams_.extract(leg);
  auto& team = node.mapped();
  ++generation_;
  auto ranks = team.ranks();
  if (team.next)
    for (const int rank : team.next->ranks)
      if (std::find(ranks.begin(), ranks.end(), rank) == ranks.end()) ranks.push_back(rank);
  for (const int rank : ranks) {
    channel_.send(rank, Abandon{leg});
    if (team.next) channel_.send(rank, Abandon{team.next->leg});
  }
  release(ranks);
  workers_.at(team.ranks().front()).resident = team.job.order.trial;
  return std::move(team.job);
}

void Dispatcher::take(const WorkerAlive& message) {
  const auto sender = workers_.find(message.rank);
  if (sender == workers_.end()) return;  // the coordinator's own, in a world where it only coordinates
  auto& worker = sender->second;
  const double now = options_.now();
  longest_gap_s_ = std::max(longest_gap_s_, std::min(now - worker.last_heard_s, most_gaps * options_.lost_after_s));
  worker.last_heard_s = now;
  if (worker.is_lost) {
    log::info(fmt::format("rank {} is back", message.rank));
    worker.is_lost = false;
    --num_lost_;
    idle_.insert(message.rank);
  }
  const auto found = teams_.find(message.leg);
  if (found == teams_.end() || found->second.ranks().front() != message.rank) return;
  auto& team = found->second;
  const Sight sight{message.epochs, message.seconds};
  if (!team.first) team.first = sight;
  team.last = sight;
  team.last_seen_s = now;
  measure(team.job, sight.epochs - team.first->epochs, sight.seconds - team.first->seconds);
}

void Dispatcher::measure(const Job& job, double epochs, double seconds) {
  if (seconds < least_measured_s) return;
  const auto& order = job.order;
  const double share = epochs / (order.to_epoch - order.from_epoch);
  speedometer_.measured(order.trial, static_cast<int>(order.ranks.size()), share * job.multiply_adds, seconds);
}

// ---- teams

bool Dispatcher::has_teams() const {
  return std::any_of(teams_.begin(), teams_.end(), [](const auto& entry) {
    const Team& team = entry.second;
    return team.ranks().size() > 1 || (team.next && team.next->ranks.size() > 1);
  });
}

void Dispatcher::place(double now) {
  if (is_draining_) return;
  const bool has_large = has_teams();
  // Teams change where some are large, or ranks are left over.
  const bool may_change =
      options_.ranks_per_trial == 0 && !teams_.empty() && (has_large || (waiting_.empty() && !idle_.empty()));
  const bool is_due = may_change && now >= next_growth_s_;
  if ((waiting_.empty() || idle_.empty()) && !is_due) return;
  if (is_due) next_growth_s_ = now + time_between_growth_s;
  const auto placed = policy_->place(situation(now, is_due));
  for (const auto& each : placed.starts) start(each);
  for (const auto& each : placed.changes) change(each);
}

Situation Dispatcher::situation(double now, bool with_running) const {
  Situation situation;
  situation.move_s = typical_move_s;
  for (const int rank : idle_) {
    const auto& worker = workers_.at(rank);
    const bool may_be_lost =
        options_.lost_after_s > 0 && rank != options_.own_rank && now - worker.last_heard_s > suspicious_silence_s;
    if (!may_be_lost) situation.idle.push_back({rank, worker.node, worker.resident});
  }
  for (const auto& job : waiting_) {
    const auto [least, most] = least_and_most_ranks(job);
    situation.waiting.push_back({job.order.trial, least, most});
    if (situation.waiting.size() > workers_.size()) break;  // more cannot start
  }
  if (!with_running) return situation;
  for (const auto& [leg, team] : teams_) {
    situation.running.push_back(running_segment(leg, team, now));
    if (team.next)
      situation.ranks_coming +=
          std::max(0, static_cast<int>(team.ranks().size()) - static_cast<int>(team.next->ranks.size()));
  }
  return situation;
}

RunningSegment Dispatcher::running_segment(LegId leg, const Team& team, double now) const {
  const auto& order = team.job.order;
  const auto [least, most] = least_and_most_ranks(team.job);
  double share = 1;  // of the segment that is left
  if (team.last) share = (order.to_epoch - team.last->epochs) / (order.to_epoch - order.from_epoch);
  const double unseen_s = team.last ? now - team.last_seen_s : 0;
  const double left = std::max(0.0, share) * team.job.multiply_adds -
                      unseen_s * speedometer_.speed(order.trial, static_cast<int>(order.ranks.size()));
  return {leg,
          order.ranks,
          workers_.at(order.ranks.front()).node,
          least,
          most,
          team.next.has_value(),
          [this, left, trial = order.trial](int num_ranks) {
            return std::max(0.0, left) / speedometer_.speed(trial, num_ranks);
          }};
}

std::pair<int, int> Dispatcher::least_and_most_ranks(const Job& job) const {
  const auto num_alive = workers_.size() - num_lost_;
  const int most = std::min(
      {power_of_two_up_to(static_cast<std::size_t>(job.most_ranks)), largest_team, power_of_two_up_to(num_alive)});
  if (options_.ranks_per_trial == 0) return {1, most};
  const int pinned = std::min(most, options_.ranks_per_trial);
  return {pinned, pinned};
}

void Dispatcher::start(const Placed::Start& start) {
  const auto job =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Job& j) { return j.order.trial == start.trial; });
  SEQSWEEP_ENSURE(job != waiting_.end(), "a segment was placed that does not wait");
  const LegId leg = ++last_leg_;
  auto& team = teams_[leg];
  team.job = std::move(*job);
  waiting_.erase(job);
  auto& order = team.job.order;
  order.leg = leg;
  order.generation = generation_;
  order.ranks = start.ranks;
  assign(order.ranks, leg);
  log::detail(fmt::format("leg {}: trial {} to epoch {} on ranks {}", leg, order.trial.value, order.to_epoch,
                          fmt::join(order.ranks, ",")));
  for (const int rank : order.ranks) channel_.send(rank, order);
}

void Dispatcher::change(const Placed::Change& change) {
  auto& team = teams_.at(change.leg);
  SEQSWEEP_ENSURE(!team.next && change.ranks.front() == team.ranks().front(),
                  "a team was to change in a way it cannot");
  team.next = Regroup{change.leg, ++last_leg_, generation_, change.ranks};
  for (const int rank : change.ranks)
    if (workers_.at(rank).leg == 0) assign({rank}, change.leg);
  log::detail(
      fmt::format("leg {} is to go on as leg {} on ranks {}", change.leg, last_leg_, fmt::join(change.ranks, ",")));
  channel_.send(change.ranks.front(), *team.next);
}

void Dispatcher::take(const LegDone& message) {
  auto node = teams_.extract(message.leg);
  if (node.empty()) return;  // given up
  auto& team = node.mapped();
  SEQSWEEP_ENSURE(team.next.has_value(), "a team changed that was not asked to");
  const auto next = *std::exchange(team.next, std::nullopt);
  const auto former = team.ranks();
  measure(team.job, message.epochs, message.timing.seconds - message.timing.move_s);
  auto& order = team.job.order;
  order.leg = next.leg;
  order.generation = next.generation;
  order.ranks = next.ranks;
  team.first.reset();
  assign(next.ranks, next.leg);
  std::vector<int> leaving;
  for (const int rank : former)
    if (workers_.at(rank).leg == message.leg) leaving.push_back(rank);
  release(leaving);
  node.key() = next.leg;
  teams_.insert(std::move(node));
}

std::optional<Job> Dispatcher::finish(const SegmentDone& message) {
  const auto node = teams_.extract(message.leg);
  if (node.empty()) return std::nullopt;
  log::detail(fmt::format("leg {} is done", message.leg));
  const auto& team = node.mapped();
  measure(team.job, message.epochs, message.timing.seconds - message.timing.move_s);
  speedometer_.forget(team.job.order.trial);
  workers_.at(team.ranks().front()).resident = team.job.order.trial;
  release(team.ranks());
  if (team.next) release(team.next->ranks);
  return team.job;
}

void Dispatcher::assign(const std::vector<int>& ranks, LegId leg) {
  for (const int rank : ranks) {
    auto& worker = workers_.at(rank);
    worker.leg = leg;
    worker.resident = TrialId{};
    idle_.erase(rank);
  }
}

void Dispatcher::release(const std::vector<int>& ranks) {
  for (const int rank : ranks) {
    auto& worker = workers_.at(rank);
    worker.leg = 0;
    if (!worker.is_lost) idle_.insert(rank);
  }
}

// ---- the end

void Dispatcher::drain() {
  is_draining_ = true;
  for (const auto& [leg, team] : teams_) channel_.send(team.ranks().front(), Interrupt{});
}

void Dispatcher::dismiss() {
  std::set<int> missing;
  for (const auto& [rank, worker] : workers_) {
    if (rank == options_.own_rank) continue;
    channel_.send(rank, Shutdown{});
    if (!worker.is_lost) missing.insert(rank);
  }
  const double end = options_.now() + longest_farewell_s;
  for (Nap nap; !missing.empty() && options_.now() < end; nap.take())
    while (const auto message = channel_.receive())
      if (const auto* goodbye = std::get_if<Goodbye>(&*message)) missing.erase(goodbye->rank);
  if (!missing.empty()) has_had_losses_ = true;
  for (const auto& [rank, worker] : workers_) channel_.send(rank, Leave{has_had_losses()});
  channel_.flush();
}

}  // namespace seqsweep::cluster
