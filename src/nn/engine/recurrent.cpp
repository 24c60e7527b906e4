// SPDX-License-Identifier: Apache-2.0
//
// Ronald Williams, Jing Peng, "An efficient gradient-based algorithm for on-line training of recurrent network
// trajectories", Neural Computation 2 (1990). Differs from the paper: never truncated.

#include "nn/engine/recurrent.hpp"

#include <algorithm>

namespace seqsweep::nn::engine {
namespace {

// Between panels, so that they do not begin in the same set of the cache.
constexpr std::size_t panel_gap = 64;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

std::vector<InputColumns> columns_of_input(const NetworkSpec& spec, int layer) {
  if (layer == 0) return {{0, 0, input_width(spec, 0)}};
  const int H = spec.hidden_size;
  std::vector<InputColumns> columns = {{0, 0, H}};
  if (spec.bidirectional) columns.push_back({static_cast<int>(padded(at(H))), H, H});
  return columns;
}

}  // namespace

Direction::Direction(const NetworkSpec& spec, const ParameterLayout& layout, const kernels::CellKernels& cell,
                     int layer, nn::Direction direction)
    : W_ih_(tensor_named(layout, recurrent_tensor_name("weight_ih", layer, direction))),
      W_hh_(tensor_named(layout, recurrent_tensor_name("weight_hh", layer, direction))),
      b_ih_(tensor_named(layout, recurrent_tensor_name("bias_ih", layer, direction))),
      b_hh_(tensor_named(layout, recurrent_tensor_name("bias_hh", layer, direction))),
      cell_(cell),
      panels_(cell, spec.hidden_size),
      layer_(layer),
      is_reverse_(direction == nn::Direction::reverse),
      hidden_size_(spec.hidden_size),
      input_columns_(columns_of_input(spec, layer)),
      hidden_columns_{{0, 0, spec.hidden_size}},
      input_width_(input_columns_.back().begin + input_columns_.back().count),
      chunks_(is_reverse_) {
  const std::size_t panels = at(panels_.num_panels());
  weights_.reserve(panels * panels_.weights_panel(input_width_));
}

void Direction::load(const float* parameters, bool wants_dX) {
  const int depth = cell_.num_gates * hidden_size_;
  const RecurrentWeights weights{parameters + W_ih_.offset, parameters + W_hh_.offset, parameters + b_ih_.offset,
                                 parameters + b_hh_.offset};
  panels_.pack_forward(input_columns_, input_width_, weights, weights_.data());
  hidden_weights_.reserve(packed_floats(hidden_size_, depth));
  panels_.pack_backward(hidden_columns_, hidden_size_, weights.W_hh, hidden_weights_.data());
  if (!wants_dX) return;
  input_weights_.reserve(packed_floats(input_width_, depth));
  panels_.pack_backward(input_columns_, input_width_, weights.W_ih, input_weights_.data());
}

void Direction::reserve_tape(const RowBlock& block, Tape tape) {
  const std::size_t panels = at(panels_.num_panels());
  const std::size_t rows = at(tape == Tape::kept ? block.num_packed() : block.num_sequences());
  if (tape == Tape::kept) {
    gates_stride_ = rows * panels_.gates_row() + panel_gap;
    gates_.reserve(panels * gates_stride_);
  }
  if (cell_.has_cell_state) {
    cells_stride_ = rows * panels_.cells_row() + panel_gap;
    cells_.reserve(panels * cells_stride_);
  }
}

void Direction::reserve_gradients(std::size_t num_parts) {
  const std::size_t panels = at(panels_.num_panels());
  if (gradients_.size() < num_parts) gradients_.resize(num_parts);
  for (std::size_t part = 0; part < num_parts; ++part) {
    gradients_[part].dW_ih.reserve(panels * at(input_width_) * panels_.weights_row());
    gradients_[part].dW_hh.reserve(panels * at(hidden_size_) * panels_.weights_row());
    gradients_[part].db.reserve(panels * panels_.gates_row());
  }
}

void Direction::forward(const RowBlock& block, Rows x, Rows y, Tape tape) {
  reserve_tape(block, tape);
  kernels::ForwardStep step{.runs = {},
                            .is_reverse = is_reverse_,
                            .num_units = hidden_size_,
                            .num_inputs = input_width_,
                            .x = x.data,
                            .x_stride = x.stride,
                            .weights = weights_.data(),
                            .weights_panel_stride = panels_.weights_panel(input_width_),
                            .y = y.data,
                            .y_stride = y.stride,
                            .gates = tape == Tape::kept ? gates_.data() : nullptr,
                            .gates_panel_stride = gates_stride_,
                            .cells = cells_.data(),
                            .cells_panel_stride = cells_stride_};
  const Walk walk{block.num_steps(), is_reverse_};
  for (int i = 0; i < block.num_steps(); ++i) {
    step.runs = block.runs(walk.at(i));
    cell_.forward(step);
  }
}

void Direction::backward(const RowBlock& block, const BackwardJob& job) {
  const std::size_t carry_stride = row_stride(at(hidden_size_));
  carry_.reserve(at(block.num_sequences()) * carry_stride);
  if (job.shows_dh) dh_.reserve(at(block.num_sequences()) * carry_stride);
  reserve_gradients(block.num_parts());
  panels_.columns_of(cell_.hidden_slot, gates_stride_, hidden_runs_);
  panels_.columns_of(cell_.input_slot, gates_stride_, input_runs_);

  kernels::BackwardStep step{.runs = {},
                             .is_reverse = is_reverse_,
                             .num_units = hidden_size_,
                             .hidden_columns = hidden_runs_,
                             .weights = hidden_weights_.data(),
                             .weights_panel_stride = packed_panel_floats(cell_.num_gates * hidden_size_),
                             .gates = gates_.data(),
                             .gates_panel_stride = gates_stride_,
                             .cells = cells_.data(),
                             .cells_panel_stride = cells_stride_,
                             .y = job.y.data,
                             .y_stride = job.y.stride,
                             .dy = job.dy.rows.data,
                             .dy_stride = job.dy.rows.stride,
                             .dy_at_end_only = job.dy.at_end_only,
                             .carry = carry_.data(),
                             .carry_stride = carry_stride,
                             .dh = job.shows_dh ? dh_.data() : nullptr};
  const Walk walk{block.num_steps(), is_reverse_};
  chunks_.assign(block);
  chunk_runs_.reserve(at(block.num_steps()));  // as many as there can be in a chunk
  auto chunk = chunks_.all().begin();
  for (int i = block.num_steps() - 1; i >= 0; --i) {
    const int t = walk.at(i);
    step.runs = block.runs(t);
    cell_.backward(step);
    if (job.shows_dh) job.hooks->on_dh(layer_, t, {dh_.data(), carry_stride});
    for (; chunk != chunks_.all().end() && chunk->position == i; ++chunk) add_weight_gradients(job, *chunk);
    if (job.dX.data != nullptr) write_dX(block, job, t);
    if (job.hooks != nullptr && job.hooks->between_steps) job.hooks->between_steps();
  }
}

void Direction::find_runs(std::span<const RowPairs> pairs, Rows factor) {
  chunk_runs_.clear();
  for (const RowPairs& rows : pairs)
    chunk_runs_.push_back(
        {factor.row(at(rows.factor)), gates_.data() + at(rows.gates) * panels_.gates_row(), rows.count});
}

void Direction::add_weight_gradients(const BackwardJob& job, const WeightChunks::Chunk& chunk) {
  Panels& panels = gradients_[chunk.part];
  find_runs(chunks_.inputs(chunk), job.x);
  kernels::WeightGradient gradient{.runs = chunk_runs_,
                                   .a_stride = job.x.stride,
                                   .g_stride = panels_.gates_row(),
                                   .g_panel_stride = gates_stride_,
                                   .num_columns = input_width_,
                                   .num_units = hidden_size_,
                                   .gradient = panels.dW_ih.data(),
                                   .gradient_panel_stride = at(input_width_) * panels_.weights_row(),
                                   .is_first = job.is_first && chunk.is_first};
  cell_.input_gradient(gradient);
  gradient.gradient = panels.db.data();
  gradient.gradient_panel_stride = panels_.gates_row();
  cell_.bias_gradient(gradient);

  find_runs(chunks_.states(chunk), job.y);
  gradient.runs = chunk_runs_;
  gradient.a_stride = job.y.stride;
  gradient.num_columns = hidden_size_;
  gradient.gradient = panels.dW_hh.data();
  gradient.gradient_panel_stride = at(hidden_size_) * panels_.weights_row();
  cell_.hidden_gradient(gradient);
}

void Direction::write_dX(const RowBlock& block, const BackwardJob& job, int t) {
  const auto runs = block.runs(t);
  const std::size_t first = at(runs.front().first);
  kernels::project({.rows = runs.back().first + runs.back().count - runs.front().first,
                    .num_outputs = input_width_,
                    .columns = input_runs_,
                    .a = gates_.data() + first * panels_.gates_row(),
                    .a_stride = panels_.gates_row(),
                    .bias = nullptr,
                    .weights = input_weights_.data(),
                    .out = job.dX.row(first),
                    .out_stride = job.dX.stride,
                    .adds = job.adds_dX});
}

void Direction::write_gradient(const PartTree& tree, DenseGradient gradient) {
  // Panel by panel: what was added up is still in the cache when it is unpacked.
  const auto write = [&](Floats Panels::*of, std::span<const InputColumns> columns, int width, float* to) {
    const std::size_t panel_floats = at(width) * panels_.weights_row();
    for (int panel = 0; panel < panels_.num_panels(); ++panel) {
      const auto values_of = [&](std::size_t part) {
        return std::span((gradients_[part].*of).data() + at(panel) * panel_floats, panel_floats);
      };
      panels_.unpack_gradient(panel, tree.add_up(values_of).data(), columns, to);
    }
  };
  write(&Panels::dW_ih, input_columns_, input_width_, gradient.at(W_ih_.offset));
  write(&Panels::dW_hh, hidden_columns_, hidden_size_, gradient.at(W_hh_.offset));
  const auto db = tree.add_up([&](std::size_t part) {
    return std::span(gradients_[part].db.data(), at(panels_.num_panels()) * panels_.gates_row());
  });
  panels_.unpack_bias(db.data(), cell_.input_slot, gradient.at(b_ih_.offset));
  panels_.unpack_bias(db.data(), cell_.hidden_slot, gradient.at(b_hh_.offset));
}

std::size_t Direction::memory_bytes() const {
  std::size_t bytes = 0;
  for (const Floats* floats : {&weights_, &hidden_weights_, &input_weights_, &gates_, &cells_, &carry_, &dh_})
    bytes += floats->bytes();
  for (const Panels& panels : gradients_) bytes += panels.dW_ih.bytes() + panels.dW_hh.bytes() + panels.db.bytes();
  return bytes;
}

}  // namespace seqsweep::nn::engine
