// SPDX-License-Identifier: Apache-2.0
#include "nn/reference_body.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "seqsweep/core/error.hpp"

#include "nn/layers/embedding.hpp"
#include "nn/spec.hpp"

namespace seqsweep::nn {
namespace {

/// Eigen blocks its products by the size of the caches it finds, and where it splits a sum is visible in the last bit.
/// Fixed sizes make the bits the same on every machine of one instruction set.
void pin_product_blocking() {
  static std::once_flag once;
  std::call_once(once, [] { Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20); });
}

NetworkSpec checked(const NetworkSpec& spec) {
  check_spec(spec);
  pin_product_blocking();
  return spec;
}

}  // namespace

template <class Scalar>
ReferenceNetwork<Scalar>::Body::Body(const NetworkSpec& network_spec)
    : spec(checked(network_spec)),
      cell(make_cell<Scalar>(spec)),
      loss(make_loss<Scalar>(spec)),
      layout(make_layout(spec, cell->num_gates())),
      head(spec, layout),
      activations_(static_cast<std::size_t>(spec.num_layers) + 1),
      d_activations_(2) {
  for (int layer = 0; layer < spec.num_layers; ++layer) {
    layers.emplace_back(spec, layout, layer);
    dropouts_.emplace_back(layer == 0 ? 0 : spec.dropout, layer);
  }
}

template <class Scalar>
void ReferenceNetwork<Scalar>::Body::check_batch(const SequenceBatch& batch) const {
  const auto N = static_cast<std::size_t>(num_packed_rows(batch));
  const auto B = static_cast<std::size_t>(batch.num_sequences);
  const auto R = spec.head == HeadPosition::last_step ? B : N;
  SEQSWEEP_EXPECT(batch.lengths.size() == B, "pack_lengths was not called on the batch");
  SEQSWEEP_EXPECT(spec.vocabulary > 0 ? batch.tokens.size() == N
                                      : batch.features.size() == N * static_cast<std::size_t>(spec.num_features),
                  "the batch's input does not fit its packing or the network's spec");
  SEQSWEEP_EXPECT(loss->reads_classes() ? batch.classes.size() == R
                                        : batch.targets.size() == R * static_cast<std::size_t>(spec.num_outputs),
                  "the batch's targets do not fit the network's loss, outputs or head position");
  SEQSWEEP_EXPECT(!loss->reads_classes() || std::all_of(batch.classes.begin(), batch.classes.end(),
                                                        [&](std::int32_t c) { return c < spec.num_outputs; }),
                  "a class is larger than the number of outputs");
}

template <class Scalar>
void ReferenceNetwork<Scalar>::Body::read_input(const SequenceBatch& batch) {
  View<Scalar> X = activations_[0].shape(num_packed_rows(batch), input_width(spec, 0));
  if (spec.vocabulary > 0)
    embed<Scalar>(parameters.read().data(), tensor_named(layout, "embedding.weight"), batch, X);
  else
    X = ConstView<float>(batch.features.data(), X.rows(), X.cols()).template cast<Scalar>();
}

template <class Scalar>
void ReferenceNetwork<Scalar>::Body::forward(std::span<const Scalar> new_parameters, const SequenceBatch& batch,
                                             std::optional<DropoutKey> dropout) {
  SEQSWEEP_EXPECT(new_parameters.size() == layout.size, "the parameter block does not fit the network");
  check_batch(batch);
  const auto size = static_cast<Index>(layout.size);
  parameters.shape(1, size) = ConstView<Scalar>(new_parameters.data(), 1, size);
  const std::optional<RandomKey> key = dropout ? std::optional(dropout->key.fold(Purpose::dropout)) : std::nullopt;
  const Scalar* block = parameters.read().data();

  read_input(batch);
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    Buffer<Scalar>& X = activations_[layer];
    View<Scalar> Y = activations_[layer + 1].shape(X.read().rows(), spec.hidden_size * num_directions(spec));
    dropouts_[layer].forward_packed(key, batch, X.all());
    layers[layer].forward(*cell, block, batch, X.read(), Y);
  }
  head.forward(block, batch, activations_.back().read(), key);
}

template <class Scalar>
void ReferenceNetwork<Scalar>::Body::backward(const SequenceBatch& batch) {
  const Scalar* block = parameters.read().data();
  Scalar* gradient_block = gradient.shape(1, static_cast<Index>(layout.size)).data();
  Buffer<Scalar>* dY = &d_activations_[0];
  Buffer<Scalar>* dX = &d_activations_[1];

  const ConstView<Scalar> Y = activations_.back().read();
  head.backward(block, batch, dY->shape(Y.rows(), Y.cols()), gradient_block);
  for (std::size_t layer = layers.size(); layer-- > 0;) {
    const ConstView<Scalar> X = activations_[layer].read();
    layers[layer].backward(*cell, block, batch, X, dY->read(), gradient_block);
    if (layer == 0 && spec.vocabulary == 0) break;  // the data needs no gradient
    layers[layer].write_dX(block, dX->shape(X.rows(), X.cols()));
    dropouts_[layer].backward(dX->all());
    std::swap(dY, dX);
  }
  if (spec.vocabulary > 0)
    embed_backward<Scalar>(batch, tensor_named(layout, "embedding.weight"), dY->read(), gradient_block);
}

template struct ReferenceNetwork<float>::Body;
template struct ReferenceNetwork<double>::Body;

}  // namespace seqsweep::nn
