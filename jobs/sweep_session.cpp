// SPDX-License-Identifier: Apache-2.0
#include "sweep_session.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "seqsweep/core/hash.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/core/version.hpp"
#include "seqsweep/nn/instruction_set.hpp"
#include "seqsweep/trial/command_runner.hpp"
#include "seqsweep/trial/training_runner.hpp"

#include "in_world.hpp"
#include "warm_start.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::string_view trials_key = "sweep.trials";
constexpr std::string_view concurrency_key = "sweep.concurrency";
// What a resume may change: the decisions before the end stay the same.
constexpr std::array<const char*, 5> end_keys = {"sweep.trials", "sweep.max_total_epochs", "sweep.max_multiply_adds",
                                                 "sweep.target", "sweep.patience"};

store::Scores scores_of(const data::Floor& floor) {
  store::Scores scores;
  scores.loss = floor.loss;
  scores.accuracy = floor.accuracy;
  scores.mae = floor.mae;
  scores.rmse = floor.rmse;
  return scores;
}

// Lines "train.l2: 0.001 there, 0.01 here" for every key that differs.
std::vector<std::string> differing_keys(const std::map<std::string, std::string>& there,
                                        const std::map<std::string, std::string>& here) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : there) {
    const auto found = here.find(key);
    if (found == here.end() || found->second != value)
      lines.push_back(
          fmt::format("{}: {} there, {} here", key, value, found == here.end() ? "nothing" : found->second));
  }
  for (const auto& [key, value] : here)
    if (!there.contains(key)) lines.push_back(fmt::format("{}: nothing there, {} here", key, value));
  return lines;
}

// A resume may raise the budget; the number of logical workers stays that of the file where the config leaves it open.
void adopt_or_refuse(SweepSession& session, const store::Results& found) {
  const auto& there = found.header.definition;
  const int trials_there = found.header.trials;
  auto& study = session.config.study;
  if (!session.config.is_concurrency_given && there.contains(std::string(concurrency_key))) {
    const auto kept = parse_integer(there.at(std::string(concurrency_key)));
    if (kept && *kept != study.concurrency)
      log::info(fmt::format("sweep.concurrency stays {}, as {} began with", *kept, session.results_path));
    if (kept) study.concurrency = static_cast<int>(*kept);
  }
  if (study.ends.trials < trials_there)
    throw ConfigError(
        fmt::format(
            "sweep.trials = {} is less than the {} that {} has; raise it, or choose another results file with -o",
            study.ends.trials, trials_there, session.results_path),
        session.config.path, std::string(trials_key));
  if (found.header.instruction_set != instruction_set)
    throw ConfigError(fmt::format("{} was made with instruction set {}, this build has {}, which gives other bits; use "
                                  "the same build, or another results file with -o",
                                  session.results_path, found.header.instruction_set, instruction_set),
                      session.config.path);
  auto here = definition_of(session);
  for (const auto* key : end_keys)
    if (there.contains(key)) here[key] = there.at(key);
  const auto lines = differing_keys(there, here);
  if (lines.empty()) return;
  throw ConfigError(
      fmt::format("{} belongs to another sweep ({}); choose another results file with -o, or the config that made it",
                  session.results_path, join(lines, "; ")),
      session.config.path);
}

// What killed writers left: checkpoints that never got their final name. The results file's lock is ours by now.
void remove_half_checkpoints(const std::string& results_path) {
  const auto folder = std::filesystem::path(store::checkpoint_path(results_path, TrialId(0))).parent_path();
  std::error_code ignored;  // they only take up space
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".tmp") std::filesystem::remove(entry.path(), ignored);
}

double node_memory_bytes() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
}

data::LoadOptions load_options(const config::Placement& placement) {
  data::LoadOptions options;
  options.memory_limit_bytes = placement.data_memory_limit_bytes > 0
                                   ? placement.data_memory_limit_bytes
                                   : static_cast<std::size_t>(node_memory_bytes() / 2);
  return options;
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

// Throws ConfigError or DataError where the config cannot be run on its data set.
void check_dataset(const SweepSession& session) {
  const auto& header = session.dataset->header();
  const auto& path = session.config.placement.data_path;
  if (session.dataset->num_sequences(data::Split::train) == 0) throw DataError("has no training part", path);
  if (session.dataset->num_sequences(data::Split::validation) == 0)
    throw DataError(
        "has no validation part, which a sweep chooses by; make it again with a larger --validation or --split", path);
  (void)trial::fit_to_data(session.config.base.network, header);
  const auto& metric = session.config.objective.metric;
  const bool is_real = header.target_kind == data::TargetKind::real;
  const bool wants_real = metric == "val_mae" || metric == "val_rmse" || metric == "val_r2";
  if ((wants_real && !is_real) || (metric == "val_accuracy" && is_real))
    throw ConfigError(fmt::format("sweep.metric = {} does not apply to data set '{}', whose targets are {}", metric,
                                  header.name, is_real ? "numbers" : "classes"),
                      session.config.path, "sweep.metric");
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

// Whether there is anything to train, found out before a results file is made. Throws ConfigError.
void check_something_begins(const SweepSession& session) {
  const auto cost = [&session](const search::Point& point) { return epoch_cost(session, point); };
  try {
    (void)search::Study(session.config.study, session.config.space, cost, objection_of(session)).begin();
  } catch (const ConfigError& error) {
    throw ConfigError(std::string(error.what()) + "; widen [limits], the ends of the sweep, or the search",
                      session.config.path);
  }
}

}  // namespace

SweepSession prepare_session(const ConfigCommand& command, const cluster::World& world) {
  SweepSession session;
  session.results_path = command.output_path;
  session.is_quiet = command.level == log::Level::quiet;
  // Step by step, since loading is collective: no rank may begin it while another has given up.
  world.agree(error_of([&] {
    session.config = config::read_config(command.config_path, command.overrides);
    if (session.config.placement.isa != "auto") nn::use_instruction_set(session.config.placement.isa);
    if (!session.config.is_command()) (void)data::read_header(session.config.placement.data_path);
    if (!session.config.warm_start.empty()) learn_from_earlier(session, world.rank());
  }));
  if (!session.config.is_command())
    world.agree(error_of([&] {
      const auto& placement = session.config.placement;
      session.dataset = std::make_shared<data::Dataset>(
          data::Dataset::load(placement.data_path, world.shared_memory(), load_options(placement)));
    }));
  world.agree(error_of([&] {
    check_ranks(session, world.size());
    if (!session.config.is_command()) {
      check_dataset(session);
      config::check_memory(config::make_plan(session.config, facts_of(session)), node_memory_bytes(),
                           world.ranks_on_node());
    }
    check_something_begins(session);
  }));
  return session;
}

std::string default_output(const std::string& config_path, const std::string& ending) {
  return std::filesystem::path(config_path).replace_extension().string() + ending;
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
  for (const auto split : data::all_splits) facts.max_length = std::max(facts.max_length, dataset.max_length(split));
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
  Fingerprint identity;
  identity.add(fmt::format("trial {} {}\n", order.trial.value, instruction_set));
  for (const auto& [key, value] : task.definition) identity.add(fmt::format("{} = {}\n", key, value));
  task.identity = identity.hex();
  task.checkpoint_path = store::checkpoint_path(session.results_path, order.trial);
  return task;
}

double epoch_cost(const SweepSession& session, const search::Point& point) {
  if (session.config.is_command()) return 1;
  const auto& dataset = *session.dataset;
  const auto spec = trial::fit_to_data(config::settings_at(session.config, point).network, dataset.header());
  const auto forward = [&](data::Split split) {
    return nn::forward_multiply_adds(spec, static_cast<double>(dataset.num_steps(split)),
                                     static_cast<double>(dataset.num_sequences(split)));
  };
  return 3 * forward(data::Split::train) + forward(data::Split::validation);
}

store::ResultsHeader header_of(const SweepSession& session) {
  store::ResultsHeader header;
  header.definition = definition_of(session);
  header.dimensions = session.config.space.dimensions();
  header.metric = session.config.objective.metric;
  header.goal = session.config.study.goal;
  header.trials = session.config.study.ends.trials;
  if (session.dataset) {
    const auto& data = session.dataset->header();
    header.dataset_name = data.name;
    header.dataset_fingerprint = data.fingerprint;
    header.validation_floor = scores_of(data.floors[static_cast<std::size_t>(data::Split::validation)]);
    header.test_floor = scores_of(data.floors[static_cast<std::size_t>(data::Split::test)]);
    header.floor_rule = data.floor_rule;
  }
  header.program_version = program_version;
  header.git_revision = git_revision;
  header.instruction_set = instruction_set;
  return header;
}

bool is_finished_already(const SweepSession& session) {
  if (!std::filesystem::exists(session.results_path)) return false;
  const auto found = store::read_results(session.results_path);
  const auto here = session.config.definition();
  const auto is_same = [&](const char* key) {
    return found.header.definition.contains(key) && found.header.definition.at(key) == here.at(key);
  };
  if (!found.is_sealed || !std::all_of(end_keys.begin(), end_keys.end(), is_same)) return false;
  SweepSession copy = session;
  adopt_or_refuse(copy, found);
  return true;
}

store::ResultsWriter open_results(SweepSession& session, store::Results& so_far) {
  const auto& path = session.results_path;
  if (!std::filesystem::exists(path)) return store::ResultsWriter::create(path, header_of(session));
  adopt_or_refuse(session, store::read_results(path));
  const auto header = header_of(session);
  auto writer = store::ResultsWriter::resume(path, so_far, &header);
  remove_half_checkpoints(path);
  return writer;
}

}  // namespace seqsweep::jobs
