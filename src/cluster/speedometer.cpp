// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/cluster/speedometer.hpp"

#include <bit>
#include <cstdlib>

namespace seqsweep::cluster {
namespace {

constexpr double weight_of_newest = 0.3;
constexpr double weight_of_hope = 0.02;

// log2, of a power of two.
int size_of(int num_ranks) {
  return std::bit_width(static_cast<unsigned>(num_ranks)) - 1;
}

void move_towards(double& average, double newest) {
  average += weight_of_newest * (newest - average);
}

}  // namespace

Speedometer::BySize Speedometer::default_efficiency() {
  BySize efficiency;
  efficiency.fill(0.93);
  return efficiency;
}

/// What 2^size ranks do more than one.
double Speedometer::gain(int size) const {
  double gain = 1;
  for (int s = 1; s <= size; ++s) gain *= 2 * efficiency_[static_cast<std::size_t>(s)];
  return gain;
}

void Speedometer::measured(TrialId trial, int num_ranks, double multiply_adds, double seconds) {
  if (multiply_adds <= 0 || seconds <= 0) return;
  const int size = size_of(num_ranks);
  const auto at = static_cast<std::size_t>(size);
  auto& speeds = speeds_[trial];
  speeds[at] = multiply_adds / seconds;
  if (size > 0 && speeds[at - 1] > 0) move_towards(efficiency_[at], speeds[at] / (2 * speeds[at - 1]));
  move_towards(speed_of_one_, speeds[at] / gain(size));
}

void Speedometer::forget(TrialId trial) {
  speeds_.erase(trial);
  // Ranks that were in each other's way once need not be for ever: another try is due some time.
  const auto expected = default_efficiency();
  for (std::size_t s = 0; s < efficiency_.size(); ++s)
    efficiency_[s] += weight_of_hope * (expected[s] - efficiency_[s]);
}

double Speedometer::speed(TrialId trial, int num_ranks) const {
  const int size = size_of(num_ranks);
  int nearest = -1;
  const auto found = speeds_.find(trial);
  if (found != speeds_.end())
    for (int s = 0; s < num_sizes; ++s)
      if (found->second[static_cast<std::size_t>(s)] > 0 &&
          (nearest < 0 || std::abs(s - size) < std::abs(nearest - size)))
        nearest = s;
  if (nearest < 0) return speed_of_one_ * gain(size);
  return found->second[static_cast<std::size_t>(nearest)] * gain(size) / gain(nearest);
}

}  // namespace seqsweep::cluster
