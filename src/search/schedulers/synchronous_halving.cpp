// SPDX-License-Identifier: Apache-2.0
//
// Synchronous successive halving, the subroutine of `halving` and `hyperband`. With η = reduction_factor:
//   n_0 = the trials of the bracket
//   when all n_k at rung k have been measured, the best n_{k+1} = max(1, ⌊n_k / η⌋) go on to rung k + 1
// Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar 2018, "Hyperband: a novel bandit-based approach to hyperparameter
// optimization" (JMLR 18), algorithm 1, its inner loop.
// Differs from the paper: trials go on from their checkpoints; ties are broken by trial id. While a rung waits for its
// stragglers new trials begin the next bracket, so that no worker is idle and several brackets are under way at a time;
// trials that may go on come before new ones. A bracket that has no full number of trials when the last one begins
// goes on with what it has, and at least one trial goes on (in a full bracket of the papers one always does). A trial
// that diverged or failed counts as infinitely bad; it and a trial that improves no more keep their values, and if they
// are among the best their places, on all later rungs.

#include "synchronous_halving.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "ranking.hpp"
#include "rungs.hpp"

namespace seqsweep::search {
namespace {

struct Entry {
  Ranked ranked;
  bool has_ended;  // goes on no further, but keeps its place
};

// A bracket under way. All its trials are at one rung, on the way to it, or out.
struct Bracket {
  const BracketPlan* plan;
  std::string name;
  std::size_t num_trials;  // n_k; at the first rung all that shall begin
  std::size_t num_begun = 0;
  std::size_t k = 0;            // the rung
  std::vector<Entry> measured;  // at the rung, best first

  [[nodiscard]] int epoch() const { return plan->rungs[k]; }
  [[nodiscard]] bool is_full() const { return num_begun == plan->num_trials; }
  [[nodiscard]] bool is_last_rung() const { return k + 1 == plan->rungs.size(); }
  [[nodiscard]] bool is_measured() const { return measured.size() == num_trials; }

  // Says how many are better.
  std::size_t insert(const Entry& entry) {
    const auto place = std::lower_bound(measured.begin(), measured.end(), entry,
                                        [](const Entry& a, const Entry& b) { return a.ranked < b.ranked; });
    const auto position = place - measured.begin();
    measured.insert(place, entry);
    return static_cast<std::size_t>(position);
  }
};

class SynchronousHalving final : public Scheduler {
 public:
  SynchronousHalving(const SchedulerOptions& options, std::vector<BracketPlan> plans)
      : options_(options), plans_(std::move(plans)) {}

  int begin(TrialId trial) override {
    SEQSWEEP_EXPECT(static_cast<std::size_t>(trial.value) == bracket_of_.size(), "trials began out of order");
    if (brackets_.empty() || brackets_.back().is_full()) open_next_bracket();
    bracket_of_.push_back(brackets_.size() - 1);
    ++brackets_.back().num_begun;
    return brackets_.back().epoch();
  }

  Verdict committed(const TrialRecord& trial) override {
    auto& bracket = bracket_of(trial.id);
    SEQSWEEP_EXPECT(trial.epochs() == bracket.epoch(), "a trial was measured away from its rung");
    const auto position = bracket.insert({{trial.value(), trial.id}, false});
    if (bracket.is_last_rung())
      return {.kind = Verdict::Kind::complete, .reason = place(bracket, position) + ", the last rung"};
    // Who is not among the best by now never will be; who is, waits for the others.
    const auto kind = position < num_going_on(bracket) ? Verdict::Kind::pause : Verdict::Kind::stop;
    Verdict verdict{.kind = kind, .reason = standing(bracket, position)};
    decide_rung(bracket);
    return verdict;
  }

  void ended(const TrialRecord& trial) override {
    auto& bracket = bracket_of(trial.id);
    bracket.insert({{trial.value(), trial.id}, true});
    decide_rung(bracket);
  }

  std::optional<Promotion> promote() override {
    if (promotions_.empty()) return std::nullopt;
    auto promotion = std::move(promotions_.front());
    promotions_.pop_front();
    return promotion;
  }

  void no_more_trials() override {
    if (brackets_.empty() || brackets_.back().is_full()) return;
    brackets_.back().num_trials = brackets_.back().num_begun;
    decide_rung(brackets_.back());
  }

  // Other brackets leave out the first of them.
  [[nodiscard]] std::vector<int> rungs() const override { return plans_.front().rungs; }

  [[nodiscard]] std::vector<RungReach> reach(std::int64_t num_trials) const override {
    std::map<int, std::int64_t> trials_at;
    for (std::size_t b = 0; num_trials > 0; ++b) {
      const auto& plan = plans_[b % plans_.size()];
      auto trials = std::min(num_trials, static_cast<std::int64_t>(plan.num_trials));
      num_trials -= trials;
      auto own = plan.rungs.begin();
      for (const int epoch : rungs()) {
        trials_at[epoch] += trials;
        if (epoch != *own) continue;  // the bracket passes this rung
        ++own;
        trials = std::max<std::int64_t>(1, trials / options_.reduction_factor);
      }
    }
    std::vector<RungReach> reach;
    for (const auto& [epoch, trials] : trials_at) reach.push_back({.epoch = epoch, .trials = trials, .most = trials});
    return reach;
  }
  [[nodiscard]] std::string why_idle(std::int64_t num_trials) const override {
    return why_idle_at_rungs(rungs(), num_trials);
  }

 private:
  void open_next_bracket() {
    const auto& plan = plans_[brackets_.size() % plans_.size()];
    const auto turn = brackets_.size() / plans_.size() + 1;
    brackets_.push_back(
        {.plan = &plan, .name = fmt::format("{} {}", plan.name, turn), .num_trials = plan.num_trials, .measured = {}});
  }

  // Where all of a rung are measured, the best go on.
  void decide_rung(Bracket& bracket) {
    if (!bracket.is_measured() || bracket.is_last_rung()) return;
    const auto num = num_going_on(bracket);
    std::vector<Entry> next;
    for (std::size_t position = 0; position < num; ++position) {
      const auto& entry = bracket.measured[position];
      if (entry.has_ended)
        next.push_back(entry);
      else
        promotions_.push_back({entry.ranked.second, bracket.plan->rungs[bracket.k + 1], standing(bracket, position)});
    }
    bracket.measured = std::move(next);
    bracket.num_trials = num;
    ++bracket.k;
  }

  [[nodiscard]] std::size_t num_going_on(const Bracket& bracket) const {
    return std::max<std::size_t>(1, bracket.num_trials / static_cast<std::size_t>(options_.reduction_factor));
  }

  // "round 3, rung 4: 0.0312 is 2nd of 12"
  [[nodiscard]] std::string place(const Bracket& bracket, std::size_t position) const {
    const double value = turned(options_.goal, bracket.measured[position].ranked.first);
    return bracket.name + ", " + place_at_rung(bracket.epoch(), value, position, bracket.measured.size());
  }
  // "…, top 4 go on" where all are measured, before that "… so far, top 4 of 16 go on"
  [[nodiscard]] std::string standing(const Bracket& bracket, std::size_t position) const {
    const auto rule = bracket.is_measured()
                          ? fmt::format(", top {} go on", num_going_on(bracket))
                          : fmt::format(" so far, top {} of {} go on", num_going_on(bracket), bracket.num_trials);
    return place(bracket, position) + rule;
  }

  Bracket& bracket_of(TrialId trial) { return brackets_[bracket_of_[static_cast<std::size_t>(trial.value)]]; }

  const SchedulerOptions options_;
  const std::vector<BracketPlan> plans_;
  std::vector<Bracket> brackets_;        // in the order in which they were opened; the last one takes new trials
  std::vector<std::size_t> bracket_of_;  // of each trial, by id
  std::deque<Promotion> promotions_;     // in the order of their decision, best first
};

}  // namespace

std::unique_ptr<Scheduler> make_synchronous_halving(const SchedulerOptions& options, std::vector<BracketPlan> plans) {
  return std::make_unique<SynchronousHalving>(options, std::move(plans));
}

}  // namespace seqsweep::search
