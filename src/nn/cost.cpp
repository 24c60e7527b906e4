// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/network.hpp"

#include "nn/cells/cell.hpp"
#include "nn/layout.hpp"
#include "nn/losses/loss.hpp"
#include "nn/spec.hpp"

namespace seqsweep::nn {

ParameterLayout layout_of(const NetworkSpec& spec) {
  check_spec(spec);
  return make_layout(spec, make_cell<float>(spec)->num_gates());
}

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

}  // namespace seqsweep::nn
