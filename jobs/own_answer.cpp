// SPDX-License-Identifier: Apache-2.0
#include "own_answer.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/data/own_future.hpp"

#include "report_text.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::string_view key = "model.bidirectional";

bool may_be_bidirectional(const config::SweepConfig& config) {
  for (const auto& dimension : config.space.dimensions()) {
    if (dimension.name != key) continue;
    const auto* choice = std::get_if<search::Choice>(&dimension.distribution);
    return choice != nullptr && std::find(choice->values.begin(), choice->values.end(), "yes") != choice->values.end();
  }
  return config.base.network.bidirectional;
}

std::string why(const std::string& dataset_path, int steps) {
  return fmt::format(
      "the target of each step of {} is the input {} later, which a network that reads backwards, too, "
      "has seen before it answers: its scores would mean nothing",
      dataset_path, counted(steps, "step"));
}

}  // namespace

void refuse_own_answer(const config::SweepConfig& config) {
  if (config.is_command() || !may_be_bidirectional(config)) return;
  const auto& path = config.placement.data_path;
  const auto steps = data::steps_to_own_answer(path);
  if (!steps) return;
  throw ConfigError(fmt::format("{} may be yes, but {}; set it to no", key, why(path, *steps)), config.path,
                    std::string(key));
}

void warn_of_own_answer(const store::Checkpoint& checkpoint, const std::string& dataset_path) {
  if (!checkpoint.network.bidirectional) return;
  if (const auto steps = data::steps_to_own_answer(dataset_path)) log::warning(why(dataset_path, *steps));
}

}  // namespace seqsweep::jobs
