// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "seqsweep/nn/gradient_block.hpp"
#include "seqsweep/nn/optimizer.hpp"

namespace seqsweep::nn {

/// What one step did.
struct StepRecord {
  double gradient_norm = 0;  ///< global L2 norm before clipping, without penalties; NaN or Inf: the trial diverged
  bool was_clipped = false;
};

/// Takes the steps of one training on a flat block: clips, adds the L1 and L2 terms, updates, always in this order.
///
/// Of an embedding, a step computes only the rows that the batch touched; what the others miss, with momentum or
/// moments left over from earlier steps, is made up for when they are next needed. Bit for bit the result is that of a
/// dense step on every row with a zero gradient where untouched, however often rows are made up for. So: catch_up()
/// before a forward pass, flush() before weights or slots are read, copied, saved or sent. Both do nothing where there
/// is no embedding. Where every row changes at every step (penalties, AdamW's decay), or many are touched, steps are
/// dense.
class Stepper {
 public:
  Stepper(const OptimizerSpec& spec, const ParameterLayout& layout);

  /// Slot blocks, each as large as the parameters, zero before the first step.
  [[nodiscard]] int num_slots() const { return optimizer_->num_slots(); }

  /// Brings these rows of the embedding up to date. In any order.
  void catch_up(std::span<float> parameters, std::span<float> slots, std::span<const std::int32_t> rows);

  /// One step along gradient_scale · gradient. `step` counts from 1, one by one between two flushes. Leaves everything
  /// untouched where the norm is not finite.
  StepRecord step(std::span<float> parameters, const GradientBlock& gradient, std::span<float> slots, std::int64_t step,
                  double learning_rate, double gradient_scale = 1);

  /// Brings every row up to date.
  void flush(std::span<float> parameters, std::span<float> slots);

 private:
  /// Neighbouring elements that are treated alike.
  struct Range {
    std::size_t offset = 0;
    std::size_t size = 0;
    bool is_bias = false;
  };
  enum class RowSteps { dense, touched_only, lazy };

  void check(std::span<const float> parameters, std::span<const float> slots) const;
  void check(const GradientBlock& gradient) const;
  [[nodiscard]] std::int32_t num_rows() const {
    return row_size_ == 0 ? 0 : static_cast<std::int32_t>(embedding_.size / row_size_);
  }
  [[nodiscard]] Range rows_range(std::int32_t first, std::int32_t count) const;
  [[nodiscard]] double norm(const GradientBlock& gradient) const;
  [[nodiscard]] UpdateBlock block_at(const Range& range, std::span<float> parameters, std::span<float> slots) const;
  void catch_up_row(std::span<float> parameters, std::span<float> slots, std::int32_t row);
  [[nodiscard]] bool wants_dense_step(std::span<const std::int32_t> touched);

  OptimizerSpec spec_;
  std::unique_ptr<Optimizer> optimizer_;
  std::size_t size_ = 0;       // of a block
  std::vector<Range> ranges_;  // all but the embedding
  Range embedding_;            // size 0: none
  std::size_t row_size_ = 0;   // E
  RowSteps row_steps_ = RowSteps::dense;
  bool is_dense_now_ = false;  // lazy rows: many are touched; for speed alone
  std::int64_t last_step_ = 0;
  std::vector<StepFactors> since_flush_;   // of the steps since every row was up to date
  std::vector<std::uint32_t> steps_done_;  // [vocabulary] how many of these a row has made
};

}  // namespace seqsweep::nn
