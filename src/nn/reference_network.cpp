// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/reference_network.hpp"

#include <algorithm>

#include "seqsweep/core/error.hpp"

#include "nn/initialisation.hpp"
#include "nn/reference_body.hpp"

namespace seqsweep::nn {

template <class Scalar>
ReferenceNetwork<Scalar>::ReferenceNetwork(const NetworkSpec& spec) : body_(std::make_unique<Body>(spec)) {}
template <class Scalar>
ReferenceNetwork<Scalar>::~ReferenceNetwork() = default;
template <class Scalar>
ReferenceNetwork<Scalar>::ReferenceNetwork(ReferenceNetwork&&) noexcept = default;
template <class Scalar>
ReferenceNetwork<Scalar>& ReferenceNetwork<Scalar>::operator=(ReferenceNetwork&&) noexcept = default;

template <class Scalar>
const NetworkSpec& ReferenceNetwork<Scalar>::spec() const {
  return body_->spec;
}

template <class Scalar>
const ParameterLayout& ReferenceNetwork<Scalar>::layout() const {
  return body_->layout;
}

template <class Scalar>
void ReferenceNetwork<Scalar>::initialise(std::span<Scalar> parameters, RandomKey key) const {
  initialise_parameters<Scalar>(body_->spec, body_->layout, key, parameters);
}

template <class Scalar>
ScoreSums ReferenceNetwork<Scalar>::forward_backward(std::span<const Scalar> parameters, const SequenceBatch& batch,
                                                     double loss_scale, std::optional<DropoutKey> dropout,
                                                     std::span<Scalar> gradient) {
  SEQSWEEP_EXPECT(gradient.size() == body_->layout.size, "the gradient block does not fit the network");
  if (batch.num_sequences == 0) {
    std::fill(gradient.begin(), gradient.end(), Scalar{0});
    return {};
  }
  body_->forward(parameters, batch, dropout);
  const LossInput<Scalar> input{body_->head.outputs(), batch};
  const ScoreSums sums = body_->loss->score(input, {});
  body_->loss->differentiate(input, loss_scale, body_->head.d_outputs());
  body_->backward(batch);
  const ConstView<Scalar> computed = body_->gradient.read();
  std::copy(computed.data(), computed.data() + computed.size(), gradient.begin());
  return sums;
}

template <class Scalar>
ScoreSums ReferenceNetwork<Scalar>::evaluate(std::span<const Scalar> parameters, const SequenceBatch& batch,
                                             std::span<const float> target_scale) {
  SEQSWEEP_EXPECT(target_scale.empty() || target_scale.size() == static_cast<std::size_t>(body_->spec.num_outputs),
                  "there must be one target scale for each output");
  if (batch.num_sequences == 0) return {};
  body_->forward(parameters, batch, std::nullopt);
  return body_->loss->score({body_->head.outputs(), batch}, target_scale);
}

template <class Scalar>
void ReferenceNetwork<Scalar>::predict(std::span<const Scalar> parameters, const SequenceBatch& batch,
                                       std::vector<float>& outputs) {
  outputs.clear();
  if (batch.num_sequences == 0) return;
  body_->forward(parameters, batch, std::nullopt);
  const ConstView<Scalar> computed = body_->head.outputs();
  outputs.reserve(static_cast<std::size_t>(computed.size()));
  std::transform(computed.data(), computed.data() + computed.size(), std::back_inserter(outputs),
                 [](Scalar value) { return static_cast<float>(value); });
}

template class ReferenceNetwork<float>;
template class ReferenceNetwork<double>;

}  // namespace seqsweep::nn
