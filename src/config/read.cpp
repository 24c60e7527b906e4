// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "seqsweep/config/config.hpp"
#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/trial/command_runner.hpp"

#include "dimensions.hpp"
#include "distribution.hpp"
#include "first_points.hpp"
#include "ini.hpp"
#include "keys.hpp"
#include "values.hpp"

namespace seqsweep::config {
namespace {

using Entries = std::map<std::string, Entry>;  // by key

Entries merged(const std::vector<Entry>& from_file, const std::vector<Entry>& overrides) {
  Entries entries;
  for (const auto& entry : from_file) entries[entry.key] = entry;
  for (const auto& entry : overrides) entries[entry.key] = entry;
  return entries;
}

std::vector<Entry> in_order_of_place(const Entries& entries) {
  std::vector<Entry> ordered;
  for (const auto& [key, entry] : entries) ordered.push_back(entry);
  std::stable_sort(ordered.begin(), ordered.end(), [](const Entry& a, const Entry& b) { return a.line < b.line; });
  return ordered;
}

// Runs `check` and tells where in the file the key stands that it complains of.
template <class Check>
auto located(const Entries& entries, const std::string& file, const std::string& default_key, Check check) {
  try {
    return check();
  } catch (const ConfigError& error) {
    const auto key = error.key.empty() ? default_key : error.key;
    const auto entry = entries.find(key);
    throw ConfigError(error.what(), entry == entries.end() ? file : entry->second.where, key);
  }
}

bool holds_distribution(const Entry& entry) {
  const auto kind = find_key(entry.key)->kind;
  return kind != Kind::path && kind != Kind::text && is_distribution(entry.value);
}

void assign_constants(const std::vector<Entry>& entries, SweepConfig& config) {
  for (const auto& entry : entries) {
    if (holds_distribution(entry)) continue;
    const Key& key = *find_key(entry.key);
    try {
      assign(key, slot_of(key, config), entry.value);
    } catch (const ConfigError& error) {
      throw ConfigError(error.what(), entry.where, entry.key);
    }
  }
}

bool is_to_be_maximised(const std::string& metric) {
  return metric == "val_accuracy" || metric == "val_r2";
}

// A network is measured by known metrics; a command by what it prints, which nobody else knows.
void check_metric(const Entries& entries, const SweepConfig& config) {
  const Key& key = *find_key("sweep.metric");
  const auto known = key.names();
  const auto& metric = config.objective.metric;
  if (config.is_command() && !entries.contains("sweep.metric"))
    throw ConfigError("sweep.metric is missing; name the member of the command's lines that trials are compared by");
  if (!config.is_command() && std::find(known.begin(), known.end(), metric) == known.end())
    throw ConfigError(fmt::format("unknown sweep.metric '{}' {}", metric, known_names(metric, known)));
}

// What a command needs, and what only a network does.
void check_objective(const Entries& entries, const SweepConfig& config) {
  if (!config.is_command()) {
    if (!entries.contains("data.path"))
      throw ConfigError("data.path is missing; name the data set under [data]: path = FILE.h5", {}, "data.path");
    for (const auto& [key, entry] : entries)
      if (key.starts_with("parameters.") || key == "trial.command")
        throw ConfigError(fmt::format("{} is for commands; write trial.objective = command, or leave it out", key), {},
                          key);
    return;
  }
  std::vector<std::string> names;
  for (const auto& [key, entry] : entries) {
    names.push_back(key);
    if (key.starts_with("parameters.")) names.push_back(key.substr(key.find('.') + 1));
    if (key.starts_with("limits."))
      throw ConfigError(fmt::format("{} is for networks: what a command needs is not known", key), {}, key);
  }
  trial::check_command(config.base.command, names);
}

// What follows from other keys, and what is held in two places.
void fill_in(const Entries& entries, SweepConfig& config) {
  auto& study = config.study;
  if (!entries.contains("sweep.goal"))
    study.goal = is_to_be_maximised(config.objective.metric) ? search::Goal::maximize : search::Goal::minimize;
  config.objective.is_maximised = study.goal == search::Goal::maximize;
  config.is_concurrency_given = study.concurrency > 0;
  if (!config.is_concurrency_given) study.concurrency = search::default_concurrency(study.ends.trials);
  study.seed = config.objective.seed;
  // Most commands know no epochs.
  if (config.is_command() && !entries.contains("train.max_epochs")) config.base.max_epochs = 1;
  study.scheduler.max_epochs = config.base.max_epochs;
  config.placement.ranks_per_trial = std::max(config.placement.ranks_per_trial, 1);
}

// Sampler and scheduler say themselves what they cannot work with.
void check_study(const Entries& entries, const SweepConfig& config) {
  const auto free_of_cost = [](const search::Point&) { return 1.0; };
  located(entries, config.path, "search.sampler",
          [&] { return search::Study(config.study, config.space, free_of_cost).is_finished(); });
}

}  // namespace

SweepConfig read_config(const std::string& path, std::span<const std::string> overrides) {
  const auto entries = merged(read_ini(path), read_overrides(overrides));
  const auto ordered = in_order_of_place(entries);
  auto config = default_config();
  config.path = path;
  for (const auto& [key, entry] : entries) config.written.insert(key);
  assign_constants(ordered, config);
  located(entries, path, "sweep.metric", [&] { check_metric(entries, config); });
  located(entries, path, "trial.objective", [&] { check_objective(entries, config); });
  fill_in(entries, config);

  std::vector<Entry> distributions;
  std::copy_if(ordered.begin(), ordered.end(), std::back_inserter(distributions), holds_distribution);
  const auto dimensions = make_dimensions(distributions, config);
  config.space = located(entries, path, "", [&] { return search::SearchSpace(dimensions); });
  config.study.first_points = located(entries, path, "", [&] { return read_first_points(config); });
  check_study(entries, config);
  return config;
}

namespace {

// A command sees the settings of a network only where they are written.
bool makes_results(const SweepConfig& config, const Key& key) {
  if (key.section == "trial") return config.is_command() || key.name == "objective";
  const bool is_of_network =
      key.section == "data" || key.section == "model" || key.section == "train" || key.section == "limits";
  return !config.is_command() || !is_of_network || key.full_name() == "train.max_epochs" ||
         config.written.contains(key.full_name());
}

}  // namespace

trial::TrialSettings settings_at(const SweepConfig& config, const search::Point& point) {
  SEQSWEEP_EXPECT(point.values.size() == config.space.size(), "a point of another search space");
  auto settings = config.base;
  for (std::size_t d = 0; d < point.values.size(); ++d) {
    if (!point.values[d]) continue;
    const Key& key = *find_key(config.space.dimensions()[d].name);
    assign(key, slot_of(key, settings), search::text_of(*point.values[d]));
  }
  return settings;
}

std::map<std::string, std::string> SweepConfig::definition() const {
  std::map<std::string, std::string> texts;
  auto copy = *this;  // slots are not const
  for (const auto& key : key_table())
    if (key.role != Role::placement && makes_results(*this, key))
      texts[key.full_name()] = show(key, slot_of(key, copy));
  for (const auto& [name, text] : base.parameters) texts["parameters." + name] = text;
  for (const auto& [name, text] : first_points) texts["start." + name] = text;
  for (const auto& dimension : space.dimensions())
    texts[dimension.name] = search::text_of(dimension.distribution) + condition_text(dimension);
  return texts;
}

}  // namespace seqsweep::config
