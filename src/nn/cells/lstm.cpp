// SPDX-License-Identifier: Apache-2.0
//
// Long short-term memory.
//
//   i = σ(a_i + u_i)   f = σ(a_f + u_f)   g = tanh(a_g + u_g)   o = σ(a_o + u_o)
//   c_t = f ∘ c_{t-1} + i ∘ g
//   h_t = o ∘ tanh(c_t)
//
// Sepp Hochreiter, Jürgen Schmidhuber, "Long short-term memory", Neural Computation 9 (1997), with the forget gate of
// Felix Gers, Jürgen Schmidhuber, Fred Cummins, "Learning to forget", Neural Computation 12 (2000).
// Differs from the paper: full gradients through the gates; no peepholes. As PyTorch's nn.LSTM.

#include "nn/cells/cell.hpp"

namespace seqsweep::nn {
namespace {

template <class Scalar>
class Lstm final : public Cell<Scalar> {
 public:
  [[nodiscard]] int num_gates() const override { return 4; }
  [[nodiscard]] bool has_cell_state() const override { return true; }
  [[nodiscard]] int forget_gate() const override { return 1; }

  void forward(ForwardStep<Scalar> step) const override {
    const Index H = step.h_t.cols();
    auto i = step.gates.middleCols(0 * H, H).array();
    auto f = step.gates.middleCols(1 * H, H).array();
    auto g = step.gates.middleCols(2 * H, H).array();
    auto o = step.gates.middleCols(3 * H, H).array();
    step.gates += step.u_t;
    i = i.logistic();
    f = f.logistic();
    g = g.tanh();
    o = o.logistic();
    step.c_t.array() = f * step.c_prev.array() + i * g;
    step.h_t.array() = o * step.c_t.array().tanh();
  }

  void backward(BackwardStep<Scalar> step) const override {
    const Index H = step.h_t.cols();
    const auto i = step.gates.middleCols(0 * H, H).array();
    const auto f = step.gates.middleCols(1 * H, H).array();
    const auto g = step.gates.middleCols(2 * H, H).array();
    const auto o = step.gates.middleCols(3 * H, H).array();
    auto du_i = step.u_t.middleCols(0 * H, H).array();
    auto du_f = step.u_t.middleCols(1 * H, H).array();
    auto du_g = step.u_t.middleCols(2 * H, H).array();
    auto du_o = step.u_t.middleCols(3 * H, H).array();
    const auto dh_t = step.dh_t.array();
    auto dc_t = step.dc_t.array();
    const Scalar one{1};

    const Matrix<Scalar> tanh_c = step.c_t.array().tanh();  // [rows × H]
    dc_t += dh_t * o * (one - tanh_c.array().square());
    du_i = dc_t * g * i * (one - i);
    du_f = dc_t * step.c_prev.array() * f * (one - f);
    du_g = dc_t * i * (one - g.square());
    du_o = dh_t * tanh_c.array() * o * (one - o);
    dc_t *= f;
    step.gates = step.u_t;  // da_t = du_t
    step.dh_prev.setZero();
  }
};

}  // namespace

template <class Scalar>
std::unique_ptr<Cell<Scalar>> make_lstm(const NetworkSpec&) {
  return std::make_unique<Lstm<Scalar>>();
}

template std::unique_ptr<Cell<float>> make_lstm(const NetworkSpec&);
template std::unique_ptr<Cell<double>> make_lstm(const NetworkSpec&);

}  // namespace seqsweep::nn
