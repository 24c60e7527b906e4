// SPDX-License-Identifier: Apache-2.0
//
// Asynchronous successive halving by promotion. With η = reduction_factor, rung k lies at grace_period · η^k epochs
// while that is below max_epochs, and the top rung at max_epochs. Of n trials at a rung, the best ⌊n / η⌋ may go on:
//   for k from the top rung down: if the best trial at rung k that may go on has not yet, it does, to rung k + 1
//   otherwise: a new trial, to rung 0
// With several brackets, bracket s (the early-stopping rate of the paper) does so for itself with the rungs from rung s
// up; promotions are looked for in the order of the brackets. A new trial goes to the bracket s with the smallest
//   (m_s + 1/2) · c_s,  c_s = r_s + Σ_{k > s} η^(s − k) · (r_k − r_{k−1})  [epochs]
// for m_s trials begun in s so far, rungs r_k, and c_s what a trial of s is expected to take: each bracket gets the
// same budget. Li, Jamieson, Rostamizadeh, Gonina, Ben-Tzur, Hardt, Recht, Talwalkar 2020, "A system for massively
// parallel hyperparameter tuning" (MLSys), section 3 and algorithm 2. Differs from the paper: ties are broken by trial
// id; trials that diverged or failed count as infinitely bad at the rung they were on the way to; trials that improve
// no more count there with their value and go on no further; the brackets take trials side by side, not one after the
// other.

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "option_checks.hpp"
#include "ranking.hpp"
#include "rungs.hpp"
#include "schedulers.hpp"

namespace seqsweep::search {
namespace {

struct Rung {
  int epoch;
  Ranking ranking = {};           // every trial that came here, or ended on its way here
  std::set<Ranked> waiting = {};  // those that may still be promoted, best first
};

struct AshaBracket {
  std::vector<Rung> rungs = {};
  double epochs_per_trial = 0;  // c_s
  int num_begun = 0;            // m_s

  AshaBracket(std::span<const int> epochs, int reduction_factor) {
    double share = 1;  // η^(s − k) of the trials go on to rung k
    int epochs_before = 0;
    for (const int epoch : epochs) {
      rungs.push_back({epoch});
      epochs_per_trial += share * (epoch - epochs_before);
      epochs_before = epoch;
      share /= reduction_factor;
    }
  }
};

// The rung that a trial is on the way to.
struct Way {
  std::uint8_t bracket = 0;
  std::uint8_t rung = 0;
};

class Asha final : public Scheduler {
 public:
  explicit Asha(const SchedulerOptions& options) : options_(options) {
    const auto epochs = rung_epochs(options);
    for (std::size_t s = 0; s < static_cast<std::size_t>(options.brackets); ++s)
      brackets_.emplace_back(std::span(epochs).subspan(s), options.reduction_factor);
  }

  int begin(TrialId trial) override {
    const auto claim = [](const AshaBracket& b) { return (b.num_begun + 0.5) * b.epochs_per_trial; };
    const auto bracket = std::ranges::min_element(brackets_, {}, claim);
    ++bracket->num_begun;
    way_of(trial) = {static_cast<std::uint8_t>(bracket - brackets_.begin()), 0};
    return bracket->rungs.front().epoch;
  }

  Verdict committed(const TrialRecord& trial) override {
    const auto way = way_of(trial.id);
    auto& rung = rung_at(way);
    SEQSWEEP_EXPECT(trial.epochs() == rung.epoch, "a trial was measured away from its rung");
    const Ranked ranked{trial.value(), trial.id};
    rung.ranking.insert(ranked);
    if (is_last(way)) return {.kind = Verdict::Kind::complete, .reason = place(way, ranked) + ", the last rung"};
    rung.waiting.insert(ranked);
    if (!is_promotable(rung, ranked)) return {.kind = Verdict::Kind::pause, .reason = standing(way, ranked)};
    auto promotion = promote(way, ranked);
    return {.kind = Verdict::Kind::proceed, .to_epoch = promotion.to_epoch, .reason = std::move(promotion.reason)};
  }

  void ended(const TrialRecord& trial) override { rung_at(way_of(trial.id)).ranking.insert({trial.value(), trial.id}); }

  std::optional<Promotion> promote() override {
    for (std::size_t s = 0; s < brackets_.size(); ++s) {
      const auto& rungs = brackets_[s].rungs;
      for (auto k = rungs.size() - 1; k-- > 0;) {
        const auto& waiting = rungs[k].waiting;
        if (!waiting.empty() && is_promotable(rungs[k], *waiting.begin()))
          return promote({static_cast<std::uint8_t>(s), static_cast<std::uint8_t>(k)}, Ranked(*waiting.begin()));
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<int> rungs() const override { return rung_epochs(options_); }

  // Of n trials at a rung ⌊n / η⌋ go on, or all but η - 1 where each is better than those before it.
  [[nodiscard]] std::vector<RungReach> reach(std::int64_t num_trials) const override {
    const auto epochs = rung_epochs(options_);
    std::vector<RungReach> reach;
    for (const int epoch : epochs) reach.push_back({.epoch = epoch});
    const auto begun = trials_by_bracket(num_trials);
    for (std::size_t s = 0; s < begun.size(); ++s) {
      std::int64_t trials = begun[s], most = begun[s];
      for (std::size_t k = 0; k < epochs.size(); ++k) {
        reach[k].trials += trials;
        reach[k].most += most;
        if (k < s) continue;  // the bracket passes this rung
        trials /= options_.reduction_factor;
        most = std::max<std::int64_t>(0, most - options_.reduction_factor + 1);
      }
    }
    return reach;
  }
  [[nodiscard]] std::string why_idle(std::int64_t num_trials) const override {
    return why_idle_at_rungs(rung_epochs(options_), num_trials);
  }

 private:
  // How many of so many trials each bracket begins with.
  [[nodiscard]] std::vector<std::int64_t> trials_by_bracket(std::int64_t num_trials) const {
    if (brackets_.size() == 1) return {num_trials};
    std::vector<std::int64_t> begun(brackets_.size());
    for (std::int64_t i = 0; i < num_trials; ++i) {
      std::size_t next = 0;
      const auto claim = [&](std::size_t s) {
        return (static_cast<double>(begun[s]) + 0.5) * brackets_[s].epochs_per_trial;
      };
      for (std::size_t s = 1; s < begun.size(); ++s)
        if (claim(s) < claim(next)) next = s;
      ++begun[next];
    }
    return begun;
  }
  [[nodiscard]] std::size_t num_promotable(const Rung& rung) const {
    return rung.ranking.size() / static_cast<std::size_t>(options_.reduction_factor);
  }
  [[nodiscard]] bool is_promotable(const Rung& rung, const Ranked& trial) const {
    return rung.ranking.position(trial) < num_promotable(rung);
  }
  [[nodiscard]] bool is_last(Way way) const { return way.rung + 1u == brackets_[way.bracket].rungs.size(); }

  Promotion promote(Way way, const Ranked& trial) {
    rung_at(way).waiting.erase(trial);
    auto reason = standing(way, trial);
    ++way.rung;
    way_of(trial.second) = way;
    return {trial.second, rung_at(way).epoch, std::move(reason)};
  }

  // "rung 4: 0.0312 is 2nd of 16, top 4 go on"; where there are several brackets, after "bracket 1, "
  [[nodiscard]] std::string place(Way way, const Ranked& trial) {
    const auto& rung = rung_at(way);
    const auto bracket = brackets_.size() > 1 ? fmt::format("bracket {}, ", way.bracket) : "";
    return bracket + place_at_rung(rung.epoch, turned(options_.goal, trial.first), rung.ranking.position(trial),
                                   rung.ranking.size());
  }
  [[nodiscard]] std::string standing(Way way, const Ranked& trial) {
    return fmt::format("{}, top {} go on", place(way, trial), num_promotable(rung_at(way)));
  }

  Rung& rung_at(Way way) { return brackets_[way.bracket].rungs[way.rung]; }
  Way& way_of(TrialId trial) {
    const auto index = static_cast<std::size_t>(trial.value);
    if (index >= ways_.size()) ways_.resize(index + 1);
    return ways_[index];
  }

  const SchedulerOptions options_;
  std::vector<AshaBracket> brackets_;  // by s
  std::vector<Way> ways_;              // of each trial, by id
};

}  // namespace

std::unique_ptr<Scheduler> make_asha(const SchedulerOptions& options) {
  check_rungs(options);
  expect_at_least(1, options.brackets, "search.brackets");
  const auto num_rungs = rung_epochs(options).size();
  if (static_cast<std::size_t>(options.brackets) > num_rungs)
    throw ConfigError(fmt::format("search.brackets = {} is more than there are rungs, and each bracket begins at its "
                                  "own; write at most {}",
                                  options.brackets, num_rungs),
                      {}, "search.brackets");
  return std::make_unique<Asha>(options);
}

}  // namespace seqsweep::search
