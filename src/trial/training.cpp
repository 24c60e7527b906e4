// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/training.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/data/excerpt.hpp"

namespace seqsweep::trial {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double learning_rate_at(const nn::OptimizerSpec& spec, int epoch, int max_epochs) {
  return find_in(nn::schedule_catalogue(), "schedule", spec.schedule).make(spec, epoch, max_epochs);
}

}  // namespace

int shards_of_a_pass(const nn::NetworkSpec& spec, int batch_size, int num_shards) {
  const int together = nn::Network::shards_together(spec, (batch_size + num_shards - 1) / num_shards);
  return std::min(num_shards, static_cast<int>(std::bit_floor(static_cast<unsigned>(together))));
}

Training::Training(TrialId trial, const TrialSettings& settings, const Objective& objective,
                   const data::Dataset& dataset, FirstState first_state)
    : trial_(trial),
      settings_(settings),
      objective_(objective),
      dataset_(dataset),
      network_(fit_to_data(settings.network, dataset.header())),
      stepper_(settings.optimizer, network_.layout()),
      num_shards_(settings.shards > 0 ? settings.shards : data::default_shards(settings.batch_size)),
      shards_together_(shards_of_a_pass(network_.spec(), settings.batch_size, num_shards_)),
      tree_(network_.layout(), num_shards_, shards_together_),
      shard_batches_(static_cast<std::size_t>(shards_together_)) {
  SEQSWEEP_EXPECT(std::has_single_bit(static_cast<unsigned>(num_shards_)), "train.shards must be a power of two");
  const std::size_t size = network_.layout().size;
  state_.weights.resize(size);
  state_.slots.assign(static_cast<std::size_t>(stepper_.num_slots()) * size, 0.0F);
  if (first_state == FirstState::initial)
    network_.initialise(
        state_.weights,
        RandomKey(objective_.seed).fold(Purpose::initialisation).fold(static_cast<std::uint64_t>(trial_.value)));
}

RandomKey Training::epoch_key(Purpose purpose) const {
  return RandomKey(objective_.seed)
      .fold(purpose)
      .fold(static_cast<std::uint64_t>(trial_.value))
      .fold(static_cast<std::uint64_t>(state_.epoch));
}

// The excerpt is the same for all trials of a sweep, the order in which it is gone through is not.
data::EpochPlan Training::plan_of_epoch_under_way() const {
  const auto num_sequences = dataset_.num_sequences(data::Split::train);
  const double share = settings_.fidelity.share_of_sequences_at(state_.epoch + 1);
  auto excerpt =
      data::nested_excerpt(num_sequences, data::sequences_in_share(num_sequences, share, settings_.batch_size),
                           RandomKey(objective_.seed).fold(Purpose::excerpt));
  return {std::move(excerpt), settings_.batch_size, num_shards_, epoch_key(Purpose::shuffle)};
}

TrainingEnd Training::train(int to_epoch, Group& group, const TrainingHooks& hooks) {
  SEQSWEEP_EXPECT(group.size() <= num_shards_ && num_shards_ % group.size() == 0,
                  "a trial has more ranks than its batches have shards");
  while (state_.epoch < to_epoch) {
    if (is_exhausted()) return TrainingEnd::exhausted;
    const auto plan = plan_of_epoch_under_way();
    batches_in_epoch_ = std::max(1, plan.num_batches());
    while (state_.batch < plan.num_batches()) {
      const bool stops = step(plan, state_.batch, group, hooks.wants_stop && hooks.wants_stop());
      if (!divergence_.empty()) return TrainingEnd::diverged;
      if (hooks.between_steps) hooks.between_steps();
      if (stops) return TrainingEnd::interrupted;
    }
    finish_epoch(group, hooks);
    if (!divergence_.empty()) return TrainingEnd::diverged;
  }
  return is_exhausted() && state_.epoch < settings_.max_epochs ? TrainingEnd::exhausted : TrainingEnd::reached;
}

bool Training::step(const data::EpochPlan& plan, int batch, Group& group, bool wants_stop) {
  if (!is_loaded_) network_.load(state_.weights);
  const int shards_here = num_shards_ / group.size();
  add_shards(plan, batch, group.rank() * shards_here, group, wants_stop);

  // The mean over the whole batch: shards gave sums, since only now is the number of scored elements known.
  const StepSums sums = tree_.sums();
  const double count = std::max(1.0F, sums.count);
  const double rate = learning_rate_at(settings_.optimizer, state_.epoch, settings_.max_epochs);
  const auto record = stepper_.step(state_.weights, tree_.gradient(), state_.slots, state_.step + 1, rate, 1 / count);
  is_loaded_ = false;
  if (!std::isfinite(sums.loss) || !std::isfinite(record.gradient_norm)) {
    divergence_ = fmt::format(
        "{} is {} at epoch {}, batch {}", std::isfinite(sums.loss) ? "the gradient norm" : "the training loss",
        shortest(std::isfinite(sums.loss) ? record.gradient_norm : sums.loss / count), state_.epoch + 1, batch + 1);
    return false;
  }
  auto& progress = state_.progress;
  progress.loss_sum += sums.loss;
  progress.count += sums.count;
  progress.norm_sum += record.gradient_norm;
  progress.norm_max = std::max(progress.norm_max, record.gradient_norm);
  progress.clipped_steps += record.was_clipped ? 1 : 0;
  ++state_.step;
  ++state_.batch;
  ++clock_.steps;
  return sums.wants_stop > 0;
}

// Computes this rank's shards, from `first` on, and leaves the sum of all ranks' in tree_.
void Training::add_shards(const data::EpochPlan& plan, int batch, int first, Group& group, bool wants_stop) {
  const int shards_here = num_shards_ / group.size();
  const int together = std::min(shards_together_, shards_here);
  const int passes = shards_here / together;
  const nn::DropoutKey dropout{epoch_key(Purpose::dropout)};
  for (int pass = 0; pass < passes; ++pass) {
    const auto data_start = Clock::now();
    passes_.clear();
    for (int i = 0; i < together; ++i) {
      auto& shard = shard_batches_[static_cast<std::size_t>(i)];
      dataset_.gather(data::Split::train, plan.shard(batch, first + pass * together + i), shard,
                      settings_.fidelity.share_of_steps_at(state_.epoch + 1));
      stepper_.catch_up(state_.weights, state_.slots, shard.tokens);
      passes_.push_back({&shard, {}});
    }
    clock_.data_s += seconds_since(data_start);

    const bool is_last = pass == passes - 1;
    constexpr double sum_of_losses = 1;
    network_.forward_backward(passes_, tree_.of_pass(), sum_of_losses, dropout,
                              is_last ? tree_.hooks_of_last(pass, group) : nn::PassHooks{});
    sums_.clear();
    for (const auto& [shard, scores] : passes_)
      sums_.push_back({static_cast<float>(scores.loss), static_cast<float>(scores.count), 0});
    if (wants_stop && is_last) sums_.front().wants_stop = 1;
    tree_.set_sums(sums_);
    if (!is_last) tree_.join(pass);
  }
  const auto reduce_start = Clock::now();
  tree_.join_all(group);
  clock_.reduce_s += seconds_since(reduce_start);
}

double Training::epochs_trained() const {
  return state_.epoch + static_cast<double>(state_.batch) / batches_in_epoch_;
}

store::TrainingState& Training::complete_state() {
  stepper_.flush(state_.weights, state_.slots);
  return state_;
}

void Training::finish_epoch(Group& group, const TrainingHooks& hooks) {
  complete_state();
  is_loaded_ = false;  // others load weights of their own below
  const auto& progress = state_.progress;
  const double steps = std::max(1, state_.batch);
  store::EpochRecord record;
  record.trial = trial_;
  record.epoch = state_.epoch + 1;
  record.train_loss = progress.loss_sum / std::max(1.0, progress.count);
  record.learning_rate = learning_rate_at(settings_.optimizer, state_.epoch, settings_.max_epochs);
  record.gradient_norm_mean = progress.norm_sum / steps;
  record.gradient_norm_max = progress.norm_max;
  record.clipped_fraction = static_cast<double>(progress.clipped_steps) / steps;
  record.validation =
      evaluate_split(network_, state_.weights, dataset_, data::Split::validation, group, hooks.between_steps);
  record.gradient_flow = measure_gradient_flow();

  const double value = record.value = metric_of(objective_, record);
  if (is_better(value)) {
    state_.best_epoch = record.epoch;
    state_.best_value = value;
    state_.best_weights = state_.weights;
  }
  note_improvement(record);
  if (!std::isfinite(value))
    divergence_ = fmt::format("{} is {} after epoch {}", objective_.metric, shortest(value), record.epoch);
  state_.history.push_back(record);
  ++state_.epoch;
  state_.batch = 0;
  state_.progress = {};
  if (hooks.on_epoch) hooks.on_epoch(record);
}

// On the first shard of the first batch of the epoch that was just trained: a fixed sample, on every rank the same.
// Whole sequences, as in validation.
std::vector<nn::GradientFlowBin> Training::measure_gradient_flow() {
  const auto plan = plan_of_epoch_under_way();
  SequenceBatch& sample = shard_batches_.front();
  dataset_.gather(data::Split::train, plan.batch(0).first(std::min<std::size_t>(plan.batch(0).size(), 16)), sample);
  network_.load(state_.weights);
  return network_.gradient_flow(sample);
}

bool Training::is_better(double value) const {
  if (!std::isfinite(value)) return false;
  if (state_.best_epoch == 0) return true;
  return objective_.is_maximised ? value > state_.best_value : value < state_.best_value;
}

// Epochs that a population's copy has from its parent are none of its own.
void Training::note_improvement(const store::EpochRecord& record) {
  if (record.trial != trial_ || !std::isfinite(record.value)) return;
  const double gain = objective_.is_maximised ? record.value - improvement_.value : improvement_.value - record.value;
  if (improvement_.epoch == 0 || gain > settings_.min_delta) improvement_ = {record.epoch, record.value};
}

// Patience begins with the first value: one that goes on from another trial has none of its own yet.
bool Training::is_exhausted() const {
  return settings_.patience > 0 && improvement_.epoch > 0 && state_.batch == 0 &&
         state_.epoch - improvement_.epoch >= settings_.patience;
}

store::Scores Training::test_scores(Group& group, const std::function<void()>& between_chunks) {
  if (state_.best_weights.empty() || dataset_.num_sequences(data::Split::test) == 0) return {};
  is_loaded_ = false;
  return evaluate_split(network_, state_.best_weights, dataset_, data::Split::test, group, between_chunks);
}

void Training::restore(store::TrainingState state, const std::string& origin) {
  if (state.weights.size() != state_.weights.size() || state.slots.size() != state_.slots.size() ||
      (!state.best_weights.empty() && state.best_weights.size() != state_.weights.size()))
    throw StoreError(
        fmt::format("holds {} weights and {} optimizer slots, but the trial has {} and {}; it belongs to another trial",
                    state.weights.size(), state.slots.size(), state_.weights.size(), state_.slots.size()),
        origin);
  complete_state();  // so that no step is left to be made up for in the new state
  state_ = std::move(state);
  improvement_ = {};
  for (const auto& record : state_.history) note_improvement(record);
  is_loaded_ = false;
  divergence_.clear();
  batches_in_epoch_ = std::max(1, plan_of_epoch_under_way().num_batches());
}

void Training::share_state(Group& group) {
  if (group.size() == 1) return;
  complete_state();
  is_loaded_ = false;
  // Plain numbers first; they say whether best weights follow.
  struct Position {
    std::int64_t epoch, batch, step, clipped_steps, best_epoch, has_best, improved_epoch;
    double loss_sum, count, norm_sum, norm_max, best_value, improved_value;
  };
  auto& s = state_;
  Position p{s.epoch,
             s.batch,
             s.step,
             s.progress.clipped_steps,
             s.best_epoch,
             !s.best_weights.empty(),
             improvement_.epoch,
             s.progress.loss_sum,
             s.progress.count,
             s.progress.norm_sum,
             s.progress.norm_max,
             s.best_value,
             improvement_.value};
  group.broadcast(std::as_writable_bytes(std::span(&p, 1)));
  group.broadcast(std::as_writable_bytes(std::span(s.weights)));
  group.broadcast(std::as_writable_bytes(std::span(s.slots)));
  s.best_weights.resize(p.has_best != 0 ? s.weights.size() : 0);
  group.broadcast(std::as_writable_bytes(std::span(s.best_weights)));
  s.epoch = static_cast<int>(p.epoch);
  s.batch = static_cast<int>(p.batch);
  s.step = p.step;
  s.best_epoch = static_cast<int>(p.best_epoch);
  s.best_value = p.best_value;
  s.progress = {p.loss_sum, p.count, p.norm_sum, p.norm_max, p.clipped_steps};
  improvement_ = {static_cast<int>(p.improved_epoch), p.improved_value};
  batches_in_epoch_ = std::max(1, plan_of_epoch_under_way().num_batches());
}

}  // namespace seqsweep::trial
