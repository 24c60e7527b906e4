// SPDX-License-Identifier: Apache-2.0
//
// Gated recurrent unit.
//
//   r = σ(a_r + u_r)   z = σ(a_z + u_z)   n = tanh(a_n + r ∘ u_n)
//   h_t = (1 - z) ∘ n + z ∘ h_{t-1}
//
// Kyunghyun Cho et al., "Learning phrase representations using RNN encoder–decoder for statistical machine
// translation", EMNLP 2014, section 2.3.
// Differs from the paper: r gates u_n = h_{t-1} W_hnᵀ + b_hn rather than h_{t-1}, so that one product serves all gates.
// As PyTorch's nn.GRU.

#include "nn/cells/cell.hpp"

namespace seqsweep::nn {
namespace {

template <class Scalar>
class Gru final : public Cell<Scalar> {
 public:
  [[nodiscard]] int num_gates() const override { return 3; }

  void forward(ForwardStep<Scalar> step) const override {
    const Index H = step.h_t.cols();
    auto r = step.gates.middleCols(0 * H, H).array();
    auto z = step.gates.middleCols(1 * H, H).array();
    auto n = step.gates.middleCols(2 * H, H).array();
    const auto u_r = step.u_t.middleCols(0 * H, H).array();
    const auto u_z = step.u_t.middleCols(1 * H, H).array();
    const auto u_n = step.u_t.middleCols(2 * H, H).array();
    r = (r + u_r).logistic();
    z = (z + u_z).logistic();
    n = (n + r * u_n).tanh();
    step.h_t.array() = (Scalar{1} - z) * n + z * step.h_prev.array();
  }

  void backward(BackwardStep<Scalar> step) const override {
    const Index H = step.h_t.cols();
    const auto r = step.gates.middleCols(0 * H, H).array();
    const auto z = step.gates.middleCols(1 * H, H).array();
    auto n = step.gates.middleCols(2 * H, H).array();
    auto du_r = step.u_t.middleCols(0 * H, H).array();
    auto du_z = step.u_t.middleCols(1 * H, H).array();
    auto u_n = step.u_t.middleCols(2 * H, H).array();
    const auto dh_t = step.dh_t.array();
    const Scalar one{1};

    step.dh_prev.array() = dh_t * z;
    du_z = dh_t * (step.h_prev.array() - n) * z * (one - z);
    n = dh_t * (one - z) * (one - n.square());  // da_n
    du_r = n * u_n * r * (one - r);
    u_n = n * r;                                            // du_n
    step.gates.leftCols(2 * H) = step.u_t.leftCols(2 * H);  // da_r = du_r, da_z = du_z
  }
};

}  // namespace

template <class Scalar>
std::unique_ptr<Cell<Scalar>> make_gru(const NetworkSpec&) {
  return std::make_unique<Gru<Scalar>>();
}

template std::unique_ptr<Cell<float>> make_gru(const NetworkSpec&);
template std::unique_ptr<Cell<double>> make_gru(const NetworkSpec&);

}  // namespace seqsweep::nn
