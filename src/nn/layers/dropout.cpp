// SPDX-License-Identifier: Apache-2.0
#include "nn/layers/dropout.hpp"

namespace seqsweep::nn {

template <class Scalar>
RandomStream Dropout<Scalar>::stream_of(RandomKey key, std::uint32_t sequence_id) const {
  return key.fold(static_cast<std::uint64_t>(layer_)).fold(sequence_id).stream();
}

template <class Scalar>
void Dropout<Scalar>::draw_row(RandomStream& stream, Index row) {
  const auto threshold = static_cast<std::uint32_t>(probability_ * 0x1.0p32);
  const auto kept = static_cast<Scalar>(1 / (1 - probability_));
  View<Scalar> mask = mask_.rows(row, 1);
  for (Index unit = 0; unit < mask.cols(); ++unit) mask(unit) = stream.next_u32() < threshold ? Scalar{0} : kept;
}

template <class Scalar>
void Dropout<Scalar>::forward_packed(std::optional<RandomKey> key, const SequenceBatch& batch, View<Scalar> X) {
  active_ = !is_off(key);
  if (!active_) return;
  mask_.shape(X.rows(), X.cols());
  for (std::size_t b = 0; b < batch.lengths.size(); ++b) {
    RandomStream stream = stream_of(*key, batch.sequence_ids[b]);
    for (int t = 0; t < batch.lengths[b]; ++t)
      draw_row(stream, batch.offset_at[static_cast<std::size_t>(t)] + static_cast<Index>(b));
  }
  X.array() *= mask_.read().array();
}

template <class Scalar>
void Dropout<Scalar>::forward_per_sequence(std::optional<RandomKey> key, const SequenceBatch& batch, View<Scalar> X) {
  active_ = !is_off(key);
  if (!active_) return;
  mask_.shape(X.rows(), X.cols());
  for (std::size_t b = 0; b < batch.lengths.size(); ++b) {
    RandomStream stream = stream_of(*key, batch.sequence_ids[b]);
    draw_row(stream, static_cast<Index>(b));
  }
  X.array() *= mask_.read().array();
}

template <class Scalar>
void Dropout<Scalar>::backward(View<Scalar> dX) const {
  if (active_) dX.array() *= mask_.read().array();
}

template class Dropout<float>;
template class Dropout<double>;

}  // namespace seqsweep::nn
