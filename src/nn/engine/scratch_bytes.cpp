// SPDX-License-Identifier: Apache-2.0
//
// What Network::memory_bytes() will be, before anything is allocated. Mirrors the reserve() calls of this folder.

#include <algorithm>
#include <cmath>

#include "seqsweep/nn/network.hpp"

#include "nn/engine/memory.hpp"
#include "nn/engine/packing.hpp"
#include "nn/layout.hpp"

namespace seqsweep::nn {
namespace {

using engine::Floats;
using engine::padded;
using engine::row_stride;

/// What the largest pass holds.
struct PassSize {
  std::size_t parts, sequences, rows;  ///< shards passed together, and their sequences and packed rows
};

PassSize pass_size(const NetworkSpec& spec, double num_sequences, double num_steps, int together) {
  const int shard = std::max(1, static_cast<int>(num_sequences));
  const int most = Network::most_sequences_of_a_pass(spec), pieces = (shard + most - 1) / most;
  const auto sequences = static_cast<std::size_t>(together * ((shard + pieces - 1) / pieces));
  return {static_cast<std::size_t>(together), sequences, sequences * static_cast<std::size_t>(num_steps)};
}

std::size_t sum_of_bytes(std::initializer_list<std::size_t> float_counts) {
  std::size_t bytes = 0;
  for (const std::size_t count : float_counts) bytes += count > 0 ? Floats::bytes_for(count) : 0;
  return bytes;
}

std::size_t direction_bytes(const kernels::CellKernels& cell, const NetworkSpec& spec, std::size_t inputs,
                            bool wants_dX, const PassSize& pass) {
  const engine::GatePanels panels(cell, spec.hidden_size);
  const auto H = static_cast<std::size_t>(spec.hidden_size), P = static_cast<std::size_t>(panels.num_panels());
  const int depth = cell.num_gates * spec.hidden_size, width = static_cast<int>(inputs);
  const std::size_t gap = 64, carry = pass.sequences * row_stride(H);
  const std::size_t weights =
      sum_of_bytes({P * panels.weights_panel(width), engine::packed_floats(spec.hidden_size, depth),
                    wants_dX ? engine::packed_floats(width, depth) : 0});
  const std::size_t tape = sum_of_bytes({P * (pass.rows * panels.gates_row() + gap),
                                         cell.has_cell_state ? P * (pass.rows * panels.cells_row() + gap) : 0, carry});
  const std::size_t gradients =
      sum_of_bytes({P * inputs * panels.weights_row(), P * H * panels.weights_row(), P * panels.gates_row()});
  return weights + tape + pass.parts * gradients;
}

}  // namespace

double scratch_bytes(const NetworkSpec& spec, double num_sequences, double num_steps, int num_shards) {
  const PassSize pass = pass_size(spec, num_sequences, num_steps, num_shards);
  const kernels::CellKernels cell = kernels::cell_kernels_of(spec);
  const auto H = static_cast<std::size_t>(spec.hidden_size), K = static_cast<std::size_t>(spec.num_outputs);
  const auto directions = static_cast<std::size_t>(num_directions(spec));
  const std::size_t y_width = (directions - 1) * padded(H) + H;  // columns in memory
  const std::size_t y = pass.rows * row_stride(directions * padded(H));
  const bool drops = spec.dropout > 0;

  std::size_t bytes = sum_of_bytes({pass.rows * row_stride(static_cast<std::size_t>(input_width(spec, 0)))});
  for (int layer = 0; layer < spec.num_layers; ++layer) {
    const bool is_first = layer == 0, wants_dX = !is_first || spec.vocabulary > 0;
    const std::size_t inputs = is_first ? static_cast<std::size_t>(input_width(spec, 0)) : y_width;
    const std::size_t x = pass.rows * row_stride(inputs);
    bytes += directions * direction_bytes(cell, spec, inputs, wants_dX, pass);
    bytes += sum_of_bytes({y, wants_dX ? x : 0});
    if (drops && !is_first) bytes += sum_of_bytes({x, pass.rows * H * directions});
  }
  const bool is_last_step = spec.head == HeadPosition::last_step;
  const std::size_t R = is_last_step ? pass.sequences : pass.rows;
  const int width = static_cast<int>(y_width);
  const std::size_t packed = engine::packed_floats(spec.num_outputs, width);
  bytes += sum_of_bytes({packed, engine::packed_floats(spec.num_outputs, 1),
                         engine::packed_floats(width, spec.num_outputs), R * row_stride(K), R * row_stride(y_width),
                         is_last_step || drops ? R * row_stride(y_width) : 0, drops ? R * H * directions : 0});
  bytes += pass.parts * sum_of_bytes({packed, engine::packed_floats(spec.num_outputs, 1)});
  if (spec.vocabulary > 0) {
    const double tokens = num_shards * num_sequences * num_steps;
    const auto vocabulary = static_cast<std::size_t>(spec.vocabulary),
               touched = static_cast<std::size_t>(std::min<double>(spec.vocabulary, tokens));
    const std::size_t place = 2 * sizeof(std::size_t);
    bytes += sizeof(std::int32_t) * (vocabulary + touched) + sizeof(std::size_t) * touched + place * pass.rows;
    bytes += sum_of_bytes({pass.parts * static_cast<std::size_t>(spec.embedding_size)});
  }
  return static_cast<double>(bytes);
}

}  // namespace seqsweep::nn
