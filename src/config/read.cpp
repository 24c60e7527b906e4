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
#include "metrics.hpp"
#include "parameters.hpp"
#include "relevance.hpp"
#include "values.hpp"

namespace seqsweep::config {
namespace {

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
  check_parameter_names(entries);
  trial::check_command(config.base.command, names);
}

// What follows from other keys, and what is held in two places.
void fill_in(const Entries& entries, SweepConfig& config) {
  auto& study = config.study;
  complete_goals(config);
  spread_objectives(config);
  if (config.metrics.size() > 1 && !entries.contains("search.scheduler")) study.scheduler.name = "none";
  config.is_concurrency_given = study.concurrency > 0;
  if (!config.is_concurrency_given) study.concurrency = search::default_concurrency(study);
  study.seed = config.objective.seed;
  // Most commands know no epochs.
  if (config.is_command() && !entries.contains("train.max_epochs")) config.base.max_epochs = 1;
  study.scheduler.max_epochs = config.base.max_epochs;
}

// What may change while a trial trains, and what else does not go together with it.
void prepare_population(SweepConfig& config) {
  auto& study = config.study;
  if (config.is_command() && study.replication.best > 0 && config.base.fidelity.is_less_than_whole())
    throw ConfigError(
        "sweep.replicate_best does not go together with search.fidelity where trials are commands: a replicate is "
        "trained in one go, at one fidelity",
        {}, "sweep.replicate_best");
  if (study.scheduler.name != "pbt") return;
  for (const auto& dimension : config.space.dimensions())
    if (dimension.condition && !find_key(dimension.name)->may_change && find_key(dimension.condition->key)->may_change)
      throw ConfigError(
          fmt::format("{} depends on {}, which search.scheduler = pbt changes while a trial trains, and it "
                      "cannot change itself; take the condition away, or another scheduler",
                      dimension.name, dimension.condition->key),
          {}, dimension.name);
  for (const auto& dimension : config.space.dimensions())
    if (find_key(dimension.name)->may_change) study.explored.push_back(dimension.name);
  if (study.explored.empty())
    throw ConfigError(
        "search.scheduler = pbt finds nothing that may change while a trial trains; search over train.learning_rate, "
        "model.dropout or the like, or take another scheduler",
        {}, "search.scheduler");
  if (study.replication.best > 0)
    throw ConfigError(
        "sweep.replicate_best does not go together with search.scheduler = pbt: what it finds is a schedule, not a "
        "point that could be trained again",
        {}, "sweep.replicate_best");
}

std::vector<std::string> schedulers_with_rungs() {
  std::vector<std::string> names;
  for (const auto& entry : search::scheduler_catalogue())
    if (!entry.make({})->rungs().empty()) names.emplace_back(entry.name);
  return names;
}

// Less than whole epochs follow the scheduler's rungs.
void follow_rungs(SweepConfig& config) {
  auto& fidelity = config.base.fidelity;
  if (!fidelity.is_less_than_whole()) return;
  fidelity.rungs = search::make_scheduler(config.study.scheduler)->rungs();
  if (fidelity.rungs.empty())
    throw ConfigError(fmt::format("search.fidelity = {} makes the way to lower rungs cheap, and search.scheduler = {} "
                                  "has none; leave it out, or choose one of {}",
                                  fidelity.kind, config.study.scheduler.name, join(schedulers_with_rungs(), ", ")),
                      {}, "search.fidelity");
  if (!config.is_command() && config.objective.metric == "train_loss")
    throw ConfigError(fmt::format("sweep.metric = train_loss is of other data at each rung with search.fidelity = {}; "
                                  "choose one that begins with val_",
                                  fidelity.kind),
                      {}, "sweep.metric");
}

// Sampler and scheduler say themselves what they cannot work with.
void check_study(const Entries& entries, const SweepConfig& config) {
  const auto free_of_cost = [](const search::Point&) { return 1.0; };
  located(entries, config.path, "search.sampler",
          [&] { return search::Study(config.study, config.space, free_of_cost).is_finished(); });
}

// What is accepted and should be said.
void remark(const Entries& entries, SweepConfig& config) {
  check_relevance(entries, config);
  remark_on_goals(config);
  choose_texts(config);
  remark_on_command(entries, config);
}

}  // namespace

SweepConfig read_config(const std::string& path, std::span<const std::string> overrides) {
  const auto entries = merged(read_ini(path), read_overrides(overrides));
  const auto ordered = in_order_of_place(entries);
  auto config = default_config();
  config.path = path;
  for (const auto& [key, entry] : entries) config.written.insert(key);
  assign_constants(ordered, config);
  located(entries, path, "sweep.metric", [&] { check_metrics(config); });
  located(entries, path, "trial.objective", [&] { check_objective(entries, config); });
  fill_in(entries, config);

  std::vector<Entry> distributions;
  std::copy_if(ordered.begin(), ordered.end(), std::back_inserter(distributions), holds_distribution);
  const auto dimensions = make_dimensions(distributions, config);
  config.space = located(entries, path, "", [&] { return search::SearchSpace(dimensions); });
  config.study.first_points = located(entries, path, "", [&] { return read_first_points(config); });
  located(entries, path, "search.scheduler", [&] { prepare_population(config); });
  check_study(entries, config);
  located(entries, path, "search.scheduler", [&] { follow_rungs(config); });
  located(entries, path, "", [&] { check_sizes(config); });
  remark(entries, config);
  return config;
}

namespace {

// A command sees the settings of a network only where they are written. How it counts epochs came later than results
// files that lack it, and count as ever.
bool makes_results(const SweepConfig& config, const Key& key) {
  if (key.full_name() == "trial.first_epoch" && config.base.command.first_epoch == 1) return false;
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
