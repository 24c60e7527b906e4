// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "nn/engine/memory.hpp"
#include "nn/engine/packing.hpp"
#include "nn/engine/part_tree.hpp"
#include "nn/engine/row_block.hpp"
#include "nn/engine/weight_chunks.hpp"
#include "nn/kernels/kernels.hpp"
#include "nn/layout.hpp"

namespace seqsweep::nn::engine {

/// What flows back into a layer: dy of every step (packed), or of each sequence's end alone (one row a sequence).
struct OutputGradient {
  Rows rows;
  bool at_end_only = false;
};

/// Who looks on while a pass goes back. Functions may be empty.
struct BackwardHooks {
  std::function<void()> between_steps;
  /// dh_t of the forward direction of a layer [sequences × H] after step t, for the sequences active in it.
  std::function<void(int layer, int t, Rows dh)> on_dh;
};

/// Whether the pass will be followed by a backward pass.
enum class Tape { kept, dropped };

/// One direction of a recurrent layer on the kernels: packed weights, the tape, and back-propagation through time.
///
///   forward   a_t = b + x_t W_ihᵀ + h_prev W_hhᵀ and the gates on the same tile, step by step
///   backward  dh_t = dy_t + du_next W_hh and the gates' gradients, step by step; whenever the gradients of some 200
///             rows have come together, and while they are in the cache: dW_ih, dW_hh, db, dX of those rows
class Direction {
 public:
  Direction(const NetworkSpec& spec, const ParameterLayout& layout, const kernels::CellKernels& cell, int layer,
            nn::Direction direction);

  /// Packs this direction's weights. `wants_dX`: also those that dX needs.
  void load(const float* parameters, bool wants_dX);

  /// Writes this direction's columns of y [N × H].
  void forward(const RowBlock& block, Rows x, Rows y, Tape tape);

  /// After forward on the same block. Adds to the gradient panels of each part; begins them anew if `is_first`. Writes
  /// (`adds_dX`: adds to) dX, unless its data is null.
  struct BackwardJob {
    Rows x, y;
    OutputGradient dy;
    Rows dX;
    bool adds_dX = false;
    bool is_first = false;
    const BackwardHooks* hooks = nullptr;
    bool shows_dh = false;  ///< to hooks->on_dh
  };
  void backward(const RowBlock& block, const BackwardJob& job);

  /// Adds the parts' gradient panels up and writes this direction's tensors of a parameter block.
  void write_gradient(const PartTree& tree, DenseGradient gradient);

  [[nodiscard]] std::size_t memory_bytes() const;
  [[nodiscard]] std::span<const InputColumns> input_columns() const { return input_columns_; }

 private:
  /// Gradients in panels.
  struct Panels {
    Floats dW_ih, dW_hh, db;
  };
  void reserve_tape(const RowBlock& block, Tape tape);
  void reserve_gradients(std::size_t num_parts);
  void add_weight_gradients(const BackwardJob& job, const WeightChunks::Chunk& chunk);
  /// Sets chunk_runs_ to rows of the factor and of the gate gradients.
  void find_runs(std::span<const RowPairs> pairs, Rows factor);
  void write_dX(const RowBlock& block, const BackwardJob& job, int t);

  const Tensor &W_ih_, &W_hh_, &b_ih_, &b_hh_;
  kernels::CellKernels cell_;
  GatePanels panels_;
  int layer_;
  bool is_reverse_;
  int hidden_size_;
  std::vector<InputColumns> input_columns_;
  std::vector<InputColumns> hidden_columns_;  ///< one range: 0 … H-1
  int input_width_;                           ///< columns of x in memory, padding between directions included

  Floats weights_, hidden_weights_, input_weights_;  ///< packed: forward, W_hh for du, W_ih for da
  Floats gates_, cells_, carry_, dh_;
  std::size_t gates_stride_ = 0, cells_stride_ = 0;  ///< between panels
  std::vector<Panels> gradients_;                    ///< [parts]
  WeightChunks chunks_;
  std::vector<kernels::ColumnRun> hidden_runs_, input_runs_;
  std::vector<kernels::Run> chunk_runs_;
};

}  // namespace seqsweep::nn::engine
