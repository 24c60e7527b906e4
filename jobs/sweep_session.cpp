// SPDX-License-Identifier: Apache-2.0
#include "sweep_session.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/cluster/most_shared_parameters.hpp"
#include "seqsweep/core/hash.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/core/version.hpp"
#include "seqsweep/nn/instruction_set.hpp"
#include "seqsweep/store/schema.hpp"
#include "seqsweep/trial/command_runner.hpp"
#include "seqsweep/trial/training_runner.hpp"

#include "in_world.hpp"
#include "load_together.hpp"
#include "node_memory.hpp"
#include "own_answer.hpp"
#include "warm_start.hpp"

namespace seqsweep::jobs {
namespace {

store::Scores scores_of(const data::Floor& floor) {
  store::Scores scores;
  scores.loss = floor.loss;
  scores.accuracy = floor.accuracy;
  scores.mae = floor.mae;
  scores.rmse = floor.rmse;
  return scores;
}

void learn_from_earlier(SweepSession& session, int rank) {
  auto earlier = read_warm_start(session.config);
  if (rank == 0)
    log::info(fmt::format("learning from {} trials of {}{}", earlier.trials.size(), session.config.warm_start,
                          earlier.num_left_out == 0
                              ? ""
                              : fmt::format(" ({} others are no points of this search)", earlier.num_left_out)));
  session.config.study.prior = std::move(earlier.trials);
  session.warm_start_fingerprint = std::move(earlier.fingerprint);
}

void say_what_was_chosen(const config::SweepConfig& config) {
  for (const auto& warning : config.warnings) log::warning(warning);
  if (!config.defaults.empty()) log::info("by default: " + join(config.defaults, "; "));
}

// Throws ConfigError or DataError where the config cannot be run on its data set.
void check_dataset(const SweepSession& session) {
  const auto& header = session.dataset->header();
  const auto& path = session.config.placement.data_path;
  if (session.dataset->num_sequences(data::Split::train) == 0) throw DataError("has no training part", path);
  if (session.dataset->num_sequences(data::Split::validation) == 0)
    throw DataError(
        "has no validation part, which a sweep chooses by; make it again with a larger --validation or --split", path);
  (void)trial::fit_to_data(session.config.base.network, header);
  const bool is_real = header.target_kind == data::TargetKind::real;
  for (const auto& metric : session.config.metrics) {
    const bool wants_real = metric == "val_mae" || metric == "val_rmse" || metric == "val_r2";
    if ((wants_real && !is_real) || (metric == "val_accuracy" && is_real))
      throw ConfigError(fmt::format("sweep.metric = {} does not apply to data set '{}', whose targets are {}", metric,
                                    header.name, is_real ? "numbers" : "classes"),
                        session.config.path, "sweep.metric");
  }
}

// What is written and has no effect on this data set; empty: nothing. Throws ConfigError where it is searched.
std::string remark_on_data(const SweepSession& session) {
  const std::string key = "model.embedding_size";
  const auto& config = session.config;
  const auto& header = session.dataset->header();
  if (header.vocabulary > 0 || !config.written.contains(key)) return "";
  auto remark = fmt::format("{} has no effect on data set '{}', whose inputs are no tokens", key, header.name);
  const auto& dimensions = config.space.dimensions();
  if (std::any_of(dimensions.begin(), dimensions.end(), [&](const auto& d) { return d.name == key; }))
    throw ConfigError(remark + ", so that a search over it is in vain; leave it out", config.path, key);
  return remark;
}

std::vector<store::FurtherMetric> further_metrics_of(const config::SweepConfig& config) {
  std::vector<store::FurtherMetric> metrics;
  for (std::size_t m = 1; m < config.metrics.size(); ++m) metrics.push_back({config.metrics[m], config.goals[m]});
  return metrics;
}

// Further metrics become columns of tables that have others already.
void check_columns(const config::SweepConfig& config) {
  for (const auto& metric : further_metrics_of(config))
    for (const auto& table : store::results_format(config.space.dimensions()))
      for (const auto& column : table.rows.columns)
        if ((table.path == "/trials" || table.path == "/segment_results") && column.name == metric.name)
          throw ConfigError(
              fmt::format("sweep.metric names {}, and that is another column of {}; print it under another "
                          "name, or put it first",
                          metric.name, table.path),
              config.path, "sweep.metric");
}

void check_ranks(const SweepSession& session, int world_size) {
  const int ranks = session.config.placement.ranks_per_trial;
  const auto num_workers = static_cast<int>(cluster::worker_ranks(world_size).size());
  if (ranks > num_workers)
    throw ConfigError(
        fmt::format(
            "cluster.ranks_per_trial = {} but the {} rank{} of this run give {} worker{}; start more with mpirun -n",
            ranks, world_size, world_size == 1 ? "" : "s", num_workers, num_workers == 1 ? "" : "s"),
        session.config.path, "cluster.ranks_per_trial");
}

void check_shared_size(const SweepSession& session, const config::Plan& plan, int world_size) {
  if (session.config.placement.ranks_per_trial == 1 || cluster::worker_ranks(world_size).size() == 1) return;
  auto parameters = plan.parameters;
  if (const auto limit = session.config.limits.parameters; limit > 0)
    parameters = std::min(parameters, static_cast<std::size_t>(limit));
  if (parameters > cluster::most_shared_parameters)
    throw ConfigError(fmt::format("the largest network has {} parameters; ranks train at most {} together: write "
                                  "cluster.ranks_per_trial = 1, or limits.parameters",
                                  parameters, cluster::most_shared_parameters),
                      session.config.path, "cluster.ranks_per_trial");
}

// Whether there is anything to train, found out before a results file is made. Throws ConfigError.
void check_something_begins(const SweepSession& session) {
  try {
    (void)search::Study(session.config.study, session.config.space, segment_cost_of(session), objection_of(session))
        .begin();
  } catch (const ConfigError& error) {
    throw ConfigError(std::string(error.what()) + "; widen [limits], the ends of the sweep, or the search",
                      session.config.path);
  }
}

// What all ranks must have in common, in lines. With one mpirun they may have other arguments, with several nodes other
// files of the same name.
std::string common_text(const ConfigCommand& command, const SweepSession& session,
                        const std::optional<data::DatasetFile>& data) {
  auto text = fmt::format("{} {}\n-o {}\n--trial {}\n", command.job, command.is_dry_run ? "--dry-run" : "",
                          command.output_path, command.recorded_trial);
  auto definition = definition_of(session);
  if (data) definition["data.fingerprint"] = data->header().fingerprint;
  for (const auto& [key, value] : definition) text += fmt::format("{} = {}\n", key, value);
  return text;
}

}  // namespace

SweepSession prepare_session(const ConfigCommand& command, const cluster::World& world) {
  SweepSession session;
  session.results_path = command.output_path;
  session.is_quiet = command.level == log::Level::quiet;
  std::optional<data::DatasetFile> data;
  // Step by step: what only some of the ranks come to would keep them waiting for the others for ever.
  world.agree(error_of([&] {
    session.config = config::read_config(command.config_path, command.overrides);
    check_columns(session.config);
    if (session.config.placement.isa != "auto") nn::use_instruction_set(session.config.placement.isa);
    if (!session.config.is_command()) data.emplace(session.config.placement.data_path);
    if (!session.config.warm_start.empty()) learn_from_earlier(session, world.rank());
  }));
  world.agree_on("command line, config or data set", common_text(command, session, data));
  if (data) {
    auto loaded = load_together(*data, session.config.placement, world);
    session.dataset = std::move(loaded.dataset);
    session.has_private_data = loaded.is_private;
  }
  world.agree(error_of([&] {
    check_ranks(session, world.size());
    if (!session.config.is_command()) {
      check_dataset(session);
      if (world.rank() == 0) refuse_own_answer(session.config);
      if (const auto remark = remark_on_data(session); !remark.empty()) session.config.warnings.push_back(remark);
      config::check_first_points(session.config, facts_of(session));
      const auto plan = config::make_plan(session.config, facts_of(session));
      check_shared_size(session, plan, world.size());
      config::check_memory(plan, node_memory_bytes(), world.ranks_on_node());
    }
    check_something_begins(session);
  }));
  if (world.rank() == 0) say_what_was_chosen(session.config);  // last: an error is a line by itself
  return session;
}

std::string default_output(const std::string& config_path, const std::string& ending) {
  return std::filesystem::path(config_path).replace_extension().string() + ending;
}

std::vector<std::string> inputs_of(const SweepSession& session) {
  const auto& config = session.config;
  return {config.path, config.placement.data_path, config.warm_start};
}

std::unique_ptr<trial::SegmentRunner> make_runner(const SweepSession& session) {
  if (session.config.is_command()) return std::make_unique<trial::CommandRunner>(session.config.objective);
  return std::make_unique<trial::TrainingRunner>(*session.dataset, session.config.objective,
                                                 session.config.placement.checkpoint_interval_s);
}

int most_ranks(const SweepSession& session, const search::Point& point) {
  if (session.config.is_command()) return 1;
  const auto settings = config::settings_at(session.config, point);
  return settings.shards > 0 ? settings.shards : data::default_shards(settings.batch_size);
}

search::Objection objection_of(const SweepSession& session) {
  const auto& limits = session.config.limits;
  if (limits.parameters == 0 && limits.memory_bytes == 0 && limits.epoch_multiply_adds == 0) return {};
  return [&session, facts = facts_of(session)](const search::Point& point) {
    return config::objection_to(session.config, facts, point);
  };
}

search::SegmentCost segment_cost_of(const SweepSession& session) {
  return [&session, facts = facts_of(session)](const search::Point& point, int from_epoch, int to_epoch) {
    return config::segment_cost(session.config, facts, point, from_epoch, to_epoch);
  };
}

config::DataFacts facts_of(const SweepSession& session) {
  if (session.config.is_command()) return {};
  const auto& dataset = *session.dataset;
  const auto& header = dataset.header();
  nn::NetworkSpec spec;
  spec.loss = "auto";
  spec = trial::fit_to_data(spec, header);
  config::DataFacts facts;
  facts.num_features = header.num_features;
  facts.vocabulary = header.vocabulary;
  facts.num_outputs = header.num_outputs;
  facts.head = spec.head;
  facts.loss = spec.loss;
  const auto count = [&](data::Split split) { return static_cast<double>(dataset.num_sequences(split)); };
  const auto steps = [&](data::Split split) { return static_cast<double>(dataset.num_steps(split)); };
  facts.train_sequences = count(data::Split::train);
  facts.validation_sequences = count(data::Split::validation);
  facts.test_sequences = count(data::Split::test);
  facts.train_steps = steps(data::Split::train);
  facts.validation_steps = steps(data::Split::validation);
  facts.test_steps = steps(data::Split::test);
  for (std::uint32_t i = 0; i < dataset.num_sequences(data::Split::train); ++i)
    ++facts.train_lengths[dataset.length(data::Split::train, i)];
  for (const auto split : data::all_splits) facts.max_length = std::max(facts.max_length, dataset.max_length(split));
  facts.is_private = session.has_private_data;
  facts.dataset_bytes = static_cast<double>(dataset.memory_bytes());
  return facts;
}

std::map<std::string, std::string> definition_of(const SweepSession& session) {
  auto definition = session.config.definition();
  if (!session.warm_start_fingerprint.empty()) definition["search.warm_start"] = session.warm_start_fingerprint;
  if (session.dataset) definition["data.fingerprint"] = session.dataset->header().fingerprint;
  return definition;
}

trial::SegmentTask task_of(const SweepSession& session, const cluster::RunSegment& order) {
  const auto& config = session.config;
  trial::SegmentTask task;
  task.trial = order.trial;
  task.from_epoch = order.from_epoch;
  task.to_epoch = order.to_epoch;
  task.best_value = order.best_value;
  task.best_epoch = order.best_epoch;
  task.settings = config::settings_at(config, order.point);
  // What makes this trial's numbers: the settings with the point in them, not how the search came to it.
  for (const auto& [key, value] : definition_of(session)) {
    const bool is_search = key.starts_with("search.") || key.starts_with("sweep.") || key.starts_with("limits.") ||
                           key.starts_with("start.");
    if (!is_search || key == "sweep.seed" || key == "sweep.metric" || key == "sweep.goal") task.definition[key] = value;
  }
  for (std::size_t d = 0; d < config.space.size(); ++d) {
    const auto& name = config.space.dimensions()[d].name;
    if (order.point.values[d])
      task.definition[name] = search::text_of(*order.point.values[d]);
    else
      task.definition.erase(name);
  }
  if (const auto& fidelity = task.settings.fidelity; fidelity.is_less_than_whole()) {
    task.definition["search.fidelity"] = fidelity.kind;
    task.definition["search.rungs"] = fmt::format("{}", fmt::join(fidelity.rungs, ", "));
  }
  Fingerprint identity;
  identity.add(fmt::format("trial {} {}\n", order.trial.value, instruction_set));
  if (order.parent.epoch > 0)
    identity.add(fmt::format("from {} after {}\n", order.parent.trial.value, order.parent.epoch));
  for (const auto& [key, value] : task.definition) identity.add(fmt::format("{} = {}\n", key, value));
  task.identity = identity.hex();
  task.checkpoint_path = store::checkpoint_path(session.results_path, order.trial);
  if (config.study.scheduler.name == "pbt")
    task.snapshot_folder = store::snapshot_folder(session.results_path, order.trial);
  task.start_epoch = order.parent.epoch;
  if (order.parent.epoch > 0)
    task.start_path = (std::filesystem::path(store::snapshot_folder(session.results_path, order.parent.trial)) /
                       store::snapshot_name(order.parent.epoch))
                          .string();
  return task;
}

store::ResultsHeader header_of(const SweepSession& session) {
  store::ResultsHeader header;
  header.definition = definition_of(session);
  header.dimensions = session.config.space.dimensions();
  header.metric = session.config.objective.metric;
  header.goal = session.config.study.goal;
  header.further_metrics = further_metrics_of(session.config);
  header.trials = session.config.study.ends.trials;
  if (session.dataset) {
    const auto& data = session.dataset->header();
    header.dataset_name = data.name;
    header.dataset_fingerprint = data.fingerprint;
    header.dataset_provenance = data.provenance;
    header.dataset_description = data::describe_contents(*session.dataset);
    header.validation_floor = scores_of(data.floors[static_cast<std::size_t>(data::Split::validation)]);
    header.test_floor = scores_of(data.floors[static_cast<std::size_t>(data::Split::test)]);
    header.floor_rule = data.floor_rule;
  }
  header.program_version = program_version;
  header.git_revision = git_revision;
  header.instruction_set = instruction_set;
  return header;
}

}  // namespace seqsweep::jobs
