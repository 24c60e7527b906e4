// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/config/recorded_study.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "ini.hpp"
#include "keys.hpp"
#include "metrics.hpp"
#include "relevance.hpp"
#include "values.hpp"

namespace seqsweep::config {
namespace {

constexpr std::string_view longest_trial = "train.max_epochs";

bool is_of_study(const Key& key) {
  const bool is_of_search = key.section == "sweep" || key.section == "search";
  return (is_of_search && key.role != Role::placement) || key.full_name() == longest_trial;
}

// What the recorded values are.
bool is_of_values(const Key& key) {
  return (key.section == "sweep" && (key.name == "metric" || key.name == "goal")) ||
         key.full_name() == "search.fidelity";
}

std::vector<int> rungs_of(const SweepConfig& config) {
  auto scheduler = config.study.scheduler;
  scheduler.max_epochs = config.base.max_epochs;
  return search::make_scheduler(scheduler)->rungs();
}

}  // namespace

search::StudyOptions recorded_study(const std::map<std::string, std::string>& definition,
                                    std::span<const std::string> overrides) {
  auto config = default_config();
  for (const auto& key : key_table())
    if (const auto text = definition.find(key.full_name()); is_of_study(key) && text != definition.end())
      assign(key, slot_of(key, config), text->second);
  const auto recorded_rungs = rungs_of(config);
  Entries entries;
  for (const auto& entry : read_overrides(overrides)) {
    entries[entry.key] = entry;
    const Key& key = *find_key(entry.key);
    if (!is_of_study(key) || is_of_values(key))
      throw ConfigError(fmt::format("{} cannot be changed for recorded trials; change keys of [search], {}, or of "
                                    "[sweep] but for fidelity, metric, goal and time_limit",
                                    entry.key, longest_trial),
                        entry.where, entry.key);
    try {
      assign(key, slot_of(key, config), entry.value);
    } catch (const ConfigError& error) {
      throw ConfigError(error.what(), entry.where, entry.key);
    }
  }
  check_relevance(entries, config);
  if (const auto& fidelity = config.base.fidelity; fidelity.is_less_than_whole() && rungs_of(config) != recorded_rungs)
    throw ConfigError(
        fmt::format("with search.fidelity = {} the recorded trials were trained as the rungs at {} epochs "
                    "asked, and others would have given other curves; leave them as they are",
                    fidelity.kind, fmt::join(recorded_rungs, ", ")),
        "command line");
  spread_objectives(config);
  auto& study = config.study;
  study.seed = config.objective.seed;
  study.scheduler.max_epochs = config.base.max_epochs;
  if (study.concurrency == 0) study.concurrency = search::default_concurrency(study);
  return study;
}

}  // namespace seqsweep::config
