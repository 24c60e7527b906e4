// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <tuple>
#include <vector>

#include "simulation.hpp"

namespace seqsweep::search {

/// Trial, from epoch, to epoch.
using Training = std::tuple<int, int, int>;
using Trainings = std::set<Training>;

/// A bracket as the papers' tables give it.
struct PlannedBracket {
  int num_trials;
  std::vector<int> rungs;  // [epochs]
};

/// Everything that synchronous halving trains: bracket after bracket, rung after rung, sorted lists, no clock. Nothing
/// of it depends on time.
[[nodiscard]] Trainings trained_by_plain_halving(const std::vector<PlannedBracket>& plans, int reduction_factor,
                                                 int num_trials, const World& world);

/// Everything that a study decided.
[[nodiscard]] Trainings trained_by(const Study& study);

/// How many trials of [first, last) were trained to each epoch, by epoch.
[[nodiscard]] std::vector<std::pair<int, int>> trained_to_each_epoch(const Study& study, int first, int last);

}  // namespace seqsweep::search
