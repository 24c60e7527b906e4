// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "option_checks.hpp"
#include "schedulers.hpp"

namespace seqsweep::search {
namespace {

class NoScheduler final : public Scheduler {
 public:
  explicit NoScheduler(const SchedulerOptions& options) : max_epochs_(options.max_epochs) {}

  int begin(TrialId /*trial*/) override { return max_epochs_; }
  Verdict committed(const TrialRecord&) override {
    return {.kind = Verdict::Kind::complete, .reason = fmt::format("trained for all {} epochs", max_epochs_)};
  }
  void ended(const TrialRecord&) override {}
  std::optional<Promotion> promote() override { return std::nullopt; }

 private:
  const int max_epochs_;
};

}  // namespace

std::unique_ptr<Scheduler> make_none(const SchedulerOptions& options) {
  expect_at_least(1, options.max_epochs, "train.max_epochs");
  return std::make_unique<NoScheduler>(options);
}

}  // namespace seqsweep::search
