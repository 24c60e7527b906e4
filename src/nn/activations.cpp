// SPDX-License-Identifier: Apache-2.0
#include "nn/activations.hpp"

namespace seqsweep::nn {
namespace {

template <class Scalar>
constexpr Activation<Scalar> hyperbolic_tangent = {
    [](View<Scalar> x) { x.array() = x.array().tanh(); },
    [](ConstView<Scalar> y, View<Scalar> d) { d.array() *= Scalar{1} - y.array().square(); },
};

template <class Scalar>
constexpr Activation<Scalar> rectifier = {
    [](View<Scalar> x) { x.array() = x.array().max(Scalar{0}); },
    [](ConstView<Scalar> y, View<Scalar> d) { d.array() = (y.array() > Scalar{0}).select(d.array(), Scalar{0}); },
};

template <class Scalar>
constexpr Activation<Scalar> sigmoid = {
    [](View<Scalar> x) { x.array() = x.array().logistic(); },
    [](ConstView<Scalar> y, View<Scalar> d) { d.array() *= y.array() * (Scalar{1} - y.array()); },
};

}  // namespace

template <class Scalar>
std::span<const CatalogueEntry<Activation<Scalar>>> activation_catalogue() {
  static constexpr CatalogueEntry<Activation<Scalar>> catalogue[] = {
      {"tanh", "hyperbolic tangent", hyperbolic_tangent<Scalar>},
      {"relu", "max(x, 0)", rectifier<Scalar>},
      {"sigmoid", "1 / (1 + exp(-x))", sigmoid<Scalar>},
  };
  return catalogue;
}

template std::span<const CatalogueEntry<Activation<float>>> activation_catalogue<float>();
template std::span<const CatalogueEntry<Activation<double>>> activation_catalogue<double>();

}  // namespace seqsweep::nn
