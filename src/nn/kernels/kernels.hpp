// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/nn/spec.hpp"

// What the inner loops of training are given. Units of a layer stand in panels: `panel_units` neighbouring units of all
// gates side by side, as many as a tile of registers computes at once. In memory
//
//   packed weights  [panel][bias | D input rows | H hidden rows][gate][panel_units]      (packing.hpp)
//   gates           [panel][row][slot][panel_units]    activated gates, later their gradients
//   cells           [panel][row][c, tanh c][panel_units]
//   y               [row][unit], row-major
//
// A slot is what is kept of a gate; the GRU has four of them (r, z, a_n, u_n) for its three gates. Units past H, which
// fill the last panel, have zero weights.

namespace seqsweep::nn::kernels {

constexpr int no_row = -1;

/// Rows of one step that are neighbours there, and so are their states one step earlier and later.
struct RowRun {
  int first = 0;  ///< packed row
  int count = 0;
  int earlier = no_row;  ///< packed row of the first one's state at t - 1; no_row: the sequence begins at t
  int later = no_row;    ///< at t + 1; no_row: it ends at t
  int sequence = 0;      ///< of the first row
};

/// One step of one direction, forward. Arrays are those of all packed rows; a row that continues none starts from zero.
struct ForwardStep {
  std::span<const RowRun> runs;
  bool is_reverse = false;   ///< the walk's previous state stands at t + 1
  int num_units = 0;         ///< H
  int num_inputs = 0;        ///< D
  const float* x = nullptr;  ///< [N × D], stride x_stride
  std::size_t x_stride = 0;
  const float* weights = nullptr;
  std::size_t weights_panel_stride = 0;
  float* y = nullptr;  ///< h of every row [N × H], stride y_stride
  std::size_t y_stride = 0;
  float* gates = nullptr;  ///< out; null: no tape is kept, and cells have one row per sequence, not per packed row
  std::size_t gates_panel_stride = 0;
  float* cells = nullptr;
  std::size_t cells_panel_stride = 0;
};

/// Part of a row of gate gradients: `count` neighbouring floats from `offset` on.
struct ColumnRun {
  std::ptrdiff_t offset = 0;
  int count = 0;
};

/// The same step backward: dh = dy + what the next step of the walk sends back, then the gradients of the gates.
struct BackwardStep {
  std::span<const RowRun> runs;
  bool is_reverse = false;
  int num_units = 0;
  std::span<const ColumnRun> hidden_columns;  ///< the columns of a row of gates that du is made of
  const float* weights = nullptr;             ///< W_hh packed for rows of du: [panel of 2 vectors][column][2 vectors]
  std::size_t weights_panel_stride = 0;
  float* gates = nullptr;  ///< in: activated gates; out: their gradients
  std::size_t gates_panel_stride = 0;
  const float* cells = nullptr;
  std::size_t cells_panel_stride = 0;
  const float* y = nullptr;
  std::size_t y_stride = 0;
  const float* dy = nullptr;  ///< [N × H], or [sequences × H] if dy_at_end_only; null: none
  std::size_t dy_stride = 0;
  bool dy_at_end_only = false;  ///< dy reaches only the last row of each sequence in the walk
  float* carry = nullptr;       ///< [sequences × H] what goes to the walk's previous step beside du W_hh
  std::size_t carry_stride = 0;
  float* dh = nullptr;  ///< out [sequences × H], stride carry_stride; null: not wanted
};

/// Rows that follow each other at one stride, of the input and of the gate gradients.
struct Run {
  const float* a = nullptr;  ///< [count × columns], stride a_stride
  const float* g = nullptr;  ///< panel 0 of [count × row], stride g_stride
  int count = 0;
};

/// gradient[panel][column][gate][unit] (+)= Σ over the runs' rows of a[column] · g[gate][unit].
struct WeightGradient {
  std::span<const Run> runs;
  std::size_t a_stride = 0;
  std::size_t g_stride = 0;
  std::size_t g_panel_stride = 0;
  int num_columns = 0;  ///< of a
  int num_units = 0;    ///< of g
  float* gradient = nullptr;
  std::size_t gradient_panel_stride = 0;
  bool is_first = false;  ///< overwrites instead of adding
};

/// out (+)= rows · weights (+ bias): the head, and gradients of inputs.
struct Projection {
  int rows = 0;
  int num_outputs = 0;
  std::span<const ColumnRun> columns;  ///< of a row that is multiplied
  const float* a = nullptr;            ///< first row
  std::size_t a_stride = 0;
  const float* bias = nullptr;     ///< [num_outputs, padded to a panel]; null: none
  const float* weights = nullptr;  ///< [panel of 2 vectors][column][2 vectors]
  float* out = nullptr;            ///< [rows × num_outputs, padded to a vector], stride out_stride
  std::size_t out_stride = 0;
  bool adds = false;  ///< to what is in `out`
};

/// A recurrent cell as kernels, for the instruction set in use.
struct CellKernels {
  int panel_units = 0;
  int num_gates = 0;                 ///< G: columns of weights per unit
  int num_slots = 0;                 ///< what is kept per unit
  std::array<int, 4> input_slot{};   ///< where gate g of a = W_ih x stands
  std::array<int, 4> hidden_slot{};  ///< where gate g of u = W_hh h stands
  bool has_cell_state = false;
  void (*forward)(const ForwardStep&) = nullptr;
  void (*backward)(const BackwardStep&) = nullptr;
  void (*input_gradient)(const WeightGradient&) = nullptr;   ///< dW_ih
  void (*hidden_gradient)(const WeightGradient&) = nullptr;  ///< dW_hh
  void (*bias_gradient)(const WeightGradient&) = nullptr;    ///< Σ of each slot; `a` is not read, one column
};

using MakeCellKernels = CellKernels (*)();
/// The kernels of each cell; "rnn" has one entry per activation: "rnn tanh" …
[[nodiscard]] std::span<const CatalogueEntry<MakeCellKernels>> cell_kernels_catalogue();

[[nodiscard]] CellKernels cell_kernels_of(const NetworkSpec& spec);

/// Floats in a vector of the instruction set in use.
[[nodiscard]] int vector_floats();

void project(const Projection& job);
/// dW of the head: as CellKernels::input_gradient, with one gate and panels of two vectors.
void head_gradient(const WeightGradient& job);
/// Σ over the runs' rows of g, one panel row: as CellKernels::bias_gradient.
void head_bias_gradient(const WeightGradient& job);

}  // namespace seqsweep::nn::kernels
