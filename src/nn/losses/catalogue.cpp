// SPDX-License-Identifier: Apache-2.0
#include "nn/losses/loss.hpp"

namespace seqsweep::nn {

template <class Scalar>
std::unique_ptr<Loss<Scalar>> make_mse();
template <class Scalar>
std::unique_ptr<Loss<Scalar>> make_cross_entropy();
template <class Scalar>
std::unique_ptr<Loss<Scalar>> make_bernoulli();

template <class Scalar>
std::span<const CatalogueEntry<MakeLoss<Scalar>>> loss_catalogue() {
  static constexpr CatalogueEntry<MakeLoss<Scalar>> catalogue[] = {
      {"mse", "mean squared error over all target elements", make_mse<Scalar>},
      {"cross_entropy", "softmax cross-entropy, mean over scored rows [nats]", make_cross_entropy<Scalar>},
      {"bernoulli", "independent on/off keys, summed over keys, mean over rows [nats]", make_bernoulli<Scalar>},
  };
  return catalogue;
}

template std::span<const CatalogueEntry<MakeLoss<float>>> loss_catalogue<float>();
template std::span<const CatalogueEntry<MakeLoss<double>>> loss_catalogue<double>();

}  // namespace seqsweep::nn
