// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/row_block.hpp"

#include <algorithm>

namespace seqsweep::nn::engine {

std::span<const kernels::RowRun> RowBlock::runs(int t) const {
  const std::size_t begin = runs_begin_[static_cast<std::size_t>(t)],
                    end = runs_begin_[static_cast<std::size_t>(t) + 1];
  return std::span(runs_).subspan(begin, end - begin);
}

bool RowBlock::is_shaped_like(std::span<const Part> parts) const {
  if (parts.size() != parts_.size()) return false;
  auto length = lengths_.begin();
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (parts[p].rows != parts_[p].rows) return false;
    for (int row = 0; row < parts[p].rows; ++row)
      if (parts[p].length(row) != *length++) return false;
  }
  return true;
}

void RowBlock::assign(std::span<const Part> parts) {
  const bool is_as_before = is_shaped_like(parts);
  parts_.assign(parts.begin(), parts.end());
  if (is_as_before) return;
  ++shape_;
  lengths_.clear();
  first_sequence_.clear();
  num_steps_ = num_sequences_ = num_packed_ = 0;
  for (const Part& part : parts_) {
    first_sequence_.push_back(num_sequences_);
    num_sequences_ += part.rows;
    for (int row = 0; row < part.rows; ++row) lengths_.push_back(part.length(row));
    num_steps_ = std::max(num_steps_, part.length(0));
  }
  const auto steps = static_cast<std::size_t>(num_steps_);
  first_row_.resize(parts_.size() * steps);
  for (std::size_t t = 0; t < steps; ++t)
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      first_row_[p * steps + t] = num_packed_;
      num_packed_ += parts_[p].rows_at(static_cast<int>(t));
    }

  runs_.clear();
  runs_.reserve(2 * parts_.size() * steps);  // as many as there can be, so that other lengths need no more memory
  runs_begin_.clear();
  for (int t = 0; t < num_steps_; ++t) {
    const std::size_t step_begin = runs_.size();
    runs_begin_.push_back(step_begin);
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const int rows = parts_[p].rows_at(t), going_on = parts_[p].rows_at(t + 1), first = first_row(p, t);
      const int earlier = t > 0 ? first_row(p, t - 1) : kernels::no_row;
      if (going_on > 0) append_run({first, going_on, earlier, first_row(p, t + 1), first_sequence_[p]}, step_begin);
      if (rows > going_on)
        append_run({first + going_on, rows - going_on, t > 0 ? earlier + going_on : kernels::no_row, kernels::no_row,
                    first_sequence_[p] + going_on},
                   step_begin);
    }
  }
  runs_begin_.push_back(runs_.size());
}

/// Joins the run to the one before it where both are neighbours in all respects.
void RowBlock::append_run(const kernels::RowRun& run, std::size_t step_begin) {
  if (runs_.size() > step_begin) {
    kernels::RowRun& last = runs_.back();
    const auto follows = [&](int before, int row) {
      return before == kernels::no_row ? row == kernels::no_row : row == before + last.count;
    };
    if (follows(last.first, run.first) && follows(last.earlier, run.earlier) && follows(last.later, run.later) &&
        follows(last.sequence, run.sequence)) {
      last.count += run.count;
      return;
    }
  }
  runs_.push_back(run);
}

}  // namespace seqsweep::nn::engine
