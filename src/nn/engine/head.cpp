// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/head.hpp"

#include <algorithm>

#include "nn/kernels/transpose.hpp"

namespace seqsweep::nn::engine {
namespace {

constexpr int chunk_rows = 192;  // rows of one pass over the weight gradient; part of what makes the bits

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

std::vector<InputColumns> columns_by_direction(const NetworkSpec& spec) {
  const int H = spec.hidden_size;
  std::vector<InputColumns> columns = {{0, 0, H}};
  if (spec.bidirectional) columns.push_back({static_cast<int>(padded(at(H))), H, H});
  return columns;
}

kernels::LossKernels loss_of(const NetworkSpec& spec) {
  return find_in(kernels::loss_kernels_catalogue(), "loss", spec.loss).make;
}

}  // namespace

Head::Head(const NetworkSpec& spec, const ParameterLayout& layout)
    : W_(tensor_named(layout, "head.weight")),
      b_(tensor_named(layout, "head.bias")),
      position_(spec.head),
      num_outputs_(spec.num_outputs),
      hidden_size_(spec.hidden_size),
      reads_classes_(spec.loss == "cross_entropy"),
      loss_(loss_of(spec)),
      columns_(columns_by_direction(spec)),
      width_(columns_.back().begin + columns_.back().count),
      dropout_(spec.dropout, spec.num_layers),
      input_stride_(row_stride(at(width_))),
      output_stride_(row_stride(at(num_outputs_))) {
  weights_.reserve(packed_floats(num_outputs_, width_));
  bias_.reserve(packed_floats(num_outputs_, 1));
  transposed_weights_.reserve(packed_floats(width_, num_outputs_));
}

void Head::load(const float* parameters) {
  const float* W = parameters + W_.offset;
  pack_transposed(columns_, width_, W, num_outputs_, weights_.data());
  pack_plain(columns_, width_, W, num_outputs_, transposed_weights_.data());
  std::copy_n(parameters + b_.offset, num_outputs_, bias_.data());
}

void Head::gather_final_states(const RowBlock& block, Rows y) {
  for (std::size_t p = 0; p < block.num_parts(); ++p)
    for (int row = 0; row < block.part(p).rows; ++row) {
      const int ends[] = {block.first_row(p, block.part(p).length(row) - 1), block.first_row(p, 0)};  // of the walks
      for (std::size_t direction = 0; direction < columns_.size(); ++direction)
        std::copy_n(y.row(at(ends[direction] + row)) + columns_[direction].begin, hidden_size_,
                    input_.row(at(block.first_sequence(p) + row)) + columns_[direction].begin);
    }
}

void Head::forward(const RowBlock& block, Rows y, const std::optional<RandomKey>& dropout) {
  const auto rows = at(num_rows(block));
  dropped_ = dropout_.is_on(dropout);
  input_ = y;
  if (dropped_ || position_ == HeadPosition::last_step) {
    input_memory_.reserve(rows * input_stride_);
    input_ = {input_memory_.data(), input_stride_};
  }
  if (position_ == HeadPosition::last_step) gather_final_states(block, y);
  if (dropped_ && position_ == HeadPosition::last_step) {
    dropout_.draw_per_sequence(*dropout, block, columns_);
    dropout_.apply(input_, input_, columns_);
  } else if (dropped_) {
    dropout_.draw_packed(*dropout, block, columns_);
    dropout_.apply(y, input_, columns_);
  }
  outputs_.reserve(rows * output_stride_);
  const kernels::ColumnRun all{0, width_};
  kernels::project({.rows = num_rows(block),
                    .num_outputs = num_outputs_,
                    .columns = {&all, 1},
                    .a = input_.data,
                    .a_stride = input_.stride,
                    .bias = bias_.data(),
                    .weights = weights_.data(),
                    .out = outputs_.data(),
                    .out_stride = output_stride_});
}

template <class F>
void Head::for_row_runs(const RowBlock& block, std::size_t part, F&& f) const {
  const Part& of = block.part(part);
  if (position_ == HeadPosition::last_step) return f(at(block.first_sequence(part)), at(of.first), of.rows);
  for (int t = 0; t < block.num_steps() && of.rows_at(t) > 0; ++t)
    f(at(block.first_row(part, t)), of.batch_row(t), of.rows_at(t));
}

kernels::LossRows Head::loss_rows(const SequenceBatch& batch, std::size_t head_row, std::size_t batch_row,
                                  int rows) const {
  return {.outputs = outputs_.data() + head_row * output_stride_,
          .stride = output_stride_,
          .rows = rows,
          .num_outputs = num_outputs_,
          .targets = reads_classes_ ? nullptr : batch.targets.data() + batch_row * at(num_outputs_),
          .classes = reads_classes_ ? batch.classes.data() + batch_row : nullptr};
}

void Head::score(const RowBlock& block, std::size_t part, std::span<const float> target_scale, ScoreSums& sums) const {
  for_row_runs(block, part, [&](std::size_t head_row, std::size_t batch_row, int rows) {
    loss_.score(loss_rows(*block.part(part).batch, head_row, batch_row, rows), target_scale, sums);
  });
}

void Head::differentiate(const RowBlock& block, double scale, ScoredSteps steps) {
  for (std::size_t p = 0; p < block.num_parts(); ++p) {
    const Part& part = block.part(p);
    for_row_runs(block, p, [&](std::size_t head_row, std::size_t batch_row, int rows) {
      loss_.differentiate(loss_rows(*part.batch, head_row, batch_row, rows), scale,
                          outputs_.data() + head_row * output_stride_, output_stride_);
    });
    if (steps == ScoredSteps::all || position_ == HeadPosition::last_step) continue;
    for (int row = 0; row < part.rows; ++row)
      for (int t = 0; t + 1 < part.length(row); ++t)
        std::fill_n(outputs_.data() + at(block.first_row(p, t) + row) * output_stride_, num_outputs_, 0.0F);
  }
}

void Head::add_weight_gradients(const RowBlock& block, std::size_t part, bool is_first) {
  const std::size_t panel_floats = at(2 * kernels::vector_floats());
  Panels& panels = gradients_[part];
  kernels::WeightGradient gradient{.runs = {},
                                   .a_stride = input_.stride,
                                   .g_stride = output_stride_,
                                   .g_panel_stride = panel_floats,
                                   .num_columns = width_,
                                   .num_units = num_outputs_,
                                   .is_first = is_first};
  const auto finish_chunk = [&] {
    gradient.runs = chunk_runs_;
    gradient.gradient = panels.dW.data();
    gradient.gradient_panel_stride = at(width_) * panel_floats;
    kernels::head_gradient(gradient);
    gradient.gradient = panels.db.data();
    gradient.gradient_panel_stride = panel_floats;
    kernels::head_bias_gradient(gradient);
    gradient.is_first = false;
    chunk_runs_.clear();
  };
  int rows_in_chunk = 0;
  chunk_runs_.clear();
  chunk_runs_.reserve(at(block.num_steps()));
  for_row_runs(block, part, [&](std::size_t head_row, std::size_t, int rows) {
    chunk_runs_.push_back({input_.row(head_row), outputs_.data() + head_row * output_stride_, rows});
    rows_in_chunk += rows;
    if (rows_in_chunk < chunk_rows) return;
    finish_chunk();
    rows_in_chunk = 0;
  });
  if (rows_in_chunk > 0) finish_chunk();
}

OutputGradient Head::backward(const RowBlock& block, bool is_first) {
  if (gradients_.size() < block.num_parts()) gradients_.resize(block.num_parts());
  for (std::size_t part = 0; part < block.num_parts(); ++part) {
    gradients_[part].dW.reserve(packed_floats(num_outputs_, width_));
    gradients_[part].db.reserve(packed_floats(num_outputs_, 1));
    add_weight_gradients(block, part, is_first);
  }
  const int rows = num_rows(block);
  d_input_.reserve(at(rows) * input_stride_);
  const Rows d_input{d_input_.data(), input_stride_};
  const kernels::ColumnRun all{0, num_outputs_};
  kernels::project({.rows = rows,
                    .num_outputs = width_,
                    .columns = {&all, 1},
                    .a = outputs_.data(),
                    .a_stride = output_stride_,
                    .bias = nullptr,
                    .weights = transposed_weights_.data(),
                    .out = d_input.data,
                    .out_stride = d_input.stride});
  if (dropped_) dropout_.apply(d_input, d_input, columns_);
  return {d_input, position_ == HeadPosition::last_step};
}

void Head::write_gradient(const PartTree& tree, DenseGradient gradient) {
  const auto dW = tree.add_up(
      [&](std::size_t part) { return std::span(gradients_[part].dW.data(), packed_floats(num_outputs_, width_)); });
  const auto db = tree.add_up(
      [&](std::size_t part) { return std::span(gradients_[part].db.data(), packed_floats(num_outputs_, 1)); });
  const int panel_floats = 2 * kernels::vector_floats();
  const int columns = num_weight_columns(columns_);
  for (int first = 0; first < num_outputs_; first += panel_floats)
    for (const InputColumns& range : columns_)
      kernels::transpose({.from = dW.data() + at(first) * at(width_) + at(range.begin) * at(panel_floats),
                          .from_stride = at(panel_floats),
                          .rows = range.count,
                          .columns = std::min(panel_floats, num_outputs_ - first),
                          .to = gradient.at(W_.offset) + at(first) * at(columns) + at(range.weight_begin),
                          .to_stride = at(columns)});
  std::copy_n(db.data(), num_outputs_, gradient.at(b_.offset));
}

void Head::copy_outputs(const RowBlock& block, std::span<float> outputs) const {
  for (std::size_t p = 0; p < block.num_parts(); ++p)
    for_row_runs(block, p, [&](std::size_t head_row, std::size_t batch_row, int rows) {
      for (std::size_t row = 0; row < at(rows); ++row)
        std::copy_n(outputs_.data() + (head_row + row) * output_stride_, num_outputs_,
                    outputs.data() + (batch_row + row) * at(num_outputs_));
    });
}

std::size_t Head::memory_bytes() const {
  std::size_t bytes = dropout_.memory_bytes();
  for (const Floats* floats : {&weights_, &bias_, &transposed_weights_, &input_memory_, &outputs_, &d_input_})
    bytes += floats->bytes();
  for (const Panels& panels : gradients_) bytes += panels.dW.bytes() + panels.db.bytes();
  return bytes;
}

}  // namespace seqsweep::nn::engine
