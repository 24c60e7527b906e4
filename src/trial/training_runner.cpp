// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/training_runner.hpp"

#include <chrono>
#include <filesystem>
#include <new>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/leave_behind.hpp"
#include "seqsweep/core/log.hpp"
#include "seqsweep/store/checkpoint.hpp"

namespace seqsweep::trial {
namespace {

namespace fs = std::filesystem;

std::string snapshot_file(const fs::path& snapshot) {
  return snapshot.string() + ".h5";
}

// Whether training may go on from this state to run the task. A checkpoint can be ahead of the results file (killed
// between the two); one that is ahead of the segment itself is of no use.
bool is_on_the_way(const store::TrainingState& state, const SegmentTask& task) {
  const bool has_history = state.history.size() == static_cast<std::size_t>(state.epoch);
  const bool is_in_range = state.epoch >= task.from_epoch && state.epoch <= task.to_epoch;
  return has_history && is_in_range && (state.epoch < task.to_epoch || state.batch == 0);
}

search::Ending ending_of(TrainingEnd end) {
  switch (end) {
    case TrainingEnd::exhausted:
      return search::Ending::exhausted;
    case TrainingEnd::diverged:
      return search::Ending::diverged;
    default:
      return search::Ending::reached;
  }
}

}  // namespace

TrainingRunner::TrainingRunner(const data::Dataset& dataset, const Objective& objective, double checkpoint_interval_s)
    : dataset_(dataset), objective_(objective), checkpoint_interval_s_(checkpoint_interval_s) {}

TrainingRunner::~TrainingRunner() = default;

TrialId TrainingRunner::resident() const {
  return training_ ? training_->trial() : TrialId{};
}

SegmentOutcome TrainingRunner::run(const SegmentTask& task, Group& group, const SegmentHooks& hooks) {
  SegmentOutcome outcome;
  try {
    prepare(task, group);
    return train(task, group, hooks);
  } catch (const ConfigError& error) {
    outcome.record = failed_record(task, error.what());
  } catch (const ContractViolation& error) {
    outcome.record = failed_record(task, error.what());
  } catch (const GroupAbandoned&) {
    abandon_training(task);
    throw;
  } catch (const std::bad_alloc&) {
    if (group.size() > 1) leave_behind(std::move(training_));  // as there, but without room for a copy of the state
    training_.reset();
    throw;
  }
  training_.reset();
  return outcome;
}

// Messages may still arrive in the memory of a training whose group was given up, so that memory is never given back;
// its state, at the last whole step, is what a new group goes on from.
void TrainingRunner::abandon_training(const SegmentTask& task) {
  auto* abandoned = training_.get();
  leave_behind(std::move(training_));
  if (abandoned == nullptr || !is_prepared_) return;
  training_ = std::make_unique<Training>(task.trial, task.settings, objective_, dataset_, FirstState::elsewhere);
  training_->restore(store::TrainingState(abandoned->state()), "the state of an abandoned group");
}

// The leader finds the best state to start from; the others take it from the leader.
void TrainingRunner::prepare(const SegmentTask& task, Group& group) {
  const auto start = std::chrono::steady_clock::now();
  const bool is_resident = training_ && resident_identity_ == task.identity && is_on_the_way(training_->state(), task);
  if (!is_resident) {
    training_.reset();  // before the next is made: two of them may not fit
    training_ = std::make_unique<Training>(task.trial, task.settings, objective_, dataset_,
                                           group.is_leader() ? FirstState::initial : FirstState::elsewhere);
    resident_identity_ = task.identity;
    if (group.is_leader() && !use_checkpoint(task)) start_over(task);
  }
  is_prepared_ = group.is_leader();
  training_->share_state(group);
  is_prepared_ = true;
  prepare_s_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool TrainingRunner::use_checkpoint(const SegmentTask& task) {
  if (task.checkpoint_path.empty() || !std::filesystem::exists(task.checkpoint_path)) return false;
  try {
    auto checkpoint = store::read_checkpoint(task.checkpoint_path);
    if (checkpoint.point_text != task.identity || !is_on_the_way(checkpoint.state, task)) return false;
    training_->restore(std::move(checkpoint.state), task.checkpoint_path);
    return true;
  } catch (const StoreError& error) {
    log::warning(fmt::format("trial {}: {}", task.trial.value, error.what()));
    return false;
  }
}

// The weights of another trial's best epoch, by which it was chosen, with its optimizer's state; or its own first
// weights.
void TrainingRunner::start_over(const SegmentTask& task) {
  int epoch = 0;
  if (!task.start_path.empty()) {
    const auto path = snapshot_file(task.start_path);
    if (!fs::exists(path))
      throw StoreError(
          "is lost, and a trial of the population goes on from it; restore a copy, or begin anew with "
          "another results file",
          path);
    auto state = store::read_checkpoint(path).state;
    if (state.epoch != task.start_epoch)
      throw StoreError(fmt::format("holds the state after epoch {}, not after epoch {}; restore a copy, or begin "
                                   "anew with another results file",
                                   state.epoch, task.start_epoch),
                       path);
    if (state.best_epoch > 0) state.weights = std::move(state.best_weights);
    state.best_weights.clear();
    state.best_epoch = 0;
    epoch = state.epoch;
    training_->restore(std::move(state), path);
  }
  if (task.from_epoch > epoch)
    log::warning(
        fmt::format("trial {}: no usable checkpoint, so it is trained again from its start (to the same result)",
                    task.trial.value));
}

// Others may go on from this state; from those before the segment nobody will any more. (From later ones they may: a
// rank that was given up for dead can come here late.)
void TrainingRunner::keep_snapshot(const SegmentTask& task) {
  if (task.snapshot_folder.empty() || task.to_epoch == task.settings.max_epochs) return;
  const fs::path folder = task.snapshot_folder;
  const fs::path snapshot = snapshot_file(folder / store::snapshot_name(task.to_epoch));
  const fs::path start = snapshot_file(folder / store::snapshot_name(task.from_epoch));
  try {
    fs::create_directories(folder);
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path() < start) fs::remove(entry.path());
    store::copy_checkpoint(task.checkpoint_path, snapshot.string());
  } catch (const fs::filesystem_error& error) {
    throw StoreError(fmt::format("this state, from which others may go on, cannot be kept ({}); check the disk and its "
                                 "permissions",
                                 error.code().message()),
                     snapshot.string());
  }
}

void TrainingRunner::write_checkpoint(const SegmentTask& task) {
  if (task.checkpoint_path.empty()) return;
  const auto& header = dataset_.header();
  store::Checkpoint checkpoint;
  checkpoint.trial = task.trial;
  checkpoint.network = training_->network_spec();
  checkpoint.layout = training_->layout();
  checkpoint.definition = task.definition;
  checkpoint.point_text = task.identity;
  checkpoint.dataset_fingerprint = header.fingerprint;
  checkpoint.dataset_name = header.name;
  checkpoint.feature_mean = header.feature_mean;
  checkpoint.feature_sd = header.feature_sd;
  checkpoint.target_mean = header.target_mean;
  checkpoint.target_sd = header.target_sd;
  checkpoint.state = training_->state();
  try {
    store::write_checkpoint(task.checkpoint_path, checkpoint);
  } catch (const StoreError& error) {
    if (!task.snapshot_folder.empty()) throw;  // others may go on from it
    log::warning(fmt::format("trial {} goes on without a checkpoint: {}", task.trial.value, error.what()));
  }
}

SegmentOutcome TrainingRunner::train(const SegmentTask& task, Group& group, const SegmentHooks& hooks) {
  using Clock = std::chrono::steady_clock;
  auto last_checkpoint = Clock::now();
  const bool leads = group.is_leader();
  const auto report = [&](const store::EpochRecord& record) {
    if (leads && hooks.on_epoch && record.epoch > task.from_epoch) hooks.on_epoch(record);
  };
  for (const auto& record : training_->state().history) report(record);

  TrainingHooks training_hooks;
  training_hooks.on_epoch = report;
  training_hooks.wants_stop = hooks.wants_stop;
  training_hooks.between_steps = [&] {
    if (hooks.between_steps) hooks.between_steps();
    if (!leads || std::chrono::duration<double>(Clock::now() - last_checkpoint).count() < checkpoint_interval_s_)
      return;
    write_checkpoint(task);
    last_checkpoint = Clock::now();
  };
  const TrainingClock before = training_->clock();
  const double epochs_before = training_->epochs_trained();
  const TrainingEnd end = training_->train(task.to_epoch, group, training_hooks);

  SegmentOutcome outcome;
  const auto& state = training_->state();
  outcome.is_interrupted = end == TrainingEnd::interrupted;
  if (end == TrainingEnd::reached || end == TrainingEnd::exhausted)
    outcome.record.test = training_->test_scores(group, hooks.between_steps);
  if (leads && (end == TrainingEnd::reached || end == TrainingEnd::exhausted)) write_checkpoint(task);
  if (leads && end == TrainingEnd::reached) keep_snapshot(task);
  outcome.record.trial = task.trial;
  outcome.record.from_epoch = task.from_epoch;
  outcome.record.to_epoch = task.to_epoch;
  outcome.record.last_epoch = state.epoch;
  outcome.record.ending = ending_of(end);
  outcome.record.value = state.best_epoch > 0 ? state.best_value : store::not_applicable;
  outcome.record.best_epoch = state.best_epoch;
  if (leads && state.best_epoch > 0)
    for (const auto& metric : objective_.further_metrics)
      outcome.record.further.push_back(
          further_metric(metric, training_->network_spec(), dataset_,
                         state.history.at(static_cast<std::size_t>(state.best_epoch - 1))));
  outcome.record.message = training_->divergence();
  const TrainingClock& now = training_->clock();
  outcome.clock = {now.data_s - before.data_s, now.reduce_s - before.reduce_s, now.steps - before.steps};
  outcome.epochs = training_->epochs_trained() - epochs_before;
  outcome.prepare_s = prepare_s_;
  if (end == TrainingEnd::diverged) training_.reset();
  return outcome;
}

}  // namespace seqsweep::trial
