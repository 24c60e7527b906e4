// SPDX-License-Identifier: Apache-2.0
#include "key_table.hpp"

#include <array>

namespace seqsweep::config {
namespace {

// clang-format off
// Sections whose keys are the user's: what all their keys have in common.
const std::array<Key, 2> user_sections = {{
    {.section = "start", .name = {}, .kind = Kind::text,
        .help = "Points to try first, in order of name: NAME = KEY=VALUE, KEY=VALUE, ... What is left out is drawn at "
                "random.", .place = [](SweepConfig& c) -> Texts& { return c.first_points; }},
    {.section = "parameters", .name = {}, .kind = Kind::parameter, .role = Role::searchable,
        .help = "Parameters of a command, with names of your choice.",
        .may_change = true, .place = [](trial::TrialSettings& s) -> Texts& { return s.parameters; }},
}};
// clang-format on

std::vector<Key> make_table() {
  std::vector<Key> table;
  for (const auto& part : {make_sweep_keys(), make_limit_keys(), make_trial_keys(), make_data_keys(), make_model_keys(),
                           make_optimizer_keys(), make_training_keys(), make_cluster_keys()})
    table.insert(table.end(), part.begin(), part.end());
  return table;
}

}  // namespace

std::span<const Key> key_table() {
  static const std::vector<Key> table = make_table();
  return table;
}

std::span<const Key> free_sections() {
  return user_sections;
}

}  // namespace seqsweep::config
