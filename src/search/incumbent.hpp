// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <optional>
#include <span>

#include "seqsweep/search/trial_record.hpp"

namespace seqsweep::search {

/// The best trial so far: the lowest value; of equal ones the first trial.
class Incumbent {
 public:
  /// `trials` in order of number, one of which has a new value.
  void follow(const TrialRecord& changed, std::span<const TrialRecord> trials);
  /// Nothing while no trial has a finite value.
  [[nodiscard]] std::optional<TrialId> trial() const { return trial_; }
  /// To be minimised; infinity while there is none.
  [[nodiscard]] double value() const { return value_; }

 private:
  std::optional<TrialId> trial_;
  double value_ = std::numeric_limits<double>::infinity();
};

}  // namespace seqsweep::search
