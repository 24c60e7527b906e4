// SPDX-License-Identifier: Apache-2.0
#include "nn/engine/packing.hpp"

#include <algorithm>

#include "nn/kernels/transpose.hpp"

namespace seqsweep::nn::engine {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

int pair_of_vectors() {
  return 2 * kernels::vector_floats();
}

/// Floats that `width` columns take in each row of packed rows, panel by panel: f(panel, first column, columns).
template <class F>
void for_column_panels(int width, F&& f) {
  const int panel_floats = pair_of_vectors();
  for (int panel = 0; panel * panel_floats < width; ++panel)
    f(panel, panel * panel_floats, std::min(panel_floats, width - panel * panel_floats));
}

/// The part of `columns` inside first … first + count - 1 of memory; count 0: none.
InputColumns inside(const InputColumns& columns, int first, int count) {
  const int begin = std::max(columns.begin, first);
  const int end = std::min(columns.begin + columns.count, first + count);
  return {begin, columns.weight_begin + begin - columns.begin, std::max(0, end - begin)};
}

}  // namespace

int num_weight_columns(std::span<const InputColumns> input) {
  int count = 0;
  for (const InputColumns& columns : input) count += columns.count;
  return count;
}

std::size_t packed_panel_floats(int depth) {
  return at(pair_of_vectors()) * at(depth);
}

std::size_t packed_floats(int outputs, int depth) {
  const int panels = (outputs + pair_of_vectors() - 1) / pair_of_vectors();
  return at(panels) * packed_panel_floats(depth);
}

void pack_transposed(std::span<const InputColumns> input, int width, const float* W, int rows, float* packed) {
  const std::size_t weight_columns = at(num_weight_columns(input));
  for_column_panels(rows, [&](int panel, int first, int count) {
    float* to = packed + at(panel) * at(pair_of_vectors()) * at(width);
    for (const InputColumns& columns : input)
      kernels::transpose({.from = W + at(first) * weight_columns + at(columns.weight_begin),
                          .from_stride = weight_columns,
                          .rows = count,
                          .columns = columns.count,
                          .to = to + at(columns.begin) * at(pair_of_vectors()),
                          .to_stride = at(pair_of_vectors())});
  });
}

void pack_plain(std::span<const InputColumns> input, int width, const float* W, int rows, float* packed) {
  const std::size_t weight_columns = at(num_weight_columns(input));
  for_column_panels(width, [&](int panel, int first, int count) {
    float* to = packed + at(panel) * at(pair_of_vectors()) * at(rows);
    for (const InputColumns& columns : input) {
      const InputColumns part = inside(columns, first, count);
      for (int row = 0; row < rows; ++row)
        std::copy_n(W + at(row) * weight_columns + at(part.weight_begin), part.count,
                    to + at(row) * at(pair_of_vectors()) + at(part.begin - first));
    }
  });
}

GatePanels::GatePanels(const kernels::CellKernels& cell, int hidden_size) : cell_(cell), hidden_size_(hidden_size) {}

int GatePanels::units_in(int panel) const {
  return std::min(cell_.panel_units, hidden_size_ - panel * cell_.panel_units);
}

void GatePanels::pack_forward(std::span<const InputColumns> input, int width, const RecurrentWeights& weights,
                              float* packed) const {
  const std::size_t num_inputs = at(num_weight_columns(input)), H = at(hidden_size_);
  for (int panel = 0; panel < num_panels(); ++panel) {
    float* bias = packed + at(panel) * weights_panel(width);
    float* rows = bias + gates_row();
    for (int gate = 0; gate < cell_.num_gates; ++gate) {
      const std::size_t first = at(gate) * H + at(panel * cell_.panel_units);  // row of the block's tensors
      float* b_input = bias + at(cell_.input_slot[at(gate)] * cell_.panel_units);
      float* b_hidden = bias + at(cell_.hidden_slot[at(gate)] * cell_.panel_units);
      for (std::size_t unit = 0; unit < at(units_in(panel)); ++unit) {
        b_hidden[unit] = weights.b_hh[first + unit];
        b_input[unit] =
            b_input == b_hidden ? weights.b_ih[first + unit] + weights.b_hh[first + unit] : weights.b_ih[first + unit];
      }
      const auto transpose = [&](const float* W, std::size_t columns, int from, int count, std::size_t to_row) {
        kernels::transpose({.from = W + first * columns + at(from),
                            .from_stride = columns,
                            .rows = units_in(panel),
                            .columns = count,
                            .to = rows + to_row * weights_row() + at(gate * cell_.panel_units),
                            .to_stride = weights_row()});
      };
      for (const InputColumns& columns : input)
        transpose(weights.W_ih, num_inputs, columns.weight_begin, columns.count, at(columns.begin));
      transpose(weights.W_hh, H, 0, hidden_size_, at(width));
    }
  }
}

void GatePanels::unpack_gradient(int panel, const float* rows, std::span<const InputColumns> columns,
                                 float* gradient) const {
  const std::size_t weight_columns = at(num_weight_columns(columns));
  for (int gate = 0; gate < cell_.num_gates; ++gate)
    for (const InputColumns& part : columns)
      kernels::transpose({.from = rows + at(part.begin) * weights_row() + at(gate * cell_.panel_units),
                          .from_stride = weights_row(),
                          .rows = part.count,
                          .columns = units_in(panel),
                          .to = gradient +
                                (at(gate) * at(hidden_size_) + at(panel * cell_.panel_units)) * weight_columns +
                                at(part.weight_begin),
                          .to_stride = weight_columns});
}

void GatePanels::unpack_bias(const float* panels, const std::array<int, 4>& slots, float* gradient) const {
  for (int panel = 0; panel < num_panels(); ++panel)
    for (int gate = 0; gate < cell_.num_gates; ++gate)
      std::copy_n(panels + at(panel) * gates_row() + at(slots[at(gate)] * cell_.panel_units), units_in(panel),
                  gradient + at(gate * hidden_size_ + panel * cell_.panel_units));
}

void GatePanels::columns_of(const std::array<int, 4>& slots, std::size_t panel_stride,
                            std::vector<kernels::ColumnRun>& runs) const {
  runs.clear();
  for (int panel = 0; panel < num_panels(); ++panel)
    for (int gate = 0; gate < cell_.num_gates; ++gate) {
      const auto offset =
          static_cast<std::ptrdiff_t>(at(panel) * panel_stride + at(slots[at(gate)] * cell_.panel_units));
      if (!runs.empty() && runs.back().offset + runs.back().count == offset)
        runs.back().count += units_in(panel);
      else
        runs.push_back({offset, units_in(panel)});
    }
}

void GatePanels::pack_backward(std::span<const InputColumns> input, int width, const float* W, float* packed) const {
  const std::size_t weight_columns = at(num_weight_columns(input));
  const std::size_t depth = at(cell_.num_gates * hidden_size_);
  for_column_panels(width, [&](int column_panel, int first, int count) {
    float* to = packed + at(column_panel) * at(pair_of_vectors()) * depth;
    for (int panel = 0; panel < num_panels(); ++panel)
      for (int gate = 0; gate < cell_.num_gates; ++gate)
        for (int unit = 0; unit < units_in(panel); ++unit, to += pair_of_vectors()) {
          const float* row = W + at(gate * hidden_size_ + panel * cell_.panel_units + unit) * weight_columns;
          for (const InputColumns& columns : input) {
            const InputColumns part = inside(columns, first, count);
            std::copy_n(row + part.weight_begin, part.count, to + (part.begin - first));
          }
        }
  });
}

}  // namespace seqsweep::nn::engine
