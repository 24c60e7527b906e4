// SPDX-License-Identifier: Apache-2.0
//
// Median stopping: at grace_period epochs and every `interval` epochs from there, a trial whose best value so far is
// worse than the median of the values that the others had at the same epoch is stopped. Golovin, Solnik, Moitra,
// Kochanski, Karro, Sculley 2017, "Google Vizier", section 3.2.2. Differs from the paper: the others count with their
// best value so far, not with their running average; all count that were measured at this epoch, also those that still
// run or were stopped, once there are min_trials of them.

#include <algorithm>
#include <functional>
#include <queue>
#include <vector>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "option_checks.hpp"
#include "schedulers.hpp"

namespace seqsweep::search {
namespace {

// Two heaps with the median between them; 8 bytes a value.
class RunningMedian {
 public:
  void insert(double value) {
    if (lower_.empty() || value <= lower_.top())
      lower_.push(value);
    else
      upper_.push(value);
    if (lower_.size() > upper_.size() + 1) {
      upper_.push(lower_.top());
      lower_.pop();
    } else if (upper_.size() > lower_.size()) {
      lower_.push(upper_.top());
      upper_.pop();
    }
  }
  [[nodiscard]] std::size_t size() const { return lower_.size() + upper_.size(); }
  [[nodiscard]] double median() const {
    return lower_.size() > upper_.size() ? lower_.top() : lower_.top() / 2 + upper_.top() / 2;
  }

 private:
  std::priority_queue<double> lower_;                                             // the smaller half, one more if odd
  std::priority_queue<double, std::vector<double>, std::greater<double>> upper_;  // the larger half
};

class MedianStopping final : public Scheduler {
 public:
  explicit MedianStopping(const SchedulerOptions& options) : options_(options) {}

  int begin(TrialId /*trial*/) override { return options_.grace_period; }

  Verdict committed(const TrialRecord& trial) override {
    const int epoch = trial.epochs();
    const double value = trial.value();
    auto& others = measured_at(epoch);
    const bool is_compared =
        epoch < options_.max_epochs && others.size() >= static_cast<std::size_t>(options_.min_trials);
    const bool is_worse = is_compared && value > others.median();
    auto reason = is_compared ? comparison(epoch, value, others)
                              : fmt::format("epoch {}: {:.4g}, not compared: {} others, {} needed", epoch,
                                            turned(options_.goal, value), others.size(), options_.min_trials);
    others.insert(value);
    if (epoch == options_.max_epochs)
      return {.kind = Verdict::Kind::complete, .reason = fmt::format("trained for all {} epochs", epoch)};
    if (is_worse) return {.kind = Verdict::Kind::stop, .reason = std::move(reason)};
    const int next = options_.max_epochs - epoch <= options_.interval ? options_.max_epochs : epoch + options_.interval;
    return {.kind = Verdict::Kind::proceed, .to_epoch = next, .reason = std::move(reason)};
  }

  void ended(const TrialRecord&) override {}  // was not measured at the epoch where others are compared
  std::optional<Promotion> promote() override { return std::nullopt; }

  [[nodiscard]] std::string why_idle(std::int64_t num_trials) const override {
    if (options_.grace_period >= options_.max_epochs)
      return fmt::format("search.grace_period = {} is the last epoch", options_.grace_period);
    if (num_trials > options_.min_trials) return "";
    return fmt::format("a trial is compared when {} others were measured (search.min_trials), and there are {}",
                       options_.min_trials, num_trials - 1);
  }

 private:
  // "epoch 4: 0.31 is worse than 0.25, the median of 12 others"
  [[nodiscard]] std::string comparison(int epoch, double value, const RunningMedian& others) const {
    return fmt::format("epoch {}: {:.4g} is {} than {:.4g}, the median of {} others", epoch,
                       turned(options_.goal, value), value > others.median() ? "worse" : "no worse",
                       turned(options_.goal, others.median()), others.size());
  }

  RunningMedian& measured_at(int epoch) {
    const int since_grace = epoch - options_.grace_period;
    SEQSWEEP_EXPECT(since_grace >= 0 && epoch <= options_.max_epochs, "a trial was measured where none is compared");
    const auto index = static_cast<std::size_t>((since_grace + options_.interval - 1) / options_.interval);
    if (index >= measured_.size()) measured_.resize(index + 1);
    return measured_[index];
  }

  const SchedulerOptions options_;
  std::vector<RunningMedian> measured_;  // per milestone
};

}  // namespace

std::unique_ptr<Scheduler> make_median(const SchedulerOptions& options) {
  check_epochs(options);
  expect_at_least(1, options.interval, "search.interval");
  expect_at_least(1, options.min_trials, "search.min_trials");
  return std::make_unique<MedianStopping>(options);
}

}  // namespace seqsweep::search
