// SPDX-License-Identifier: Apache-2.0
//
// Population-based training. With n trials in the population, generations of `interval` epochs and
// m = max(1, ⌊n · quantile⌋), at most ⌊n / 2⌋:
//   when all n have been measured after g · interval epochs, best first (1) … (n),
//   exploit: for i = 1 … m a new trial takes the place of (n + 1 - i): it begins with the state of (i)
//   explore: and with a point that is changed a little (explored_point.hpp)
//   all others go on as they are
// Jaderberg, Dalibard, Osindero et al. 2017, "Population based training of neural networks" (arXiv 1711.09846),
// section 3, truncation selection.
// Differs from the paper: the whole generation is compared at equal epochs (the paper compares each with what the
// others happen to have reached), and the worst takes after the best, the second worst after the second best and so on,
// where the paper draws at random. A trial is as good as its best epoch so far, and a network's copy begins with the
// weights of that epoch; in the paper both are of now. n counts those that were measured: a trial that diverged or
// failed is replaced besides, however many there are. One that improves no more leaves the population.

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "option_checks.hpp"
#include "ranking.hpp"
#include "schedulers.hpp"

namespace seqsweep::search {
namespace {

class PopulationBasedTraining final : public Scheduler {
 public:
  explicit PopulationBasedTraining(const SchedulerOptions& options) : options_(options) {}

  int begin(TrialId /*trial*/) override {
    ++size_;
    return next_epoch(0);
  }

  Verdict committed(const TrialRecord& trial) override {
    if (trial.epochs() == options_.max_epochs)
      return {.kind = Verdict::Kind::complete, .reason = fmt::format("trained for all {} epochs", trial.epochs())};
    epoch_ = trial.epochs();
    const Ranked ranked(trial.value(), trial.id);
    generation_.insert(std::upper_bound(generation_.begin(), generation_.end(), ranked), ranked);
    decide_generation();
    return {.kind = Verdict::Kind::pause,
            .reason = fmt::format("waits after epoch {} for the rest of its generation", epoch_)};
  }

  void ended(const TrialRecord& trial) override {
    if (std::isfinite(trial.value()))
      --size_;
    else
      lost_.push_back(trial.id);
    decide_generation();
  }

  std::optional<Promotion> promote() override {
    if (promotions_.empty()) return std::nullopt;
    auto promotion = std::move(promotions_.front());
    promotions_.pop_front();
    return promotion;
  }

  void no_more_trials() override {
    is_complete_ = true;
    decide_generation();
  }

  [[nodiscard]] std::string why_idle(std::int64_t num_trials) const override {
    if (options_.interval >= options_.max_epochs)
      return fmt::format("a generation takes {} epochs (search.interval), and training ends after {}",
                         options_.interval, options_.max_epochs);
    return num_trials < 2 ? "a population of one has nobody to copy" : "";
  }

 private:
  [[nodiscard]] int next_epoch(int epoch) const { return std::min(epoch + options_.interval, options_.max_epochs); }

  // Once all of it are there.
  void decide_generation() {
    if (!is_complete_ || generation_.empty() || generation_.size() + lost_.size() < size_) return;
    const auto num_measured = generation_.size();
    const auto share = static_cast<std::size_t>(static_cast<double>(num_measured) * options_.quantile);
    const auto num_worst = std::min(std::max<std::size_t>(share, 1), num_measured / 2);
    std::size_t num_copied = 0;
    for (std::size_t place = 0; place < num_measured - num_worst; ++place)
      promotions_.push_back({generation_[place].second, next_epoch(epoch_), standing(place)});
    for (std::size_t place = num_measured; place-- > num_measured - num_worst;)
      replace(generation_[place].second, num_copied++, standing(place));
    for (const auto trial : lost_)
      replace(trial, num_copied++ % (num_measured - num_worst), fmt::format("trial {} was lost", trial.value));
    generation_.clear();
    lost_.clear();
  }

  void replace(TrialId replaced, std::size_t by, const std::string& why) {
    promotions_.push_back({generation_[by].second, next_epoch(epoch_), why, replaced, epoch_});
  }

  [[nodiscard]] std::string standing(std::size_t place) const {
    return fmt::format("epoch {}: {:.4g} is {} of {} in its generation", epoch_,
                       turned(options_.goal, generation_[place].first), ordinal(place + 1), generation_.size());
  }

  const SchedulerOptions options_;
  std::size_t size_ = 0;            // of the population
  bool is_complete_ = false;        // no more trials join it
  int epoch_ = 0;                   // where this generation is measured
  std::vector<Ranked> generation_;  // measured so far, best first
  std::vector<TrialId> lost_;       // diverged or failed since the last generation
  std::deque<Promotion> promotions_;
};

}  // namespace

std::unique_ptr<Scheduler> make_pbt(const SchedulerOptions& options) {
  expect_at_least(1, options.max_epochs, "train.max_epochs");
  expect_at_least(1, options.interval, "search.interval");
  if (!(options.quantile > 0 && options.quantile <= 0.5))
    throw ConfigError(fmt::format("search.quantile = {} is no share of a population to replace by as many others; "
                                  "write more than 0 and at most 0.5",
                                  options.quantile),
                      {}, "search.quantile");
  return std::make_unique<PopulationBasedTraining>(options);
}

}  // namespace seqsweep::search
