// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <vector>

#include "nn/engine/memory.hpp"
#include "nn/kernels/kernels.hpp"

namespace seqsweep::nn::engine {

/// Columns of a layer's input as they stand in memory, and the weight columns they belong to. Two for the output of a
/// bidirectional layer, whose directions begin at whole cache lines.
struct InputColumns {
  int begin = 0;         ///< in memory
  int weight_begin = 0;  ///< in W_ih
  int count = 0;
};

/// One direction's tensors in the parameter block.
struct RecurrentWeights {
  const float* W_ih = nullptr;  ///< [G·H × D]
  const float* W_hh = nullptr;  ///< [G·H × H]
  const float* b_ih = nullptr;  ///< [G·H]
  const float* b_hh = nullptr;  ///< [G·H]
};

/// How the gates of a layer stand in panels, and how that relates to a weight's rows in the parameter block, which are
/// gate-major as PyTorch's: row g · H + unit.
class GatePanels {
 public:
  GatePanels(const kernels::CellKernels& cell, int hidden_size);

  [[nodiscard]] int num_panels() const { return (hidden_size_ + cell_.panel_units - 1) / cell_.panel_units; }
  /// Floats of one row of gates in a panel.
  [[nodiscard]] std::size_t gates_row() const { return size_of(cell_.num_slots * cell_.panel_units); }
  [[nodiscard]] std::size_t weights_row() const { return size_of(cell_.num_gates * cell_.panel_units); }
  [[nodiscard]] std::size_t cells_row() const { return size_of(2 * cell_.panel_units); }
  /// Floats of a panel of packed forward weights over D inputs.
  [[nodiscard]] std::size_t weights_panel(int num_inputs) const {
    return gates_row() + size_of(num_inputs + hidden_size_) * weights_row();
  }

  /// Writes [panel][bias | width rows | H rows][gate][unit] from the block's tensors. Padding stays as it was: zero.
  void pack_forward(std::span<const InputColumns> input, int width, const RecurrentWeights& weights,
                    float* packed) const;
  /// A panel [column][gate][unit] to its rows of the block's [G·H × weight columns].
  void unpack_gradient(int panel, const float* rows, std::span<const InputColumns> columns, float* gradient) const;
  /// bias[panel][slot][unit] to the block's [G·H], from the slot of each gate.
  void unpack_bias(const float* panels, const std::array<int, 4>& slots, float* gradient) const;

  /// The columns of a row of gates in which a weight's gradient stands: those of its slots, real units only, for
  /// gates whose panels begin `panel_stride` floats apart.
  void columns_of(const std::array<int, 4>& slots, std::size_t panel_stride,
                  std::vector<kernels::ColumnRun>& runs) const;
  /// Writes W [G·H × width] for products of those columns: [panel of 2 vectors][column][2 vectors].
  void pack_backward(std::span<const InputColumns> input, int width, const float* W, float* packed) const;

 private:
  [[nodiscard]] static std::size_t size_of(int count) { return static_cast<std::size_t>(count); }
  [[nodiscard]] int units_in(int panel) const;

  kernels::CellKernels cell_;
  int hidden_size_;
};

/// Number of weight columns in all.
[[nodiscard]] int num_weight_columns(std::span<const InputColumns> input);

/// Packs W [rows × columns] (row-major) for rows · Wᵀ: [panel of 2 vectors over the rows][column][2 vectors].
void pack_transposed(std::span<const InputColumns> input, int width, const float* W, int rows, float* packed);
/// Packs W [rows × columns] for rows · W: [panel of 2 vectors over the columns][row][2 vectors].
void pack_plain(std::span<const InputColumns> input, int width, const float* W, int rows, float* packed);
/// Floats of one panel of either over `depth` columns that are multiplied.
[[nodiscard]] std::size_t packed_panel_floats(int depth);
/// Floats of either: `outputs` columns of the product.
[[nodiscard]] std::size_t packed_floats(int outputs, int depth);

}  // namespace seqsweep::nn::engine
