// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "seqsweep/core/catalogue.hpp"

#include "nn/notation.hpp"

namespace seqsweep::nn {

/// y = φ(x), elementwise, and its slope as a function of y.
template <class Scalar>
struct Activation {
  void (*apply)(View<Scalar> x);                                   ///< x becomes y
  void (*multiply_by_slope)(ConstView<Scalar> y, View<Scalar> d);  ///< d becomes d ∘ φ'(x)
};

template <class Scalar>
[[nodiscard]] std::span<const CatalogueEntry<Activation<Scalar>>> activation_catalogue();

}  // namespace seqsweep::nn
