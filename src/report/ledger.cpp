// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/report/ledger.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "seqsweep/core/text.hpp"

namespace seqsweep::report {
namespace {

using search::TrialState;
using store::TimingRecord;

// Longer than a coordinator ever needs to hand out work, shorter than starting a job again takes.
constexpr double longest_pause_s = 20;
constexpr double seconds_per_hour = 3600;

Use use_of(const search::TrialRecord& trial, bool is_sealed) {
  if (trial.is_replicate()) return Use::replicate;
  switch (trial.state) {
    case TrialState::completed:
      return Use::completed;
    case TrialState::running:
      return Use::in_progress;
    case TrialState::paused:
      return is_sealed ? Use::stopped : Use::in_progress;
    case TrialState::stopped:
      return Use::stopped;
    case TrialState::diverged:
    case TrialState::failed:
      return Use::lost;
  }
  return Use::lost;
}

// Legs without a pause between them, in order of time.
using Legs = std::vector<const TimingRecord*>;

std::vector<Legs> sessions_of(const std::vector<TimingRecord>& timing) {
  Legs legs;
  for (const auto& leg : timing) legs.push_back(&leg);
  std::stable_sort(legs.begin(), legs.end(), [](const auto* a, const auto* b) { return a->started_s < b->started_s; });
  std::vector<Legs> sessions;
  double end_s = 0;
  for (const auto* leg : legs) {
    if (sessions.empty() || leg->started_s > end_s + longest_pause_s) sessions.emplace_back();
    sessions.back().push_back(leg);
    end_s =
        sessions.back().size() == 1 ? leg->started_s + leg->seconds : std::max(end_s, leg->started_s + leg->seconds);
  }
  return sessions;
}

// The file names the host of a leg's leader alone. Another rank is where it was seen as a leader itself, else there,
// too.
std::vector<Lane> lanes_of(const TimingRecord& leg, const std::map<int, std::string>& host_of_rank) {
  std::vector<Lane> lanes;
  for (const auto& text : split(leg.ranks, ',')) {
    const auto rank = static_cast<int>(parse_integer(text).value_or(leg.first_rank));
    const auto host = host_of_rank.find(rank);
    lanes.push_back({host == host_of_rank.end() ? leg.host : host->second, rank});
  }
  return lanes;
}

class Bookkeeper {
 public:
  explicit Bookkeeper(const store::Results& results) {
    for (const auto& trial : results.trials) use_[trial.id] = use_of(trial, results.is_sealed);
  }

  void add(const Legs& legs) {
    std::map<int, std::string> host_of_rank;
    for (const auto* leg : legs) host_of_rank[leg->first_rank] = leg->host;
    std::map<std::string, std::set<int>> ranks_on;  // by host
    double end_s = legs.front()->started_s;
    for (const auto* leg : legs) {
      end_s = std::max(end_s, leg->started_s + leg->seconds);
      for (const auto& lane : lanes_of(*leg, host_of_rank)) ranks_on[lane.host].insert(lane.rank);
    }
    Session session;
    session.started_s = legs.front()->started_s;
    session.from_s = ledger_.sessions.empty() ? 0 : ledger_.sessions.back().to_s;
    session.to_s = session.from_s + end_s - session.started_s;
    session.num_hosts = ranks_on.size();
    for (const auto& [host, ranks] : ranks_on) session.num_ranks += ranks.size();
    ledger_.sessions.push_back(session);

    double busy_node_s = 0;
    for (const auto* leg : legs)
      for (const auto& lane : lanes_of(*leg, host_of_rank)) {
        const auto sharing = static_cast<double>(ranks_on[lane.host].size());
        const double node_s = leg->seconds / sharing;
        const double moving_s = leg->move_s / sharing;
        busy_node_s += node_s;
        ledger_.moving_node_hours += moving_s / seconds_per_hour;
        const auto found = use_.find(leg->trial);
        const auto use = found == use_.end() ? Use::in_progress : found->second;
        ledger_.node_hours[static_cast<std::size_t>(use)] += (node_s - moving_s) / seconds_per_hour;
        const double from_s = session.from_s + leg->started_s - session.started_s;
        busy_.push_back({lane, {0, from_s, from_s + leg->seconds, use, leg->trial}});
      }
    const double node_s = static_cast<double>(session.num_hosts) * (session.to_s - session.from_s);
    ledger_.idle_node_hours += std::max(0.0, node_s - busy_node_s) / seconds_per_hour;
  }

  Ledger finish() {
    std::set<Lane> lanes;
    for (const auto& [lane, busy] : busy_) lanes.insert(lane);
    ledger_.lanes.assign(lanes.begin(), lanes.end());
    for (auto& [lane, busy] : busy_) {
      const auto place = std::lower_bound(ledger_.lanes.begin(), ledger_.lanes.end(), lane);
      busy.lane = static_cast<std::size_t>(place - ledger_.lanes.begin());
      ledger_.busy.push_back(busy);
    }
    std::stable_sort(ledger_.busy.begin(), ledger_.busy.end(), [](const Busy& a, const Busy& b) {
      return a.lane != b.lane ? a.lane < b.lane : a.from_s < b.from_s;
    });
    return std::move(ledger_);
  }

 private:
  std::map<TrialId, Use> use_;
  std::vector<std::pair<Lane, Busy>> busy_;
  Ledger ledger_;
};

}  // namespace

std::string_view name_of(Use use) {
  switch (use) {
    case Use::completed:
      return "trained to the end";
    case Use::in_progress:
      return "in progress";
    case Use::stopped:
      return "stopped early";
    case Use::lost:
      return "diverged or failed";
    case Use::replicate:
      return "seed spread";
  }
  return "unknown";
}

double Ledger::total_node_hours() const {
  return std::accumulate(node_hours.begin(), node_hours.end(), idle_node_hours + moving_node_hours);
}

double Ledger::node_hours_at(double unix_s) const {
  double node_s = 0;
  for (const auto& session : sessions)
    node_s += static_cast<double>(session.num_hosts) *
              std::clamp(unix_s - session.started_s, 0.0, session.to_s - session.from_s);
  return node_s / seconds_per_hour;
}

std::vector<double> Ledger::utilisation(std::size_t num_bins) const {
  std::vector<double> shares(num_bins, 0.0);
  if (sessions.empty() || sessions.back().to_s <= 0) return shares;
  const double bin_s = sessions.back().to_s / static_cast<double>(num_bins);
  std::vector<double> there(num_bins, 0.0);  // [rank seconds]
  const auto spread = [&](std::vector<double>& bins, double from_s, double to_s, double weight) {
    const auto last = std::min(num_bins - 1, static_cast<std::size_t>(to_s / bin_s));
    for (auto b = std::min(num_bins - 1, static_cast<std::size_t>(from_s / bin_s)); b <= last; ++b) {
      const double begin_s = bin_s * static_cast<double>(b);
      bins[b] += weight * std::max(0.0, std::min(to_s, begin_s + bin_s) - std::max(from_s, begin_s));
    }
  };
  for (const auto& one : busy) spread(shares, one.from_s, one.to_s, 1);
  for (const auto& session : sessions)
    spread(there, session.from_s, session.to_s, static_cast<double>(session.num_ranks));
  for (std::size_t b = 0; b < num_bins; ++b) shares[b] = there[b] > 0 ? std::min(1.0, shares[b] / there[b]) : 0;
  return shares;
}

std::vector<TimingRecord> running_legs(const store::Results& results) {
  std::vector<TimingRecord> legs;
  if (!results.live) return legs;
  std::map<int, std::string> host_of_rank;
  std::set<std::pair<TrialId, int>> recorded;  // meanwhile
  for (const auto& leg : results.timing) {
    host_of_rank[leg.first_rank] = leg.host;
    if (leg.started_s + leg.seconds > results.live->written_s) recorded.emplace(leg.trial, leg.to_epoch);
  }
  for (const auto& team : results.live->teams) {
    if (team.seconds <= 0 || recorded.contains({team.trial, team.to_epoch})) continue;
    TimingRecord leg;
    leg.trial = team.trial;
    leg.from_epoch = team.from_epoch;
    leg.to_epoch = team.to_epoch;
    leg.num_ranks = team.num_ranks;
    leg.ranks = team.ranks;
    leg.first_rank = static_cast<int>(parse_integer(split(team.ranks, ',').front()).value_or(0));
    const auto host = host_of_rank.find(leg.first_rank);  // else it is on the first leader's, as far as we know
    if (!results.timing.empty()) leg.host = host == host_of_rank.end() ? results.timing.front().host : host->second;
    leg.started_s = results.live->written_s - team.seconds;
    leg.seconds = team.seconds;
    legs.push_back(std::move(leg));
  }
  return legs;
}

Ledger ledger_of(const store::Results& results) {
  Bookkeeper bookkeeper(results);
  auto timing = results.timing;
  for (auto& leg : running_legs(results)) timing.push_back(std::move(leg));
  for (const auto& legs : sessions_of(timing)) bookkeeper.add(legs);
  return bookkeeper.finish();
}

std::vector<Busy> joined(const std::vector<Busy>& busy, double resolution_s) {
  std::vector<Busy> joint;
  for (const auto& one : busy) {
    const bool goes_on = !joint.empty() && joint.back().lane == one.lane && joint.back().use == one.use &&
                         one.from_s - joint.back().to_s < resolution_s && one.to_s - one.from_s < resolution_s;
    if (goes_on)
      joint.back().to_s = std::max(joint.back().to_s, one.to_s);
    else
      joint.push_back(one);
  }
  return joint;
}

}  // namespace seqsweep::report
