// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "seqsweep/search/study.hpp"

namespace seqsweep::search {

/// Keeps account of what a sweep has decided and found, and says when one of its ends is reached.
class SweepLimits {
 public:
  explicit SweepLimits(const SweepEnds& ends) : ends_(ends) {}

  /// Whether so many epochs more may be decided, which together cost so much; the first that may not end the sweep.
  bool affords(int num_epochs, double multiply_adds);
  void spend(int num_epochs, double multiply_adds);
  /// The best value (to be minimised; infinity: none yet) when so many trials have begun.
  void see(double best_value, std::size_t trials_begun, Goal goal);

  /// Why nothing more is to be decided; empty while more is.
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  void end(std::string reason);

  SweepEnds ends_;
  std::string reason_;
  std::int64_t epochs_ = 0;
  double multiply_adds_ = 0;
  double best_value_ = std::numeric_limits<double>::infinity();
  std::size_t trials_at_best_ = 0;  // how many had begun when the best value last improved
};

}  // namespace seqsweep::search
