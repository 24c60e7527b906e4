// SPDX-License-Identifier: Apache-2.0
#include "coordinator_rank.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/log.hpp"
#include "seqsweep/core/text.hpp"

#include "in_world.hpp"
#include "stop_signal.hpp"

namespace seqsweep::jobs {
namespace {

constexpr std::chrono::seconds time_between_views{1};

cluster::RecordedWork recorded_work(const store::Results& results) {
  cluster::RecordedWork recorded;
  recorded.decisions = results.decisions;
  recorded.segments = results.segments;
  for (const auto& record : results.epochs) recorded.epochs.emplace(record.trial, record.epoch);
  return recorded;
}

// What belongs to the sweep, of all that its file holds: what the Study decided, and nothing that an earlier budget
// did.
store::Results final_results(store::Results found, const SweepSession& session, const search::Study& study) {
  std::set<std::pair<TrialId, int>> decided;
  std::map<TrialId, int> last_epoch;
  for (const auto& segment : study.decisions()) {
    decided.emplace(segment.trial, segment.to_epoch);
    last_epoch[segment.trial] = std::max(last_epoch[segment.trial], segment.to_epoch);
  }
  std::erase_if(found.segments, [&](const auto& r) { return !decided.contains({r.trial, r.to_epoch}); });
  std::erase_if(found.epochs,
                [&](const auto& r) { return !last_epoch.contains(r.trial) || r.epoch > last_epoch[r.trial]; });
  found.decisions.assign(study.decisions().begin(), study.decisions().end());
  found.trials.assign(study.trials().begin(), study.trials().end());
  for (auto& trial : found.trials)
    for (auto& measurement : trial.curve) measurement.value = search::turned(study.options().goal, measurement.value);
  found.header = header_of(session);
  return found;
}

// More workers than logical workers are busy only where trials take several.
void warn_if_idle(const SweepSession& session, std::size_t num_workers) {
  const auto concurrency = static_cast<std::size_t>(session.config.study.concurrency);
  const auto pinned = static_cast<std::size_t>(session.config.placement.ranks_per_trial);
  const bool may_share = pinned == 0 && !session.config.is_command();
  const std::size_t num_teams = num_workers / std::max<std::size_t>(pinned, 1);
  if (may_share || num_teams <= concurrency) return;
  log::warning(
      fmt::format("sweep.concurrency = {} keeps at most {} of {} groups of workers busy; use fewer ranks, more "
                  "ranks per trial, or a sweep with more logical workers (which is another sweep)",
                  concurrency, concurrency, num_teams));
}

// What a stop may take: the next step, a checkpoint, and what a command has from SIGTERM to SIGKILL.
double longest_drain_s(const SweepSession& session) {
  constexpr double step_and_checkpoint_s = 30;
  return step_and_checkpoint_s + (session.config.is_command() ? session.config.base.command.grace_s : 0);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double floor_of(const SweepSession& session) {
  const auto& metric = session.config.objective.metric;
  if (session.config.is_command() || metric == "train_loss") return store::not_applicable;
  return header_of(session).validation_floor.by_name(metric.substr(metric.find('_') + 1));
}

}  // namespace

CoordinatorRank::CoordinatorRank(const SweepSession& session, const cluster::World& world, store::ResultsWriter& writer,
                                 const store::Results& so_far)
    : session_(session),
      world_(world),
      writer_(writer),
      recorder_(session, writer),
      study_(session.config.study, session.config.space, segment_cost_of(session), objection_of(session)),
      progress_({session.config.objective.metric, floor_of(session)}, session.is_quiet) {
  const auto& placement = session.config.placement;
  cluster::CoordinatorOptions options;
  options.ranks.worker_ranks = cluster::worker_ranks(world.size());
  options.ranks.node_of_rank = world.node_of_rank();
  if (options.ranks.worker_ranks.front() == 0) options.ranks.own_rank = 0;
  options.ranks.ranks_per_trial = placement.ranks_per_trial;
  options.ranks.placement = placement.policy;
  options.ranks.lost_after_s = placement.lost_after_s;
  options.most_ranks = [&session](const search::Point& point) { return most_ranks(session, point); };
  if (session.config.is_command()) options.retries = 1;
  warn_if_idle(session, options.ranks.worker_ranks.size());
  if (world.size() > 1) {
    mpi_channel_ = world.coordinator_channel();
    joined_channel_ = cluster::join(wires_.coordinator_end(), 0, *mpi_channel_);
  }
  stop_time_ = stop_time(session.config.placement.time_limit_s, allocation_left_s(), longest_drain_s(session));
  auto& channel = joined_channel_ ? *joined_channel_ : wires_.coordinator_end();
  coordinator_ =
      std::make_unique<cluster::Coordinator>(study_, recorder_, channel, std::move(options), recorded_work(so_far));
}

CoordinatorRank::~CoordinatorRank() = default;

bool CoordinatorRank::run() {
  try {
    run_to_end();
  } catch (...) {
    progress_.finish();
    // Those of rank 0's own team may wait for it in the middle of a step.
    if (coordinator_->has_teams()) world_.abort(static_cast<ExitCode>(report_current_error()));
    dismiss_workers();
    throw;
  }
  dismiss_workers();
  if (!study_.is_finished()) return false;
  writer_.seal(final_results(store::read_results(session_.results_path), session_, study_));
  return true;
}

void CoordinatorRank::dismiss_workers() {
  coordinator_->dismiss_workers();
  world_.part();
  if (coordinator_->has_losses()) world_.leave_the_lost_behind();
}

void CoordinatorRank::run_to_end() {
  const auto runner = make_runner(session_);
  const auto peers = world_.peer_channel();
  auto options = worker_options(session_, world_, peers.get());
  options.longest_silence_s = 0;  // of ourselves
  options.while_running = [this] { take_turn_within_segment(); };
  cluster::Worker own_worker(wires_.worker_end(0), *runner, std::move(options));
  cluster::Nap nap;
  while (!coordinator_->is_done()) {
    const bool has_heard = take_turn();
    const bool has_worked = own_worker.turn();
    if (error_) std::rethrow_exception(error_);
    has_heard || has_worked ? nap.reset() : nap.take();
  }
  coordinator_->turn();
  writer_.commit();
  show_what_runs();
  progress_.finish();
}

bool CoordinatorRank::take_turn() {
  const bool was_busy = coordinator_->turn();
  progress_.update(study_, *coordinator_);
  stop_if_asked();
  if (std::chrono::steady_clock::now() >= next_view_) show_what_runs();
  return was_busy;
}

// For `status` and others who look.
void CoordinatorRank::show_what_runs() {
  next_view_ = std::chrono::steady_clock::now() + time_between_views;
  auto state = coordinator_->live_state();
  state.written_s = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  state.started_s = state.written_s - seconds_since(start_);
  state.stop_reason = stop_reason_;
  writer_.show(state);
}

// An error of the coordinator is no error of the trial that happens to run: it is kept until the worker is back.
void CoordinatorRank::take_turn_within_segment() {
  if (error_) return;
  try {
    take_turn();
  } catch (...) {
    error_ = std::current_exception();
    wires_.coordinator_end().send(0, cluster::Interrupt{});
  }
}

void CoordinatorRank::stop_if_asked() {
  if (coordinator_->is_draining()) return;
  const char* signal = stop_signal();
  if (signal == nullptr && seconds_since(start_) < stop_time_.after_s) return;
  stop_reason_ = signal != nullptr ? signal : stop_time_.reason;
  drain_start_ = std::chrono::steady_clock::now();
  progress_.finish();
  const double limit_s = longest_drain_s(session_);
  log::info(fmt::format("{}: stopping at the next step, with checkpoints; within {}{}", stop_reason_,
                        human_seconds(limit_s), stop_reason_ == "SIGINT" ? " (Ctrl-C again: at once)" : ""));
  end_within(limit_s);
  coordinator_->drain();
}

std::string CoordinatorRank::stop_text() const {
  return fmt::format("{} within {}", stop_reason_, human_seconds(seconds_since(drain_start_)));
}

cluster::WorkerOptions worker_options(const SweepSession& session, const cluster::World& world,
                                      cluster::PeerChannel* peers) {
  cluster::WorkerOptions options;
  options.rank = world.rank();
  options.host = world.host();
  options.task_of = [&session](const cluster::RunSegment& order) { return task_of(session, order); };
  options.make_group = [&world](const cluster::RunSegment& order, std::function<void()> while_waiting) {
    return world.make_group(order.ranks, {order.generation, std::move(while_waiting)});
  };
  options.peers = peers;
  return options;
}

}  // namespace seqsweep::jobs
