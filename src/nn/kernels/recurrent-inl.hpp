// SPDX-License-Identifier: Apache-2.0
//
// One step of a recurrent layer: the product with the weights and the gate mathematics on the same tile of registers.
// A cell says what happens between the two; see lstm.cpp for what it is made of.

#if defined(SEQSWEEP_NN_KERNELS_RECURRENT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SEQSWEEP_NN_KERNELS_RECURRENT_INL
#undef SEQSWEEP_NN_KERNELS_RECURRENT_INL
#else
#define SEQSWEEP_NN_KERNELS_RECURRENT_INL
#endif

#include <algorithm>
#include <utility>

#include "nn/kernels/matrix-inl.hpp"
#include "nn/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {

/// The columns of a weight row that a tile of `Vectors` vectors per gate reads, each into the slot of its gate.
template <class Cell, int Vectors>
constexpr auto columns_into(const std::array<int, 4>& slot) {
  Columns<Cell::num_gates * Vectors> columns{};
  std::size_t i = 0;
  for (int gate = 0; gate < Cell::num_gates; ++gate)
    for (int v = 0; v < Vectors; ++v, ++i) {
      columns.offset[i] = gate * Cell::panel_units + v * lanes;
      columns.accumulator[i] = slot[static_cast<std::size_t>(gate)] * Vectors + v;
    }
  return columns;
}

/// The columns of a row of gate gradients in these slots, one after the other.
template <class Cell, int Vectors>
constexpr auto columns_from(const std::array<int, 4>& slot) {
  Columns<Cell::num_gates * Vectors> columns{};
  std::size_t i = 0;
  for (int gate = 0; gate < Cell::num_gates; ++gate)
    for (int v = 0; v < Vectors; ++v, ++i) {
      columns.offset[i] = slot[static_cast<std::size_t>(gate)] * Cell::panel_units + v * lanes;
      columns.accumulator[i] = static_cast<int>(i);
      columns.output[i] = gate * Cell::panel_units + v * lanes;
    }
  return columns;
}

template <class Cell>
constexpr std::size_t gates_row = static_cast<std::size_t>(Cell::num_slots* Cell::panel_units);
template <class Cell>
constexpr std::size_t cells_row = static_cast<std::size_t>(2 * Cell::panel_units);

/// Where one unit vector of one row finds its neighbours. Null: not there.
struct UnitForward {
  float* gates;
  const float* c_prev;
  float* c;  ///< tanh c stands panel_units behind
  const float* h_prev;
  float* h;
};
struct UnitBackward {
  float* gates;
  const float* c_prev;
  const float* c;
  const float* h_prev;
  const float* h;
  float* carry;  ///< in: from the next step, if is_continued; out: to the previous step
  bool is_continued;
};

/// Panels of `panel_units` that `num_units` units fill.
HWY_INLINE int panels_of(int num_units, int panel_units) {
  return (num_units + panel_units - 1) / panel_units;
}

/// The walk's neighbours of a run.
HWY_INLINE int before(const RowRun& run, bool is_reverse) {
  return is_reverse ? run.later : run.earlier;
}
HWY_INLINE int after(const RowRun& run, bool is_reverse) {
  return is_reverse ? run.earlier : run.later;
}
/// Rows of a run from its `skip`-th on, where the first of them is `row`.
HWY_INLINE std::size_t row_at(int row, int skip) {
  return static_cast<std::size_t>(row + skip);
}

template <class Cell, int Vectors, int Rows, bool continues>
HWY_NOINLINE void forward_tile(const ForwardStep& step, const RowRun& run, int skip, UnitTile tile) {
  constexpr int row_floats = Cell::num_gates * Cell::panel_units;
  const auto p = static_cast<std::size_t>(tile.panel);
  const std::size_t first = row_at(run.first, skip), prev = row_at(before(run, step.is_reverse), skip);
  const float* biases = step.weights + p * step.weights_panel_stride + tile.lane;
  Vector acc[Rows][Cell::num_slots * Vectors];
  SEQSWEEP_UNROLL for (int s = 0; s < Cell::num_slots; ++s) SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) {
    const Vector bias = hn::LoadU(tag, biases + s * Cell::panel_units + v * lanes);
    SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) acc[r][s * Vectors + v] = bias;
  }
  const WeightPanels panels{.first = step.weights,
                            .stride = step.weights_panel_stride,
                            .count = panels_of(step.num_units, Cell::panel_units),
                            .rows = step.num_inputs + step.num_units,
                            .row_floats = row_floats};
  WeightStream weights = panels.stream(tile.panel, Cell::num_slots * Cell::panel_units + tile.lane, skip / Rows);
  multiply_add<columns_into<Cell, Vectors>(Cell::input_slot)>(step.x + first * step.x_stride, step.x_stride,
                                                              step.num_inputs, weights, row_floats, acc);
  if constexpr (continues)
    multiply_add<columns_into<Cell, Vectors>(Cell::hidden_slot)>(step.y + prev * step.y_stride, step.y_stride,
                                                                 step.num_units, weights, row_floats, acc);

  const bool has_tape = step.gates != nullptr;
  const std::size_t sequence = row_at(run.sequence, skip);
  float* cells = step.cells + p * step.cells_panel_stride;
  SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) {
    const auto i = static_cast<std::size_t>(r), lane = static_cast<std::size_t>(tile.lane + v * lanes);
    const std::size_t unit = p * Cell::panel_units + lane;
    UnitForward at{};
    if (has_tape) at.gates = step.gates + p * step.gates_panel_stride + (first + i) * gates_row<Cell> + lane;
    if constexpr (Cell::has_cell_state) {
      at.c = cells + ((has_tape ? first : sequence) + i) * cells_row<Cell> + lane;
      if (continues) at.c_prev = cells + ((has_tape ? prev : sequence) + i) * cells_row<Cell> + lane;
    }
    if (continues) at.h_prev = step.y + (prev + i) * step.y_stride + unit;
    at.h = step.y + (first + i) * step.y_stride + unit;
    Vector sums[Cell::num_slots];
    SEQSWEEP_UNROLL for (int s = 0; s < Cell::num_slots; ++s) sums[s] = acc[r][s * Vectors + v];
    Cell::forward(sums, at);
  }
}

/// Calls f(tile, integral_constant<vectors per gate>) for all units, as many at once as the cell's tiles take.
template <class Cell, class F>
HWY_INLINE void for_unit_tiles(int num_units, F&& f) {
  constexpr int most = Cell::tile_vectors * lanes;
  static_assert(Cell::panel_units % most == 0);
  for (int unit = 0; unit < num_units; unit += most) {
    const UnitTile tile{unit / Cell::panel_units, unit % Cell::panel_units};
    const int vectors = (std::min(num_units - unit, most) + lanes - 1) / lanes;
    with_constant<Cell::tile_vectors>(vectors, [&](auto count) HWY_ATTR { f(tile, count); });
  }
}

template <class Cell>
void forward_step(const ForwardStep& step) {
  constexpr int tile_rows = tile_accumulators / (Cell::num_slots * Cell::tile_vectors);
  for_unit_tiles<Cell>(step.num_units, [&](UnitTile tile, auto vectors) HWY_ATTR {
    for (const RowRun& run : step.runs)
      for_tiles<tile_rows>(0, run.count, [&](int skip, auto rows) HWY_ATTR {
        if (before(run, step.is_reverse) != no_row)
          forward_tile<Cell, vectors(), rows(), true>(step, run, skip, tile);
        else
          forward_tile<Cell, vectors(), rows(), false>(step, run, skip, tile);
      });
  });
}

template <class Cell, int Vectors, int Rows, bool is_continued>
HWY_NOINLINE void backward_tile(const BackwardStep& step, const RowRun& run, int skip, int panel) {
  constexpr int panel_floats = 2 * lanes;
  const auto first_unit = static_cast<std::size_t>(panel * panel_floats);
  const std::size_t first = row_at(run.first, skip), sequence = row_at(run.sequence, skip);
  const float* dy = nullptr;
  if (!step.dy_at_end_only)
    dy = step.dy + first * step.dy_stride + first_unit;
  else if (!is_continued)
    dy = step.dy + sequence * step.dy_stride + first_unit;
  float* carry = step.carry + sequence * step.carry_stride + first_unit;
  Vector acc[Rows][Vectors];
  SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) {
    const auto i = static_cast<std::size_t>(r);
    acc[r][v] = dy != nullptr ? hn::LoadU(tag, dy + i * step.dy_stride + v * lanes) : hn::Zero(tag);
    if constexpr (is_continued && Cell::carries_dh)
      acc[r][v] = hn::Add(acc[r][v], hn::LoadU(tag, carry + i * step.carry_stride + v * lanes));
  }
  if constexpr (is_continued) {
    const WeightPanels panels{.first = step.weights,
                              .stride = step.weights_panel_stride,
                              .count = panels_of(step.num_units, panel_floats),
                              .rows = Cell::num_gates * step.num_units,
                              .row_floats = panel_floats};
    constexpr int no_bias = 0;
    WeightStream weights = panels.stream(panel, no_bias, skip / Rows);
    const float* du = step.gates + row_at(after(run, step.is_reverse), skip) * gates_row<Cell>;
    for (const ColumnRun& columns : step.hidden_columns)
      multiply_add<plain_columns<Vectors>()>(du + columns.offset, gates_row<Cell>, columns.count, weights, panel_floats,
                                             acc);
  }
  const int prev_row = before(run, step.is_reverse);
  const std::size_t prev = row_at(prev_row, skip);
  SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) {
    const auto i = static_cast<std::size_t>(r);
    const std::size_t unit = first_unit + static_cast<std::size_t>(v * lanes);
    const std::size_t p = unit / Cell::panel_units, lane = unit % Cell::panel_units;
    UnitBackward at{};
    at.gates = step.gates + p * step.gates_panel_stride + (first + i) * gates_row<Cell> + lane;
    if constexpr (Cell::has_cell_state) {
      const float* cells = step.cells + p * step.cells_panel_stride + lane;
      at.c = cells + (first + i) * cells_row<Cell>;
      if (prev_row != no_row) at.c_prev = cells + (prev + i) * cells_row<Cell>;
    }
    if (prev_row != no_row) at.h_prev = step.y + (prev + i) * step.y_stride + unit;
    at.h = step.y + (first + i) * step.y_stride + unit;
    at.carry = carry + i * step.carry_stride + v * lanes;
    at.is_continued = is_continued;
    if (step.dh != nullptr) hn::StoreU(acc[r][v], tag, step.dh + (sequence + i) * step.carry_stride + unit);
    Cell::backward(acc[r][v], at);
  }
}

/// Calls f(panel, integral_constant<vectors>) for panels of two vectors over `width` columns.
template <class F>
HWY_INLINE void for_vector_pairs(int width, F&& f) {
  for (int panel = 0; panel * 2 * lanes < width; ++panel) {
    const int left = (width - panel * 2 * lanes + lanes - 1) / lanes;
    with_constant<2>(std::min(left, 2), [&](auto vectors) HWY_ATTR { f(panel, vectors); });
  }
}

template <class Cell>
void backward_step(const BackwardStep& step) {
  constexpr int tile_rows = tile_accumulators / 2;
  for_vector_pairs(step.num_units, [&](int panel, auto vectors) HWY_ATTR {
    for (const RowRun& run : step.runs)
      for_tiles<tile_rows>(0, run.count, [&](int skip, auto rows) HWY_ATTR {
        if (after(run, step.is_reverse) != no_row)
          backward_tile<Cell, vectors(), rows(), true>(step, run, skip, panel);
        else
          backward_tile<Cell, vectors(), rows(), false>(step, run, skip, panel);
      });
  });
}

/// Calls f(job) for as many rows of a job at a time as should be gone through before the next columns. Each tile reads
/// a cache line of every row: of a wide factor, the rows would be gone from the first-level cache when the next tile
/// comes.
template <class F>
HWY_INLINE void for_row_blocks(const WeightGradient& job, F&& f) {
  constexpr int most_columns = 256;
  constexpr std::size_t block_rows = 64;
  if (job.num_columns <= most_columns) return f(job);
  std::array<Run, block_rows> runs;
  WeightGradient block = job;
  std::size_t num_runs = 0, num_rows = 0;
  const auto finish = [&]() HWY_ATTR {
    block.runs = std::span(runs).first(num_runs);
    f(block);
    block.is_first = false;
    num_runs = num_rows = 0;
  };
  for (Run rest : job.runs)
    while (rest.count > 0) {
      const std::size_t taken = std::min(static_cast<std::size_t>(rest.count), block_rows - num_rows);
      runs[num_runs++] = {rest.a, rest.g, static_cast<int>(taken)};
      rest = {rest.a + taken * job.a_stride, rest.g + taken * job.g_stride, rest.count - static_cast<int>(taken)};
      num_rows += taken;
      if (num_rows == block_rows) finish();
    }
  if (num_rows > 0 || block.is_first) finish();
}

template <class Cell, bool of_input>
void cell_weight_gradient(const WeightGradient& job) {
  constexpr int row_floats = Cell::num_gates * Cell::panel_units;
  constexpr int tile_rows = tile_accumulators / (Cell::num_gates * Cell::tile_vectors);
  for_unit_tiles<Cell>(job.num_units, [&](UnitTile tile, auto vectors) HWY_ATTR {
    constexpr auto columns = columns_from<Cell, vectors()>(of_input ? Cell::input_slot : Cell::hidden_slot);
    for_row_blocks(job, [&](const WeightGradient& block) HWY_ATTR {
      for_tiles<tile_rows>(0, job.num_columns, [&](int first, auto rows) HWY_ATTR {
        weight_gradient_tile<columns, rows()>(block, first, tile, row_floats);
      });
    });
  });
}

/// Σ over the rows of each of `Vectors` neighbouring vectors.
template <int Vectors>
HWY_INLINE void sum_rows(const WeightGradient& job, std::size_t g_offset, float* out) {
  Vector acc[Vectors];
  SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) acc[v] =
      job.is_first ? hn::Zero(tag) : hn::LoadU(tag, out + v * lanes);
  for (const Run& run : job.runs) {
    const float* g = run.g + g_offset;
    for (int n = 0; n < run.count; ++n, g += job.g_stride)
      SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) acc[v] = hn::Add(acc[v], hn::LoadU(tag, g + v * lanes));
  }
  SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) hn::StoreU(acc[v], tag, out + v * lanes);
}

template <class Cell>
void cell_bias_gradient(const WeightGradient& job) {
  constexpr int vectors = Cell::num_slots * (Cell::panel_units / lanes);
  for (int panel = 0; panel * Cell::panel_units < job.num_units; ++panel) {
    const auto p = static_cast<std::size_t>(panel);
    sum_rows<vectors>(job, p * job.g_panel_stride, job.gradient + p * job.gradient_panel_stride);
  }
}

/// The table of a cell; the five functions are those that its file exports for every instruction set.
template <class Cell>
CellKernels describe() {
  CellKernels kernels;
  kernels.panel_units = Cell::panel_units;
  kernels.num_gates = Cell::num_gates;
  kernels.num_slots = Cell::num_slots;
  kernels.input_slot = Cell::input_slot;
  kernels.hidden_slot = Cell::hidden_slot;
  kernels.has_cell_state = Cell::has_cell_state;
  kernels.forward = forward_step<Cell>;
  kernels.backward = backward_step<Cell>;
  kernels.input_gradient = cell_weight_gradient<Cell, true>;
  kernels.hidden_gradient = cell_weight_gradient<Cell, false>;
  kernels.bias_gradient = cell_bias_gradient<Cell>;
  return kernels;
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
