// SPDX-License-Identifier: Apache-2.0
//
// One optimizer step, dense or of the touched rows of an embedding alone. Lazy rows: `since_flush_` holds the factors
// of every step since all rows were up to date, `steps_done_` how many of them a row has made; a row catches up by
// replaying the rest with a zero gradient (kernels/update-inl.hpp).

#include "seqsweep/nn/stepper.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/gradient_block.hpp"

#include "nn/kernels/elementwise.hpp"

namespace seqsweep::nn {
namespace {

/// Steps remembered before all rows are brought up to date, which costs about as much as a few dense steps.
constexpr std::size_t most_steps_since_flush = 4096;

/// torch.nn.utils.clip_grad_norm_, with its 1e-6. (Pascanu, Mikolov, Bengio, ICML 2013, algorithm 1.)
double clip_coefficient(double norm, double max_norm) {
  return max_norm > 0 ? std::min(1.0, max_norm / (norm + 1e-6)) : 1.0;
}

// Rows lie scattered, so the processor does not see by itself what comes next, and is told.
void prefetch(std::span<const float> values) {
  constexpr std::size_t floats_a_line = 16;
  for (std::size_t i = 0; i < values.size(); i += floats_a_line) __builtin_prefetch(values.data() + i);
}
void prefetch(const UpdateBlock& block) {
  for (const float* values :
       std::initializer_list<const float*>{block.parameters, block.gradient, block.slots[0], block.slots[1]})
    if (values != nullptr) prefetch({values, block.size});
}
constexpr std::size_t rows_ahead = 2;

}  // namespace

Stepper::Stepper(const OptimizerSpec& spec, const ParameterLayout& layout)
    : spec_(spec), optimizer_(make_optimizer(spec)), size_(layout.size) {
  const Tensor* embedding = embedding_of(layout);
  for (const Tensor& tensor : layout.tensors) {
    if (&tensor == embedding) continue;
    const bool joins_last = !ranges_.empty() && ranges_.back().offset + ranges_.back().size == tensor.offset &&
                            ranges_.back().is_bias == tensor.is_bias;
    if (joins_last)
      ranges_.back().size += tensor.size();
    else
      ranges_.push_back({tensor.offset, tensor.size(), tensor.is_bias});
  }
  if (embedding == nullptr) return;
  embedding_ = {embedding->offset, embedding->size(), embedding->is_bias};
  row_size_ = static_cast<std::size_t>(embedding->columns);
  const bool has_penalty = spec.l1 != 0 || spec.l2 != 0;
  if (has_penalty || optimizer_->has_decay() || !optimizer_->can_replay()) return;
  row_steps_ = optimizer_->num_slots() == 0 ? RowSteps::touched_only : RowSteps::lazy;
  if (row_steps_ != RowSteps::lazy) return;
  since_flush_.reserve(most_steps_since_flush);
  steps_done_.resize(static_cast<std::size_t>(embedding->rows));
}

void Stepper::check(std::span<const float> parameters, std::span<const float> slots) const {
  SEQSWEEP_EXPECT(parameters.size() == size_, "the parameter block does not fit the layout");
  SEQSWEEP_EXPECT(slots.size() == size_ * static_cast<std::size_t>(num_slots()), "the slots do not fit the optimizer");
}

Stepper::Range Stepper::rows_range(std::int32_t first, std::int32_t count) const {
  return {embedding_.offset + static_cast<std::size_t>(first) * row_size_, static_cast<std::size_t>(count) * row_size_,
          embedding_.is_bias};
}

UpdateBlock Stepper::block_at(const Range& range, std::span<float> parameters, std::span<float> slots) const {
  UpdateBlock block{.size = range.size, .parameters = parameters.data() + range.offset};
  for (std::size_t s = 0; s < static_cast<std::size_t>(num_slots()); ++s)
    block.slots[s] = slots.data() + s * size_ + range.offset;
  if (range.is_bias) return block;
  block.l1 = static_cast<float>(spec_.l1);
  block.l2 = static_cast<float>(spec_.l2);
  block.decays = optimizer_->has_decay();
  return block;
}

void Stepper::catch_up_row(std::span<float> parameters, std::span<float> slots, std::int32_t row) {
  std::uint32_t& done = steps_done_[static_cast<std::size_t>(row)];
  if (done == since_flush_.size()) return;
  optimizer_->replay(block_at(rows_range(row, 1), parameters, slots), std::span(since_flush_).subspan(done));
  done = static_cast<std::uint32_t>(since_flush_.size());
}

void Stepper::catch_up(std::span<float> parameters, std::span<float> slots, std::span<const std::int32_t> rows) {
  check(parameters, slots);
  if (row_steps_ != RowSteps::lazy) return;
  for (const std::int32_t row : rows)
    SEQSWEEP_EXPECT(row >= 0 && static_cast<std::size_t>(row) < steps_done_.size(), "no such row of the embedding");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + rows_ahead < rows.size()) prefetch(block_at(rows_range(rows[i + rows_ahead], 1), parameters, slots));
    catch_up_row(parameters, slots, rows[i]);
  }
}

void Stepper::flush(std::span<float> parameters, std::span<float> slots) {
  check(parameters, slots);
  if (since_flush_.empty()) return;
  for (std::size_t row = 0; row < steps_done_.size(); ++row)
    catch_up_row(parameters, slots, static_cast<std::int32_t>(row));
  std::fill(steps_done_.begin(), steps_done_.end(), 0U);
  since_flush_.clear();
}

double Stepper::norm(const GradientBlock& gradient) const {
  kernels::SquareSum squares;
  const std::span<const float> values(gradient.values);
  for (const Range& range : ranges_) squares.add(values.subspan(range.offset - embedding_.size, range.size));
  for (std::size_t i = 0; i < gradient.touched.size(); ++i)
    squares.add(std::span(gradient.rows).subspan(i * row_size_, row_size_));
  return std::sqrt(squares.total());
}

// Row by row, a step reads scattered memory, and each missed step is computed after all one day: where a seventh of the
// rows is touched, a dense step takes less time (Adam, 10,000 rows of 128, chosen evenly). Dense steps end at half of
// that, not at once, since every change brings all rows up to date.
bool Stepper::wants_dense_step(std::span<const std::int32_t> touched) {
  if (row_steps_ != RowSteps::lazy) return row_steps_ == RowSteps::dense;
  is_dense_now_ = touched.size() * (is_dense_now_ ? 14 : 7) >= steps_done_.size();
  return is_dense_now_;
}

StepRecord Stepper::step(std::span<float> parameters, const GradientBlock& gradient, std::span<float> slots,
                         std::int64_t step, double learning_rate, double gradient_scale) {
  check(parameters, slots);
  check(gradient);
  SEQSWEEP_EXPECT(step >= 1, "optimizer steps count from 1");
  SEQSWEEP_EXPECT(since_flush_.empty() || step == last_step_ + 1, "optimizer steps follow one another");

  const double norm_before = std::abs(gradient_scale) * norm(gradient);
  if (!std::isfinite(norm_before)) return {.gradient_norm = norm_before};
  const double coefficient = clip_coefficient(norm_before, spec_.clip_norm);
  const StepFactors factors = optimizer_->factors(step, learning_rate);
  const auto update = [&](const Range& range, const float* from) {
    UpdateBlock block = block_at(range, parameters, slots);
    block.gradient = from;
    block.gradient_scale = static_cast<float>(gradient_scale * coefficient);
    optimizer_->update(block, factors);
  };
  for (const Range& range : ranges_) update(range, gradient.values.data() + (range.offset - embedding_.size));
  last_step_ = step;
  const StepRecord record{.gradient_norm = norm_before, .was_clipped = coefficient < 1};
  if (embedding_.size == 0) return record;

  const auto& touched = gradient.touched;
  if (wants_dense_step(touched)) {
    flush(parameters, slots);
    std::int32_t next = 0;
    for (std::size_t i = 0; i < touched.size(); ++i) {
      update(rows_range(next, touched[i] - next), nullptr);
      update(rows_range(touched[i], 1), gradient.rows.data() + i * row_size_);
      next = touched[i] + 1;
    }
    update(rows_range(next, num_rows() - next), nullptr);
    return record;
  }
  for (std::size_t i = 0; i < touched.size(); ++i) {
    const std::int32_t row = touched[i];
    if (i + rows_ahead < touched.size()) prefetch(block_at(rows_range(touched[i + rows_ahead], 1), parameters, slots));
    if (row_steps_ == RowSteps::lazy) {
      catch_up_row(parameters, slots, row);
      ++steps_done_[static_cast<std::size_t>(row)];
    }
    update(rows_range(row, 1), gradient.rows.data() + i * row_size_);
  }
  if (row_steps_ == RowSteps::lazy) since_flush_.push_back(factors);
  if (since_flush_.size() == most_steps_since_flush) flush(parameters, slots);
  return record;
}

void Stepper::check(const GradientBlock& gradient) const {
  SEQSWEEP_EXPECT(gradient.values.size() + embedding_.size >= size_, "the gradient block does not fit the layout");
  const auto& touched = gradient.touched;
  const bool rises = std::adjacent_find(touched.begin(), touched.end(), std::greater_equal<>()) == touched.end();
  SEQSWEEP_EXPECT(rises, "touched rows are not sorted, or one stands there twice");
  SEQSWEEP_EXPECT(touched.empty() || (touched.front() >= 0 && touched.back() < num_rows()),
                  "a touched row is no row of the embedding");
  SEQSWEEP_EXPECT(gradient.rows.size() == touched.size() * row_size_, "the gradient's rows are not those touched");
}

}  // namespace seqsweep::nn
