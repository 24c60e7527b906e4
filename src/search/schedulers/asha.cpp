// SPDX-License-Identifier: Apache-2.0
//
// Asynchronous successive halving by promotion. With η = reduction_factor, rung k lies at grace_period · η^k epochs
// while that is below max_epochs, and the top rung at max_epochs. Of n trials at a rung, the best ⌊n / η⌋ may go on:
//   for k from the top rung down: if the best trial at rung k that may go on has not yet, it does, to rung k + 1
//   otherwise: a new trial, to rung 0
// Li, Jamieson, Rostamizadeh, Gonina, Ben-Tzur, Hardt, Recht, Talwalkar 2020, "A system for massively parallel
// hyperparameter tuning" (MLSys), algorithm 2.
// Differs from the paper: ties are broken by trial id; trials that diverged or failed count as infinitely bad at the
// rung they were on the way to; trials that improve no more count there with their value and go on no further.

#include <cstdint>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "option_checks.hpp"
#include "ranking.hpp"
#include "schedulers.hpp"

namespace seqsweep::search {
namespace {

std::string ordinal(std::size_t n) {
  const bool is_teen = n % 100 / 10 == 1;
  const char* suffix = is_teen ? "th" : n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
  return fmt::format("{}{}", n, suffix);
}

struct Rung {
  int epoch;
  Ranking ranking;           // every trial that came here, or ended on its way here
  std::set<Ranked> waiting;  // those that may still be promoted, best first
};

class Asha final : public Scheduler {
 public:
  explicit Asha(const SchedulerOptions& options) : options_(options) {
    for (std::int64_t epoch = options.grace_period; epoch < options.max_epochs; epoch *= options.reduction_factor)
      rungs_.push_back({static_cast<int>(epoch), {}, {}});
    rungs_.push_back({options.max_epochs, {}, {}});
  }

  int begin(TrialId /*trial*/) override { return rungs_.front().epoch; }

  Verdict committed(const TrialRecord& trial) override {
    const std::size_t k = rung_ahead(trial.id);
    auto& rung = rungs_[k];
    SEQSWEEP_EXPECT(trial.epochs() == rung.epoch, "a trial was measured away from its rung");
    const Ranked ranked{trial.value(), trial.id};
    rung.ranking.insert(ranked);
    if (k + 1 == rungs_.size())
      return {.kind = Verdict::Kind::complete, .reason = place(rung, ranked) + ", the last rung"};
    rung.waiting.insert(ranked);
    if (!is_promotable(rung, ranked)) return {.kind = Verdict::Kind::pause, .reason = standing(rung, ranked)};
    auto promotion = promote(k, ranked);
    return {.kind = Verdict::Kind::proceed, .to_epoch = promotion.to_epoch, .reason = std::move(promotion.reason)};
  }

  void ended(const TrialRecord& trial) override {
    rungs_[rung_ahead(trial.id)].ranking.insert({trial.value(), trial.id});
  }

  std::optional<Promotion> promote() override {
    for (auto k = rungs_.size() - 1; k-- > 0;) {
      const auto& waiting = rungs_[k].waiting;
      if (!waiting.empty() && is_promotable(rungs_[k], *waiting.begin())) return promote(k, Ranked(*waiting.begin()));
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::size_t num_promotable(const Rung& rung) const {
    return rung.ranking.size() / static_cast<std::size_t>(options_.reduction_factor);
  }
  [[nodiscard]] bool is_promotable(const Rung& rung, const Ranked& trial) const {
    return rung.ranking.position(trial) < num_promotable(rung);
  }

  Promotion promote(std::size_t k, const Ranked& trial) {
    rungs_[k].waiting.erase(trial);
    rung_ahead(trial.second) = static_cast<std::uint8_t>(k + 1);
    return {trial.second, rungs_[k + 1].epoch, standing(rungs_[k], trial)};
  }

  // "rung 4: 0.0312 is 2nd of 16, top 4 go on"; a rung is named by its epoch.
  [[nodiscard]] std::string place(const Rung& rung, const Ranked& trial) const {
    return fmt::format("rung {}: {:.4g} is {} of {}", rung.epoch, turned(options_.goal, trial.first),
                       ordinal(rung.ranking.position(trial) + 1), rung.ranking.size());
  }
  [[nodiscard]] std::string standing(const Rung& rung, const Ranked& trial) const {
    return fmt::format("{}, top {} go on", place(rung, trial), num_promotable(rung));
  }

  std::uint8_t& rung_ahead(TrialId trial) {
    const auto index = static_cast<std::size_t>(trial.value);
    if (index >= rung_ahead_.size()) rung_ahead_.resize(index + 1);
    return rung_ahead_[index];
  }

  const SchedulerOptions options_;
  std::vector<Rung> rungs_;
  std::vector<std::uint8_t> rung_ahead_;  // of each trial, by id: the rung that it is on the way to
};

}  // namespace

std::unique_ptr<Scheduler> make_asha(const SchedulerOptions& options) {
  check_epochs(options);
  expect_at_least(2, options.reduction_factor, "search.reduction_factor");
  return std::make_unique<Asha>(options);
}

}  // namespace seqsweep::search
