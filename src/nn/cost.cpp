// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "seqsweep/nn/network.hpp"

#include "nn/cells/cell.hpp"
#include "nn/layout.hpp"
#include "nn/losses/loss.hpp"

namespace seqsweep::nn {

double scored_count(const NetworkSpec& spec, const SequenceBatch& batch) {
  const Index R = spec.head == HeadPosition::last_step ? batch.num_sequences : num_packed_rows(batch);
  return make_loss<float>(spec)->count(batch, R, spec.num_outputs);
}

double forward_multiply_adds(const NetworkSpec& spec, double num_steps, double num_sequences) {
  const double H = spec.hidden_size;
  const double G = make_cell<float>(spec)->num_gates();
  double per_step = 0;
  for (int layer = 0; layer < spec.num_layers; ++layer)
    per_step += num_directions(spec) * G * H * (input_width(spec, layer) + H);
  const double head = spec.num_outputs * H * num_directions(spec);
  return num_steps * per_step + (spec.head == HeadPosition::last_step ? num_sequences : num_steps) * head;
}

double scratch_bytes(const NetworkSpec& spec, double num_sequences, double num_steps) {
  const double H = spec.hidden_size;
  const double K = spec.num_outputs;
  const auto cell = make_cell<float>(spec);
  const double N = num_sequences * num_steps;
  const double R = spec.head == HeadPosition::last_step ? num_sequences : N;
  const double width = H * num_directions(spec);
  const double masks = spec.dropout > 0 ? 1 : 0;

  // Mirrors the buffers of RecurrentDirection, Network::Body and Head.
  const double states = cell->has_cell_state() ? 5 : 3;
  const double carried = num_sequences * H * (cell->has_cell_state() ? 2 : 1);
  const double direction = N * H * (2 * cell->num_gates() + states) + carried;
  const double activations = N * (input_width(spec, 0) + spec.num_layers * width);
  const double dropped = masks * N * width * (spec.num_layers - 1);
  const double d_input = spec.vocabulary > 0 ? spec.embedding_size : 0;
  const double gradients = N * (width + (spec.num_layers > 1 ? std::max(width, d_input) : d_input));
  const double head = R * (2 * K + (2 + masks) * width);
  const double elements = spec.num_layers * num_directions(spec) * direction + activations + dropped + gradients + head;
  return sizeof(float) * elements;
}

}  // namespace seqsweep::nn
