// SPDX-License-Identifier: Apache-2.0
//
// Long short-term memory as a kernel; formulas and papers stand in cells/lstm.cpp.
//
//   slots i f g o     cells c, tanh c     carry dc

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/lstm.cpp"
#include <hwy/foreach_target.h>

#include "nn/kernels/recurrent-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {
namespace {

struct Lstm {
  static constexpr int num_gates = 4, num_slots = 4;
  static constexpr int panel_units = 16, tile_vectors = 1;
  static constexpr std::array<int, 4> input_slot = {0, 1, 2, 3}, hidden_slot = {0, 1, 2, 3};
  static constexpr bool has_cell_state = true, carries_dh = false;

  static HWY_INLINE void forward(const Vector (&sums)[num_slots], const UnitForward& at) {
    const Vector i = sigmoid(sums[0]);
    const Vector f = sigmoid(sums[1]);
    const Vector g = tanh(sums[2]);
    const Vector o = sigmoid(sums[3]);
    const Vector ig = hn::Mul(i, g);
    const Vector c = at.c_prev != nullptr ? hn::MulAdd(f, hn::LoadU(tag, at.c_prev), ig) : ig;
    const Vector tanh_c = tanh(c);
    hn::StoreU(hn::Mul(o, tanh_c), tag, at.h);
    hn::StoreU(c, tag, at.c);
    if (at.gates == nullptr) return;
    hn::StoreU(tanh_c, tag, at.c + panel_units);
    hn::StoreU(i, tag, at.gates);
    hn::StoreU(f, tag, at.gates + panel_units);
    hn::StoreU(g, tag, at.gates + 2 * panel_units);
    hn::StoreU(o, tag, at.gates + 3 * panel_units);
  }

  static HWY_INLINE void backward(Vector dh, const UnitBackward& at) {
    const Vector one = hn::Set(tag, 1.0F);
    const Vector i = hn::LoadU(tag, at.gates);
    const Vector f = hn::LoadU(tag, at.gates + panel_units);
    const Vector g = hn::LoadU(tag, at.gates + 2 * panel_units);
    const Vector o = hn::LoadU(tag, at.gates + 3 * panel_units);
    const Vector tanh_c = hn::LoadU(tag, at.c + panel_units);
    const Vector c_prev = at.c_prev != nullptr ? hn::LoadU(tag, at.c_prev) : hn::Zero(tag);
    const Vector dho = hn::Mul(dh, o);
    Vector dc = hn::NegMulAdd(hn::Mul(dho, tanh_c), tanh_c, dho);  // dh o (1 - tanh² c)
    if (at.is_continued) dc = hn::Add(dc, hn::LoadU(tag, at.carry));
    const Vector dci = hn::Mul(dc, i);
    const Vector dcf = hn::Mul(dc, f);
    hn::StoreU(dcf, tag, at.carry);
    hn::StoreU(hn::Mul(hn::Mul(dci, g), hn::Sub(one, i)), tag, at.gates);
    hn::StoreU(hn::Mul(hn::Mul(dcf, c_prev), hn::Sub(one, f)), tag, at.gates + panel_units);
    hn::StoreU(hn::Mul(dci, hn::NegMulAdd(g, g, one)), tag, at.gates + 2 * panel_units);
    hn::StoreU(hn::Mul(hn::Mul(dho, tanh_c), hn::Sub(one, o)), tag, at.gates + 3 * panel_units);
  }
};

}  // namespace

CellKernels describe_lstm() {
  return describe<Lstm>();
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace seqsweep::nn::kernels {
HWY_EXPORT(describe_lstm);
CellKernels make_lstm_kernels() {
  return HWY_DYNAMIC_DISPATCH(describe_lstm)();
}
}  // namespace seqsweep::nn::kernels
#endif
