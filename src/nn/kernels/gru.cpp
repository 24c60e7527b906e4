// SPDX-License-Identifier: Apache-2.0
//
// Gated recurrent unit as a kernel; formulas and paper stand in cells/gru.cpp.
//
//   slots r z n u_n, after backward da_r da_z da_n du_n     carry dh z, the direct part of dh_prev

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/gru.cpp"
#include <hwy/foreach_target.h>

#include "nn/kernels/recurrent-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {
namespace {

struct Gru {
  static constexpr int num_gates = 3, num_slots = 4;
  static constexpr int panel_units = 16, tile_vectors = 1;
  static constexpr std::array<int, 4> input_slot = {0, 1, 2, -1}, hidden_slot = {0, 1, 3, -1};
  static constexpr bool has_cell_state = false, carries_dh = true;

  static HWY_INLINE void forward(const Vector (&sums)[num_slots], const UnitForward& at) {
    const Vector r = sigmoid(sums[0]);
    const Vector z = sigmoid(sums[1]);
    const Vector u_n = sums[3];
    const Vector n = tanh(hn::MulAdd(r, u_n, sums[2]));
    const Vector h_prev = at.h_prev != nullptr ? hn::LoadU(tag, at.h_prev) : hn::Zero(tag);
    hn::StoreU(hn::MulAdd(z, hn::Sub(h_prev, n), n), tag, at.h);  // (1 - z) n + z h_prev
    if (at.gates == nullptr) return;
    hn::StoreU(r, tag, at.gates);
    hn::StoreU(z, tag, at.gates + panel_units);
    hn::StoreU(n, tag, at.gates + 2 * panel_units);
    hn::StoreU(u_n, tag, at.gates + 3 * panel_units);
  }

  static HWY_INLINE void backward(Vector dh, const UnitBackward& at) {
    const Vector one = hn::Set(tag, 1.0F);
    const Vector r = hn::LoadU(tag, at.gates);
    const Vector z = hn::LoadU(tag, at.gates + panel_units);
    const Vector n = hn::LoadU(tag, at.gates + 2 * panel_units);
    const Vector u_n = hn::LoadU(tag, at.gates + 3 * panel_units);
    const Vector h_prev = at.h_prev != nullptr ? hn::LoadU(tag, at.h_prev) : hn::Zero(tag);
    const Vector dhz = hn::Mul(dh, z);
    hn::StoreU(dhz, tag, at.carry);
    const Vector da_n = hn::Mul(hn::Sub(dh, dhz), hn::NegMulAdd(n, n, one));
    const Vector du_n = hn::Mul(da_n, r);
    hn::StoreU(hn::Mul(hn::Mul(du_n, u_n), hn::Sub(one, r)), tag, at.gates);
    hn::StoreU(hn::Mul(hn::Mul(dhz, hn::Sub(h_prev, n)), hn::Sub(one, z)), tag, at.gates + panel_units);
    hn::StoreU(da_n, tag, at.gates + 2 * panel_units);
    hn::StoreU(du_n, tag, at.gates + 3 * panel_units);
  }
};

}  // namespace

CellKernels describe_gru() {
  return describe<Gru>();
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace seqsweep::nn::kernels {
HWY_EXPORT(describe_gru);
CellKernels make_gru_kernels() {
  return HWY_DYNAMIC_DISPATCH(describe_gru)();
}
}  // namespace seqsweep::nn::kernels
#endif
