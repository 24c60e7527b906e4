// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "keys.hpp"

/// The parts of the key table. Parsing, checks, --help, the definition and shell completion all follow from it: a new
/// key is one entry. Defaults are not here but in the option structs' member initialisers.
namespace seqsweep::config {

constexpr Range between(double low, double high) {
  return {.low = low, .high = high};
}
constexpr Range at_least(double low) {
  return {.low = low};
}
constexpr Range more_than(double low) {
  return {.low = low, .is_low_excluded = true};
}
inline constexpr Range probability = {.low = 0, .high = 1, .is_high_excluded = true};
inline constexpr Range powers_of_two = {.low = 1, .high = 1024, .is_power_of_two = true};

constexpr bool excluded = true;  // of OnlyIf
inline const OnlyIf for_commands = {"trial.objective", {"command"}}, for_networks = {"trial.objective", {"train"}};

// sweep_keys.cpp: [sweep] and [search], [limits], [trial], [cluster].
std::vector<Key> make_sweep_keys();
std::vector<Key> make_limit_keys();
std::vector<Key> make_trial_keys();
std::vector<Key> make_cluster_keys();

// network_keys.cpp: [data], [model], [train].
std::vector<Key> make_data_keys();
std::vector<Key> make_model_keys();
std::vector<Key> make_optimizer_keys();
std::vector<Key> make_training_keys();

}  // namespace seqsweep::config
