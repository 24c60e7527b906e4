// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/trial/training.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

namespace seqsweep::trial {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What travels behind the gradient, added in the same tree.
enum Tail : std::size_t { tail_loss, tail_count, tail_stop, tail_size };

double learning_rate_at(const nn::OptimizerSpec& spec, int epoch, int max_epochs) {
  return find_in(nn::schedule_catalogue(), "schedule", spec.schedule).make(spec, epoch, max_epochs);
}

void add(std::span<const float> left, std::span<float> right) {
  for (std::size_t i = 0; i < right.size(); ++i) right[i] = left[i] + right[i];
}

}  // namespace

Training::Training(TrialId trial, const TrialSettings& settings, const Objective& objective,
                   const data::Dataset& dataset)
    : trial_(trial),
      settings_(settings),
      objective_(objective),
      dataset_(dataset),
      network_(fit_to_data(settings.network, dataset.header())),
      optimizer_(nn::make_optimizer(settings.optimizer, network_.layout())),
      num_shards_(settings.shards > 0 ? settings.shards : data::default_shards(settings.batch_size)) {
  SEQSWEEP_EXPECT(std::has_single_bit(static_cast<unsigned>(num_shards_)), "train.shards must be a power of two");
  const std::size_t size = network_.layout().size;
  state_.weights.resize(size);
  state_.slots.assign(static_cast<std::size_t>(optimizer_->num_slots()) * size, 0.0F);
  network_.initialise(
      state_.weights,
      RandomKey(objective_.seed).fold(Purpose::initialisation).fold(static_cast<std::uint64_t>(trial_.value)));
  subtree_.resize(size + tail_size);
  waiting_.resize(static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(num_shards_))));
}

RandomKey Training::epoch_key(Purpose purpose) const {
  return RandomKey(objective_.seed)
      .fold(purpose)
      .fold(static_cast<std::uint64_t>(trial_.value))
      .fold(static_cast<std::uint64_t>(state_.epoch));
}

TrainingEnd Training::train(int to_epoch, Group& group, const TrainingHooks& hooks) {
  SEQSWEEP_EXPECT(group.size() <= num_shards_ && num_shards_ % group.size() == 0,
                  "a trial has more ranks than its batches have shards");
  while (state_.epoch < to_epoch) {
    if (is_exhausted()) return TrainingEnd::exhausted;
    const data::EpochPlan plan(dataset_.num_sequences(data::Split::train), settings_.batch_size, num_shards_,
                               epoch_key(Purpose::shuffle));
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
  const int shards_here = num_shards_ / group.size();
  add_shards(plan, batch, group.rank() * shards_here, shards_here);

  const std::span<float> gradient(subtree_.data(), network_.layout().size);
  float* tail = subtree_.data() + gradient.size();
  tail[tail_stop] = wants_stop ? 1.0F : 0.0F;
  const auto reduce_start = Clock::now();
  group.add_in_tree(subtree_);
  clock_.reduce_s += seconds_since(reduce_start);

  // The mean over the whole batch: shards gave sums, since only now is the number of scored elements known.
  const double count = std::max(1.0F, tail[tail_count]);
  const auto scale = static_cast<float>(1 / count);
  for (float& g : gradient) g *= scale;

  const double rate = learning_rate_at(settings_.optimizer, state_.epoch, settings_.max_epochs);
  const auto record = nn::take_step(*optimizer_, settings_.optimizer, network_.layout(), state_.weights, gradient,
                                    state_.slots, state_.step + 1, rate);
  if (!std::isfinite(tail[tail_loss]) || !std::isfinite(record.gradient_norm)) {
    divergence_ = fmt::format(
        "{} is {} at epoch {}, batch {}", std::isfinite(tail[tail_loss]) ? "the gradient norm" : "the training loss",
        std::isfinite(tail[tail_loss]) ? record.gradient_norm : tail[tail_loss] / count, state_.epoch + 1, batch + 1);
    return false;
  }
  auto& progress = state_.progress;
  progress.loss_sum += tail[tail_loss];
  progress.count += tail[tail_count];
  progress.norm_sum += record.gradient_norm;
  progress.norm_max = std::max(progress.norm_max, record.gradient_norm);
  progress.clipped_steps += record.was_clipped ? 1 : 0;
  ++state_.step;
  ++state_.batch;
  return tail[tail_stop] > 0;
}

// Computes shards first … first + count - 1 and leaves their sum in subtree_, added in the fixed binary tree: after
// shard i is done, it is joined with the left siblings that its number's trailing ones say are complete.
void Training::add_shards(const data::EpochPlan& plan, int batch, int first, int count) {
  const std::size_t size = network_.layout().size;
  for (int i = 0; i < count; ++i) {
    const auto data_start = Clock::now();
    dataset_.gather(data::Split::train, plan.shard(batch, first + i), shard_batch_);
    clock_.data_s += seconds_since(data_start);

    subtree_.resize(size + tail_size);
    const auto sums =
        network_.forward_backward(state_.weights, shard_batch_, 1.0, nn::DropoutKey{epoch_key(Purpose::dropout)},
                                  std::span(subtree_).first(size));
    subtree_[size + tail_loss] = static_cast<float>(sums.loss);
    subtree_[size + tail_count] = static_cast<float>(sums.count);
    subtree_[size + tail_stop] = 0;

    std::size_t level = 0;
    for (int n = i; (n & 1) != 0; n >>= 1) add(waiting_[level++], subtree_);
    if (i + 1 < count) std::swap(waiting_[level], subtree_);
  }
}

void Training::finish_epoch(Group& group, const TrainingHooks& hooks) {
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

  const double value = metric_of(objective_, record);
  if (is_better(value)) {
    state_.best_epoch = record.epoch;
    state_.best_value = value;
    state_.best_weights = state_.weights;
  }
  if (!std::isfinite(value))
    divergence_ = fmt::format("{} is {} after epoch {}", objective_.metric, value, record.epoch);
  state_.history.push_back(record);
  ++state_.epoch;
  state_.batch = 0;
  state_.progress = {};
  if (hooks.on_epoch) hooks.on_epoch(record);
}

// On the first shard of the first batch of the epoch that was just trained: a fixed sample, on every rank the same.
std::vector<nn::GradientFlowBin> Training::measure_gradient_flow() {
  const data::EpochPlan plan(dataset_.num_sequences(data::Split::train), settings_.batch_size, num_shards_,
                             epoch_key(Purpose::shuffle));
  dataset_.gather(data::Split::train, plan.batch(0).first(std::min<std::size_t>(plan.batch(0).size(), 16)),
                  shard_batch_);
  return network_.gradient_flow(state_.weights, shard_batch_);
}

bool Training::is_better(double value) const {
  if (!std::isfinite(value)) return false;
  if (state_.best_epoch == 0) return true;
  return objective_.is_maximised ? value > state_.best_value + settings_.min_delta
                                 : value < state_.best_value - settings_.min_delta;
}

bool Training::is_exhausted() const {
  return settings_.patience > 0 && state_.epoch > 0 && state_.batch == 0 &&
         state_.epoch - state_.best_epoch >= settings_.patience;
}

store::Scores Training::test_scores(Group& group, const std::function<void()>& between_chunks) {
  if (state_.best_weights.empty() || dataset_.num_sequences(data::Split::test) == 0) return {};
  return evaluate_split(network_, state_.best_weights, dataset_, data::Split::test, group, between_chunks);
}

void Training::restore(store::TrainingState state, const std::string& origin) {
  if (state.weights.size() != state_.weights.size() || state.slots.size() != state_.slots.size() ||
      (!state.best_weights.empty() && state.best_weights.size() != state_.weights.size()))
    throw StoreError(
        fmt::format("holds {} weights and {} optimizer slots, but the trial has {} and {}; it belongs to another trial",
                    state.weights.size(), state.slots.size(), state_.weights.size(), state_.slots.size()),
        origin);
  state_ = std::move(state);
  divergence_.clear();
}

void Training::share_state(Group& group) {
  if (group.size() == 1) return;
  // Plain numbers first; they say whether best weights follow.
  struct Position {
    std::int64_t epoch, batch, step, clipped_steps, best_epoch, has_best;
    double loss_sum, count, norm_sum, norm_max, best_value;
  };
  auto& s = state_;
  Position p{s.epoch,
             s.batch,
             s.step,
             s.progress.clipped_steps,
             s.best_epoch,
             !s.best_weights.empty(),
             s.progress.loss_sum,
             s.progress.count,
             s.progress.norm_sum,
             s.progress.norm_max,
             s.best_value};
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
}

}  // namespace seqsweep::trial
