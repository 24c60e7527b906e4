// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/search/reach.hpp"

#include "config_command.hpp"
#include "coordinator_rank.hpp"
#include "in_world.hpp"
#include "jobs.hpp"
#include "own_input.hpp"
#include "session_file.hpp"
#include "status_text.hpp"
#include "stop_signal.hpp"
#include "sweep_session.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::size_t num_best_shown = 5;

// Shows what a finished sweep found, and gives the exit code that says whether it found anything.
ExitCode show_result(const SweepSession& session) {
  const auto status = read_status(session.results_path, num_best_shown);
  if (!session.is_quiet) {
    const auto checkpoints =
        std::filesystem::path(store::checkpoint_path(session.results_path, TrialId(0))).parent_path();
    fmt::print("{}\n", to_text(status, num_best_shown, style_of_output()));
    fmt::print("  results      {}\n  checkpoints  {}/\n", session.results_path, checkpoints.string());
    std::fflush(stdout);
  }
  const auto nothing = status.summary.why_no_best();
  if (nothing.empty()) return ExitCode::done;
  log::warning(fmt::format("{}; the messages of seqsweep status {} say why", nothing, session.results_path));
  return ExitCode::no_usable_trial;
}

// Before anything starts.
void say_how_far_it_carries(const SweepSession& session) {
  const auto reach = search::reach_of(session.config.study, session.config.space.grid_size());
  if (!reach.is_enough) log::warning("budget: " + reach.sentence);
}

int coordinate(SweepSession& session, const cluster::World& world) {
  store::Results so_far;
  std::unique_ptr<store::ResultsWriter> writer;
  world.agree(error_of([&] {
    if (is_finished_already(session))
      store::remove_lock_of_ended_writer(session.results_path);
    else
      writer = std::make_unique<store::ResultsWriter>(open_results(session, so_far));
  }));
  if (!writer) {
    const auto channel = world.size() > 1 ? world.coordinator_channel() : nullptr;
    for (int rank = 1; rank < world.size(); ++rank) channel->send(rank, cluster::Leave{});
    if (channel) channel->flush();
    world.part();
    log::info(fmt::format("{} is finished; raise sweep.trials to go on", session.results_path));
    return static_cast<int>(show_result(session));
  }

  say_how_far_it_carries(session);
  CoordinatorRank coordinator(session, world, *writer, so_far);
  if (coordinator.run()) return static_cast<int>(show_result(session));
  log::info(fmt::format("stopped by {}; everything is saved in {}, the same command goes on", coordinator.stop_text(),
                        session.results_path));
  return static_cast<int>(ExitCode::stopped);
}

void work(const SweepSession& session, const cluster::World& world) {
  world.agree(nullptr);  // rank 0 opens the results file
  const auto runner = make_runner(session);
  const auto channel = world.worker_channel();
  const auto peers = world.peer_channel();
  cluster::Worker worker(*channel, *runner, worker_options(session, world, peers.get()));
  cluster::Nap nap;
  while (!worker.is_dismissed()) worker.turn() ? nap.reset() : nap.take();
  channel->flush();
  peers->flush();
  if (worker.has_losses()) world.leave_the_lost_behind();
}

int sweep_in(const cluster::World& world, Arguments arguments) {
  std::optional<ConfigCommand> command;
  world.agree(error_of([&] {
    command = read_config_command("sweep",
                                  "Runs the sweep that CONFIG.ini defines, or goes on with it: the same command "
                                  "resumes. Start it with mpirun or srun to use many ranks.",
                                  arguments);
  }));
  if (!command) return static_cast<int>(ExitCode::done);
  log::start(command->level, world.rank());
  catch_stop_signals();
  auto session = prepare_session(*command, world);
  if (session.results_path.empty()) session.results_path = default_output(command->config_path, ".results.h5");
  world.agree(error_of([&] {
    refuse_own_input(session.results_path, inputs_of(session));
    if (command->is_dry_run && world.rank() == 0) take_up(session);
  }));
  if (command->is_dry_run) {
    if (world.rank() == 0) fmt::print("{}", config::text_of(config::make_plan(session.config, facts_of(session))));
    return static_cast<int>(ExitCode::done);
  }
  if (world.rank() == 0) return coordinate(session, world);
  work(session, world);
  return static_cast<int>(ExitCode::done);
}

}  // namespace

int run_sweep(Arguments arguments) {
  return run_in_world([&](const cluster::World& world) { return sweep_in(world, arguments); });
}

}  // namespace seqsweep::jobs
