// SPDX-License-Identifier: Apache-2.0
//
// Simple recurrent network.
//
//   h_t = φ(a_t + u_t)
//
// Jeffrey L. Elman, "Finding structure in time", Cognitive Science 14 (1990). φ: tanh, relu or sigmoid.

#include "nn/activations.hpp"
#include "nn/cells/cell.hpp"

namespace seqsweep::nn {
namespace {

template <class Scalar>
class Rnn final : public Cell<Scalar> {
 public:
  explicit Rnn(const Activation<Scalar>& activation) : activation_(activation) {}

  [[nodiscard]] int num_gates() const override { return 1; }

  void forward(ForwardStep<Scalar> step) const override {
    step.h_t = step.gates + step.u_t;
    activation_.apply(step.h_t);
  }

  void backward(BackwardStep<Scalar> step) const override {
    step.gates = step.dh_t;
    activation_.multiply_by_slope(step.h_t, step.gates);
    step.u_t = step.gates;
    step.dh_prev.setZero();
  }

 private:
  Activation<Scalar> activation_;
};

}  // namespace

template <class Scalar>
std::unique_ptr<Cell<Scalar>> make_rnn(const NetworkSpec& spec) {
  return std::make_unique<Rnn<Scalar>>(find_in(activation_catalogue<Scalar>(), "activation", spec.activation).make);
}

template std::unique_ptr<Cell<float>> make_rnn(const NetworkSpec&);
template std::unique_ptr<Cell<double>> make_rnn(const NetworkSpec&);

}  // namespace seqsweep::nn
