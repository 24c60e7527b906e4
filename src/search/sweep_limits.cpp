// SPDX-License-Identifier: Apache-2.0
#include "sweep_limits.hpp"

#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/text.hpp"

namespace seqsweep::search {

bool SweepLimits::affords(int num_epochs, double multiply_adds) {
  if (ends_.epochs > 0 && epochs_ + num_epochs > ends_.epochs)
    end(fmt::format("the next segment would exceed sweep.max_total_epochs = {}", ends_.epochs));
  if (ends_.multiply_adds > 0 && multiply_adds_ + multiply_adds > ends_.multiply_adds)
    end(fmt::format("the next segment would exceed sweep.max_multiply_adds = {}", shortest(ends_.multiply_adds)));
  return reason_.empty();
}

void SweepLimits::spend(int num_epochs, double multiply_adds) {
  epochs_ += num_epochs;
  multiply_adds_ += multiply_adds;
}

void SweepLimits::see(double best_value, std::size_t trials_begun, Goal goal) {
  if (best_value < best_value_) {
    best_value_ = best_value;
    trials_at_best_ = trials_begun;
  }
  if (ends_.target && best_value <= turned(goal, *ends_.target))
    end(fmt::format("sweep.target = {} is reached", shortest(*ends_.target)));
  if (const auto since = trials_begun - trials_at_best_;
      ends_.patience > 0 && since >= static_cast<std::size_t>(ends_.patience))
    end(fmt::format("no better value while {} trials began (sweep.patience)", since));
}

void SweepLimits::end(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
}

}  // namespace seqsweep::search
