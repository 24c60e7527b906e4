// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/store/checkpoint.hpp"
#include "seqsweep/trial/training_runner.hpp"

#include "config_command.hpp"
#include "in_world.hpp"
#include "jobs.hpp"
#include "own_input.hpp"
#include "report_text.hpp"
#include "retraining.hpp"
#include "stop_signal.hpp"
#include "sweep_session.hpp"

namespace seqsweep::jobs {
namespace {

// The ranks that can share a batch: a power of two, no more than it has shards.
std::vector<int> training_ranks(const std::vector<trial::SegmentTask>& stages, int world_size) {
  int most_useful = world_size;
  for (const auto& stage : stages) {
    const auto& settings = stage.settings;
    most_useful =
        std::min(most_useful, settings.shards > 0 ? settings.shards : data::default_shards(settings.batch_size));
  }
  const auto most = static_cast<unsigned>(most_useful);
  std::vector<int> ranks(std::bit_floor(most));
  std::iota(ranks.begin(), ranks.end(), 0);
  return ranks;
}

// A checkpoint of this very training is gone on with; any other file of that name stays as it is.
void refuse_other_file(const trial::SegmentTask& task, const std::string& config_path) {
  if (!std::filesystem::exists(task.checkpoint_path)) return;
  if (store::read_checkpoint(task.checkpoint_path).point_text == task.identity) return;
  throw ConfigError(
      fmt::format("{} holds another training; choose another file with -o, or remove it", task.checkpoint_path),
      config_path);
}

std::string score_text(const store::Scores& scores) {
  std::string text = "loss " + four_digits(scores.loss);
  if (!std::isnan(scores.accuracy)) text += "  accuracy " + four_digits(scores.accuracy);
  if (!std::isnan(scores.mae))
    text += fmt::format("  mae {}  rmse {}", four_digits(scores.mae), four_digits(scores.rmse));
  return text;
}

void print_epoch(const store::EpochRecord& record, int max_epochs, double elapsed_s) {
  fmt::print("epoch {:>3}/{}  train loss {}  validation {}  gradient norm {}  {}\n", record.epoch, max_epochs,
             four_digits(record.train_loss), score_text(record.validation), four_digits(record.gradient_norm_mean),
             human_seconds(elapsed_s));
  std::fflush(stdout);
}

int report(const SweepSession& session, const trial::SegmentOutcome& outcome, const std::string& output) {
  const auto header = header_of(session);
  const auto& record = outcome.record;
  if (record.ending == search::Ending::failed) throw ConfigError(record.message, session.config.path);
  if (outcome.is_interrupted) {
    log::info(fmt::format("stopped by {} in epoch {}; the same command goes on", stop_signal(), record.last_epoch + 1));
    return static_cast<int>(ExitCode::stopped);
  }
  if (record.ending == search::Ending::diverged) {
    log::warning(
        fmt::format("training diverged: {}; try a smaller train.learning_rate or train.clip_norm = 1", record.message));
    return static_cast<int>(ExitCode::no_usable_trial);
  }
  if (session.is_quiet) return static_cast<int>(ExitCode::done);
  fmt::print("\nbest epoch {} with {} {}\n", record.best_epoch, header.metric, four_digits(record.value));
  fmt::print("test         {}\nits floor    {}  ({})\nmodel        {}\n", score_text(record.test),
             score_text(header.test_floor), header.floor_rule, output);
  return static_cast<int>(ExitCode::done);
}

// The file of an earlier stage, until the last one is done.
std::string stage_path(const std::string& output, TrialId trial) {
  return fmt::format("{}.trial-{:06}", output, trial.value);
}

// The one training that the config describes.
cluster::RunSegment whole_training(SweepSession& session) {
  if (session.config.space.size() > 0)
    throw ConfigError(fmt::format("{0} is a distribution, but train wants one value; give it as --{0}=VALUE, name a "
                                  "trial of a sweep with --trial, or run the sweep job",
                                  session.config.space.dimensions()[0].name),
                      session.config.path);
  session.config.base.fidelity = {};  // there is no lower rung to get to cheaply
  cluster::RunSegment whole;
  whole.trial = TrialId(0);
  whole.to_epoch = session.config.base.max_epochs;
  return whole;
}

// `recorded_trial`: "RESULTS.h5:14", or empty.
std::vector<trial::SegmentTask> stages_of(SweepSession& session, const std::string& recorded_trial,
                                          const std::string& output) {
  const auto stages =
      recorded_trial.empty() ? std::vector{whole_training(session)} : recorded_stages(session, recorded_trial);
  std::vector<trial::SegmentTask> tasks;
  for (const auto& stage : stages) {
    const auto start = tasks.empty() ? "" : stage_path(output, tasks.back().trial);
    auto task = task_of(session, stage);
    task.start_path = start;
    task.snapshot_folder.clear();
    task.checkpoint_path = stage_path(output, stage.trial) + ".h5";
    tasks.push_back(std::move(task));
  }
  tasks.back().checkpoint_path = output;
  return tasks;
}

trial::SegmentOutcome train_stages(const SweepSession& session, const std::vector<trial::SegmentTask>& stages,
                                   trial::Group& group) {
  const auto start = std::chrono::steady_clock::now();
  trial::SegmentHooks hooks;
  hooks.wants_stop = [] { return stop_signal() != nullptr; };
  hooks.on_epoch = [&](const store::EpochRecord& record) {
    if (session.is_quiet) return;
    print_epoch(record, stages.back().to_epoch,
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  };
  trial::TrainingRunner runner(*session.dataset, session.config.objective,
                               session.config.placement.checkpoint_interval_s);
  trial::SegmentOutcome outcome;
  for (const auto& stage : stages) {
    const bool is_passed = &stage != &stages.back() && std::filesystem::exists(stages.back().checkpoint_path);
    if (is_passed) continue;
    outcome = runner.run(stage, group, hooks);
    if (outcome.is_interrupted && group.is_leader()) runner.keep(stage);
    if (outcome.is_interrupted || outcome.record.ending != search::Ending::reached) return outcome;
  }
  for (const auto& stage : stages)
    if (group.is_leader() && &stage != &stages.back()) std::filesystem::remove(stage.checkpoint_path);
  return outcome;
}

int train_in(const cluster::World& world, Arguments arguments) {
  std::optional<ConfigCommand> command;
  world.agree(error_of([&] {
    command = read_config_command(
        "train",
        "Trains the one network that CONFIG.ini describes; all ranks share each batch. The same command goes on "
        "with a training that was stopped. With --trial: one of a sweep's trials, again.",
        arguments);
  }));
  if (!command) return static_cast<int>(ExitCode::done);
  log::start(command->level, world.rank());
  catch_stop_signals();
  auto session = prepare_session(*command, world);
  const std::string output =
      session.results_path.empty() ? default_output(command->config_path, ".model.h5") : session.results_path;
  std::vector<trial::SegmentTask> stages;
  world.agree(error_of([&] {
    if (session.config.is_command())
      throw ConfigError(
          "train trains a network, and trial.objective = command; run the sweep job, or start it yourself",
          session.config.path, "trial.objective");
    auto inputs = inputs_of(session);
    inputs.push_back(command->recorded_trial.substr(0, command->recorded_trial.rfind(':')));
    refuse_own_input(output, inputs);
    stages = stages_of(session, command->recorded_trial, output);
    refuse_other_file(stages.back(), session.config.path);
  }));

  const auto ranks = training_ranks(stages, world.size());
  if (world.rank() >= static_cast<int>(ranks.size())) return static_cast<int>(ExitCode::done);
  if (world.rank() == 0 && static_cast<int>(ranks.size()) < world.size())
    log::info(fmt::format("{} of {} ranks train: a power of two, at most train.shards", ranks.size(), world.size()));
  if (world.rank() == 0)
    for (const auto& stage : stages)
      log::detail(fmt::format("trial {} is trained from epoch {} to {} on {} rank{}", stage.trial.value,
                              stage.from_epoch, stage.to_epoch, ranks.size(), ranks.size() == 1 ? "" : "s"));

  const auto group = world.make_group(ranks);
  const auto outcome = train_stages(session, stages, *group);
  return world.rank() == 0 ? report(session, outcome, output) : static_cast<int>(ExitCode::done);
}

}  // namespace

int run_train(Arguments arguments) {
  return run_in_world([&](const cluster::World& world) { return train_in(world, arguments); });
}

}  // namespace seqsweep::jobs
