// SPDX-License-Identifier: Apache-2.0
//
// How much of the loss gradient survives its way back through time: the quantity that Bengio, Simard, Frasconi
// ("Learning long-term dependencies with gradient descent is difficult", 1994) prove to vanish or explode.

#include <algorithm>
#include <bit>
#include <cmath>

#include "nn/reference_body.hpp"

namespace seqsweep::nn {
namespace {

/// Bins 0, 1, 2–3, 4–7 …: bin i > 0 holds 2^(i-1) … 2^i - 1.
std::size_t bin_of(int distance) {
  return static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(distance)));
}

/// Zeroes the gradient of all outputs but those of each sequence's last step.
template <class Scalar>
void keep_last_steps(const SequenceBatch& batch, View<Scalar> d_outputs) {
  for (Index b = 0; b < batch.num_sequences; ++b) {
    const int last_step = batch.lengths[static_cast<std::size_t>(b)] - 1;
    for (int t = 0; t < last_step; ++t) d_outputs.row(batch.offset_at[static_cast<std::size_t>(t)] + b).setZero();
  }
}

/// Root mean squares of the rows of dH [N × H] by distance from their sequence's last step.
template <class Scalar>
std::vector<GradientFlowBin> bin_by_distance(const SequenceBatch& batch, ConstView<Scalar> dH, int layer) {
  std::vector<double> square_sums(bin_of(batch.num_steps - 1) + 1);
  std::vector<double> rows(square_sums.size());
  for (Index b = 0; b < batch.num_sequences; ++b) {
    const int length = batch.lengths[static_cast<std::size_t>(b)];
    for (int t = 0; t < length; ++t) {
      const std::size_t bin = bin_of(length - 1 - t);
      const auto dh_t = dH.row(batch.offset_at[static_cast<std::size_t>(t)] + b);
      square_sums[bin] += dh_t.template cast<double>().squaredNorm();
      rows[bin] += 1;
    }
  }
  std::vector<GradientFlowBin> bins;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int from = i == 0 ? 0 : 1 << (i - 1);
    const int to = i == 0 ? 0 : std::min(2 * from, batch.num_steps) - 1;
    bins.push_back({layer, from, to, std::sqrt(square_sums[i] / rows[i])});
  }
  return bins;
}

}  // namespace

template <class Scalar>
std::vector<GradientFlowBin> ReferenceNetwork<Scalar>::gradient_flow(std::span<const Scalar> parameters,
                                                                     const SequenceBatch& batch) {
  if (batch.num_sequences == 0) return {};
  body_->forward(parameters, batch, std::nullopt);
  constexpr double loss_of_each_sequence = 1;
  body_->loss->differentiate({body_->head.outputs(), batch}, loss_of_each_sequence, body_->head.d_outputs());
  if (body_->spec.head == HeadPosition::every_step) keep_last_steps<Scalar>(batch, body_->head.d_outputs());
  body_->backward(batch);
  std::vector<GradientFlowBin> flow;
  for (int layer = 0; layer < body_->spec.num_layers; ++layer) {
    const auto& forward_direction = body_->layers[static_cast<std::size_t>(layer)].directions().front();
    const auto bins = bin_by_distance<Scalar>(batch, forward_direction.dH(), layer);
    flow.insert(flow.end(), bins.begin(), bins.end());
  }
  return flow;
}

template std::vector<GradientFlowBin> ReferenceNetwork<float>::gradient_flow(std::span<const float>,
                                                                             const SequenceBatch&);
template std::vector<GradientFlowBin> ReferenceNetwork<double>::gradient_flow(std::span<const double>,
                                                                              const SequenceBatch&);

}  // namespace seqsweep::nn
