// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/network.hpp"

#include <algorithm>

#include "seqsweep/core/error.hpp"

#include "nn/initialisation.hpp"
#include "nn/network_body.hpp"

namespace seqsweep::nn {

ScoreSums& ScoreSums::operator+=(const ScoreSums& other) {
  loss += other.loss;
  count += other.count;
  elements += other.elements;
  absolute_error += other.absolute_error;
  squared_error += other.squared_error;
  target_sum += other.target_sum;
  target_square_sum += other.target_square_sum;
  correct += other.correct;
  return *this;
}

template <class Scalar>
Network<Scalar>::Network(const NetworkSpec& spec) : body_(std::make_unique<Body>(spec)) {}
template <class Scalar>
Network<Scalar>::~Network() = default;
template <class Scalar>
Network<Scalar>::Network(Network&&) noexcept = default;
template <class Scalar>
Network<Scalar>& Network<Scalar>::operator=(Network&&) noexcept = default;

template <class Scalar>
const NetworkSpec& Network<Scalar>::spec() const {
  return body_->spec;
}

template <class Scalar>
const ParameterLayout& Network<Scalar>::layout() const {
  return body_->layout;
}

template <class Scalar>
void Network<Scalar>::initialise(std::span<Scalar> parameters, RandomKey key) const {
  SEQSWEEP_EXPECT(parameters.size() == body_->layout.size, "the parameter block does not fit the network");
  for (const Tensor& tensor : body_->layout.tensors) {
    const Matrix<double> values = initial_values(body_->spec, tensor, body_->cell->forget_gate(), key);
    View<Scalar>(parameters.data() + tensor.offset, tensor.rows, tensor.columns) = values.template cast<Scalar>();
  }
}

template <class Scalar>
ScoreSums Network<Scalar>::forward_backward(std::span<const Scalar> parameters, const SequenceBatch& batch,
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
ScoreSums Network<Scalar>::evaluate(std::span<const Scalar> parameters, const SequenceBatch& batch,
                                    std::span<const float> target_scale) {
  SEQSWEEP_EXPECT(target_scale.empty() || target_scale.size() == static_cast<std::size_t>(body_->spec.num_outputs),
                  "there must be one target scale for each output");
  if (batch.num_sequences == 0) return {};
  body_->forward(parameters, batch, std::nullopt);
  return body_->loss->score({body_->head.outputs(), batch}, target_scale);
}

template <class Scalar>
void Network<Scalar>::predict(std::span<const Scalar> parameters, const SequenceBatch& batch,
                              std::vector<float>& outputs) {
  outputs.clear();
  if (batch.num_sequences == 0) return;
  body_->forward(parameters, batch, std::nullopt);
  const ConstView<Scalar> computed = body_->head.outputs();
  outputs.reserve(static_cast<std::size_t>(computed.size()));
  std::transform(computed.data(), computed.data() + computed.size(), std::back_inserter(outputs),
                 [](Scalar value) { return static_cast<float>(value); });
}

template class Network<float>;
template class Network<double>;

}  // namespace seqsweep::nn
