// SPDX-License-Identifier: Apache-2.0
//
// Products outside of time: the dense head, and gradients of inputs.
//
//   out = a W (+ bias) (+ out)        dW = Σ_n a_n g_nᵀ        db = Σ_n g_n

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/dense.cpp"
#include <hwy/foreach_target.h>

#include "nn/kernels/recurrent-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {
namespace {

constexpr int panel_floats = 2 * lanes;

template <int Vectors, int Rows>
HWY_NOINLINE void projection_tile(const Projection& job, int first, int panel) {
  const auto f = static_cast<std::size_t>(first), p = static_cast<std::size_t>(panel);
  float* out = job.out + f * job.out_stride + p * panel_floats;
  Vector acc[Rows][Vectors];
  SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v) {
    acc[r][v] = job.bias != nullptr ? hn::LoadU(tag, job.bias + p * panel_floats + v * lanes) : hn::Zero(tag);
    if (job.adds)
      acc[r][v] = hn::Add(acc[r][v], hn::LoadU(tag, out + static_cast<std::size_t>(r) * job.out_stride + v * lanes));
  }
  std::size_t num_columns = 0;
  for (const ColumnRun& run : job.columns) num_columns += static_cast<std::size_t>(run.count);
  const WeightPanels panels{.first = job.weights,
                            .stride = num_columns * panel_floats,
                            .count = panels_of(job.num_outputs, panel_floats),
                            .rows = static_cast<int>(num_columns),
                            .row_floats = panel_floats};
  constexpr int no_bias = 0;
  WeightStream weights = panels.stream(panel, no_bias, first / Rows);
  for (const ColumnRun& run : job.columns)
    multiply_add<plain_columns<Vectors>()>(job.a + run.offset + f * job.a_stride, job.a_stride, run.count, weights,
                                           panel_floats, acc);
  SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) SEQSWEEP_UNROLL for (int v = 0; v < Vectors; ++v)
      hn::StoreU(acc[r][v], tag, out + static_cast<std::size_t>(r) * job.out_stride + v * lanes);
}

}  // namespace

int vector_floats_here() {
  return lanes;
}

void project_here(const Projection& job) {
  for_vector_pairs(job.num_outputs, [&](int panel, auto vectors) HWY_ATTR {
    for_tiles<tile_accumulators / 2>(
        0, job.rows, [&](int first, auto rows) HWY_ATTR { projection_tile<vectors(), rows()>(job, first, panel); });
  });
}

void head_gradient_here(const WeightGradient& job) {
  for_vector_pairs(job.num_units, [&](int panel, auto vectors) HWY_ATTR {
    for_tiles<tile_accumulators / 2>(0, job.num_columns, [&](int first, auto rows) HWY_ATTR {
      weight_gradient_tile<plain_columns<vectors()>(), rows()>(job, first, {.panel = panel, .lane = 0}, panel_floats);
    });
  });
}

void head_bias_gradient_here(const WeightGradient& job) {
  for_vector_pairs(job.num_units, [&](int panel, auto vectors) HWY_ATTR {
    const auto p = static_cast<std::size_t>(panel);
    sum_rows<vectors()>(job, p * job.g_panel_stride, job.gradient + p * job.gradient_panel_stride);
  });
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace seqsweep::nn::kernels {
HWY_EXPORT(vector_floats_here);
HWY_EXPORT(project_here);
HWY_EXPORT(head_gradient_here);
HWY_EXPORT(head_bias_gradient_here);

int vector_floats() {
  return HWY_DYNAMIC_DISPATCH(vector_floats_here)();
}
void project(const Projection& job) {
  HWY_DYNAMIC_DISPATCH(project_here)(job);
}
void head_gradient(const WeightGradient& job) {
  HWY_DYNAMIC_DISPATCH(head_gradient_here)(job);
}
void head_bias_gradient(const WeightGradient& job) {
  HWY_DYNAMIC_DISPATCH(head_bias_gradient_here)(job);
}
}  // namespace seqsweep::nn::kernels
#endif
