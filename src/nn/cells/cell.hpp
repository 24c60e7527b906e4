// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/nn/spec.hpp"

#include "nn/notation.hpp"

namespace seqsweep::nn {

/// One step forward, over the rows active in it.
template <class Scalar>
struct ForwardStep {
  View<Scalar> gates;        // [rows × G·H] in: a_t; out: the activated gates, which backward needs
  ConstView<Scalar> u_t;     // [rows × G·H]
  ConstView<Scalar> h_prev;  // [rows × H]
  ConstView<Scalar> c_prev;  // [rows × H], without columns for a cell that has no cell state; so c_t and dc_t
  View<Scalar> h_t;          // [rows × H] out
  View<Scalar> c_t;          // [rows × H] out
};

/// The same step backward.
template <class Scalar>
struct BackwardStep {
  View<Scalar> gates;        // [rows × G·H] in: the activated gates; out: da_t
  View<Scalar> u_t;          // [rows × G·H] in: u_t; out: du_t
  ConstView<Scalar> h_prev;  // [rows × H]
  ConstView<Scalar> c_prev;  // [rows × H]
  ConstView<Scalar> h_t;     // [rows × H]
  ConstView<Scalar> c_t;     // [rows × H]
  ConstView<Scalar> dh_t;    // [rows × H]
  View<Scalar> dc_t;         // [rows × H] in: what comes from the next step; out: dc_prev
  View<Scalar> dh_prev;      // [rows × H] out: the direct part, without what flows through u_t
};

/// The gate mathematics of a recurrent cell, and nothing else: matrix products, time and directions are the layer's.
/// a_t and u_t stay apart because the GRU gates u_t before it adds them.
template <class Scalar>
class Cell {
 public:
  virtual ~Cell() = default;
  /// G
  [[nodiscard]] virtual int num_gates() const = 0;
  [[nodiscard]] virtual bool has_cell_state() const { return false; }
  /// The gate whose bias starts at forget_bias; -1: none.
  [[nodiscard]] virtual int forget_gate() const { return -1; }

  virtual void forward(ForwardStep<Scalar> step) const = 0;
  virtual void backward(BackwardStep<Scalar> step) const = 0;
};

template <class Scalar>
using MakeCell = std::unique_ptr<Cell<Scalar>> (*)(const NetworkSpec&);

template <class Scalar>
[[nodiscard]] std::span<const CatalogueEntry<MakeCell<Scalar>>> cell_catalogue();

template <class Scalar>
[[nodiscard]] std::unique_ptr<Cell<Scalar>> make_cell(const NetworkSpec& spec) {
  return find_in(cell_catalogue<Scalar>(), "cell", spec.cell).make(spec);
}

}  // namespace seqsweep::nn
