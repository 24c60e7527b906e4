// SPDX-License-Identifier: Apache-2.0
#include "relevance.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "dimensions.hpp"
#include "keys.hpp"
#include "values.hpp"

namespace seqsweep::config {
namespace {

const search::Dimension* dimension_of(const SweepConfig& config, std::string_view name) {
  const auto& dimensions = config.space.dimensions();
  const auto found =
      std::find_if(dimensions.begin(), dimensions.end(), [&](const auto& dimension) { return dimension.name == name; });
  return found == dimensions.end() ? nullptr : &*found;
}

std::string text_of(const Key& key, SweepConfig& config) {
  const auto* dimension = dimension_of(config, key.full_name());
  return dimension != nullptr ? search::text_of(dimension->distribution) : show(key, slot_of(key, config));
}

// What the other key may be where `key` exists; nothing: too much to list.
std::optional<std::vector<std::string>> possible_values(const Key& key, const Key& other, SweepConfig& config) {
  const auto* dimension = dimension_of(config, key.full_name());
  if (dimension != nullptr && dimension->condition && dimension->condition->key == other.full_name())
    return dimension->condition->values;
  const auto* choices = dimension_of(config, other.full_name());
  if (choices == nullptr) return std::vector{show(other, slot_of(other, config))};
  const auto* choice = std::get_if<search::Choice>(&choices->distribution);
  return choice != nullptr ? std::optional(choice->values) : std::nullopt;
}

bool is_relevant(const Key& key, const Key& other, SweepConfig& config) {
  const auto possible = possible_values(key, other, config);
  if (!possible) return true;
  const auto& values = key.only_if.values;
  return std::any_of(possible->begin(), possible->end(), [&](const std::string& value) {
    const bool is_named = std::find(values.begin(), values.end(), value) != values.end();
    return is_named != key.only_if.are_excluded;
  });
}

// A command is given the settings of a network where they are written, and does with them what it likes.
bool is_for_the_program(const Key& key, const SweepConfig& config) {
  const bool is_setting = key.section == "data" || key.section == "model" || key.section == "train";
  return config.is_command() && is_setting && key.role != Role::placement;
}

bool is_default(const Key& key, SweepConfig& config) {
  if (dimension_of(config, key.full_name()) != nullptr) return false;
  auto defaults = default_config();
  return show(key, slot_of(key, config)) == show(key, slot_of(key, defaults));
}

// Placement never changes a result, and scripts give it to every sweep. An earlier sweep does.
bool is_only_placement(const Key& key) {
  return key.role == Role::placement && key.full_name() != "search.warm_start";
}

bool is_on_command_line(const Entries& entries, const std::string& key) {
  const auto found = entries.find(key);
  return found != entries.end() && found->second.is_override();
}

}  // namespace

void check_relevance(const Entries& entries, SweepConfig& config) {
  for (const auto& [name, entry] : entries) {
    const Key& key = *find_key(name);
    if (key.only_if.key.empty() || is_for_the_program(key, config) || is_default(key, config)) continue;
    const Key& other = *find_key(key.only_if.key);
    const bool has_vanished = holds_distribution(entry) && dimension_of(config, name) == nullptr;
    if (has_vanished || is_relevant(key, other, config)) continue;
    const bool is_dimension = dimension_of(config, name) != nullptr;
    const auto cause = fmt::format("{} has no effect with {} = {}{}", name, other.full_name(), text_of(other, config),
                                   relevant_for(key).empty() ? "" : fmt::format(" (it is for {})", relevant_for(key)));
    if (entry.is_override() && !is_only_placement(key)) throw ConfigError(cause + "; leave it out", entry.where, name);
    if (is_dimension && !is_on_command_line(entries, other.full_name()))
      throw ConfigError(cause + ", so that a search over it is in vain; leave it out", entry.where, name);
    config.warnings.push_back(
        fmt::format("{}: {}{}", entry.where, cause, is_dimension ? ", and is searched all the same" : ""));
  }
}

std::string relevant_for(const Key& key) {
  return key.only_if.are_excluded ? "" : join(key.only_if.values, ", ");
}

}  // namespace seqsweep::config
