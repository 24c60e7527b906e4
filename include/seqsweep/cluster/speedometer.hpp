// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>

#include "seqsweep/core/ids.hpp"

namespace seqsweep::cluster {

/// How fast trials train on so many ranks, as measured, or as what was measured elsewhere lets expect.
class Speedometer {
 public:
  /// A trial did so many multiply-adds in so many seconds. `num_ranks`: a power of two.
  void measured(TrialId trial, int num_ranks, double multiply_adds, double seconds);
  /// The trial begins another segment, which may cost more or less than the model says in another measure.
  void forget(TrialId trial);
  /// [multiply-adds/s]
  [[nodiscard]] double speed(TrialId trial, int num_ranks) const;

 private:
  static constexpr int num_sizes = 11;  // 1 to 1,024 ranks
  using BySize = std::array<double, num_sizes>;

  [[nodiscard]] double gain(int size) const;

  std::map<TrialId, BySize> speeds_;          ///< 0: not measured
  BySize efficiency_ = default_efficiency();  ///< [size] of 2^size ranks, of twice the speed of half of them
  double speed_of_one_ = 1e9;                 ///< a rank by itself, any trial

  static BySize default_efficiency();
};

}  // namespace seqsweep::cluster
