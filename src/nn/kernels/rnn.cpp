// SPDX-License-Identifier: Apache-2.0
//
// Simple recurrent network as a kernel; formula and paper stand in cells/rnn.cpp. Its tape is y: the slopes of all
// three activations are functions of h.
//
//   slot da, after backward     no carry

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/rnn.cpp"
#include <hwy/foreach_target.h>

#include "nn/kernels/recurrent-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {
namespace {

struct Tanh {
  static HWY_INLINE Vector value(Vector x) { return tanh(x); }
  static HWY_INLINE Vector times_slope(Vector d, Vector y) {
    return hn::Mul(d, hn::NegMulAdd(y, y, hn::Set(tag, 1.0F)));
  }
};

struct Rectifier {
  /// Keeps a NaN: of two operands with a NaN, x86's maximum is the second.
  static HWY_INLINE Vector value(Vector x) { return hn::Max(hn::Zero(tag), x); }
  static HWY_INLINE Vector times_slope(Vector d, Vector y) { return hn::IfThenElseZero(hn::Gt(y, hn::Zero(tag)), d); }
};

struct Sigmoid {
  static HWY_INLINE Vector value(Vector x) { return sigmoid(x); }
  static HWY_INLINE Vector times_slope(Vector d, Vector y) {
    return hn::Mul(d, hn::Mul(y, hn::Sub(hn::Set(tag, 1.0F), y)));
  }
};

template <class Activation>
struct Rnn {
  static constexpr int num_gates = 1, num_slots = 1;
  static constexpr int panel_units = 2 * lanes, tile_vectors = 2;
  static constexpr std::array<int, 4> input_slot = {0, -1, -1, -1}, hidden_slot = {0, -1, -1, -1};
  static constexpr bool has_cell_state = false, carries_dh = false;

  static HWY_INLINE void forward(const Vector (&sums)[num_slots], const UnitForward& at) {
    hn::StoreU(Activation::value(sums[0]), tag, at.h);
  }
  static HWY_INLINE void backward(Vector dh, const UnitBackward& at) {
    hn::StoreU(Activation::times_slope(dh, hn::LoadU(tag, at.h)), tag, at.gates);
  }
};

}  // namespace

CellKernels describe_rnn_tanh() {
  return describe<Rnn<Tanh>>();
}
CellKernels describe_rnn_relu() {
  return describe<Rnn<Rectifier>>();
}
CellKernels describe_rnn_sigmoid() {
  return describe<Rnn<Sigmoid>>();
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace seqsweep::nn::kernels {
HWY_EXPORT(describe_rnn_tanh);
HWY_EXPORT(describe_rnn_relu);
HWY_EXPORT(describe_rnn_sigmoid);
CellKernels make_rnn_tanh_kernels() {
  return HWY_DYNAMIC_DISPATCH(describe_rnn_tanh)();
}
CellKernels make_rnn_relu_kernels() {
  return HWY_DYNAMIC_DISPATCH(describe_rnn_relu)();
}
CellKernels make_rnn_sigmoid_kernels() {
  return HWY_DYNAMIC_DISPATCH(describe_rnn_sigmoid)();
}
}  // namespace seqsweep::nn::kernels
#endif
