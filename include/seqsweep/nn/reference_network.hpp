// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "seqsweep/nn/network.hpp"

namespace seqsweep::nn {

/// The mathematics of Network written to be read, in float or double: Eigen expressions, one per formula. Tests hold
/// Network against it. Its bits depend on the batch given; they are nobody's result.
template <class Scalar>
class ReferenceNetwork {
 public:
  explicit ReferenceNetwork(const NetworkSpec& spec);
  ~ReferenceNetwork();
  ReferenceNetwork(ReferenceNetwork&&) noexcept;
  ReferenceNetwork& operator=(ReferenceNetwork&&) noexcept;

  [[nodiscard]] const NetworkSpec& spec() const;
  [[nodiscard]] const ParameterLayout& layout() const;
  void initialise(std::span<Scalar> parameters, RandomKey key) const;

  // As those of Network, but the whole gradient is written, embedding rows without a token as zeros.
  ScoreSums forward_backward(std::span<const Scalar> parameters, const SequenceBatch& batch, double loss_scale,
                             std::optional<DropoutKey> dropout, std::span<Scalar> gradient);
  ScoreSums evaluate(std::span<const Scalar> parameters, const SequenceBatch& batch,
                     std::span<const float> target_scale = {});
  void predict(std::span<const Scalar> parameters, const SequenceBatch& batch, std::vector<float>& outputs);
  std::vector<GradientFlowBin> gradient_flow(std::span<const Scalar> parameters, const SequenceBatch& batch);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

extern template class ReferenceNetwork<float>;
extern template class ReferenceNetwork<double>;

}  // namespace seqsweep::nn
