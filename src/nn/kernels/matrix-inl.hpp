// SPDX-License-Identifier: Apache-2.0
//
// The two matrix products of training, each as a tile of accumulators in registers.
//
//   rows × packed weights     acc[r][·] += a[r][k] · w[k][·]      k rising          (forward, and gradients of inputs)
//   rowsᵀ × rows              acc[m][·] += Σ_n a[n][m] · g[n][·]  n rising          (gradients of weights)
//
// Each element is one chain of fused multiply-adds in the order of k or n, so the height of the tile it is computed in
// does not show in its bits. Weights come packed in the order in which a tile reads them (packing.hpp).
//
// Kazushige Goto, Robert van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008).
// Differs from the paper: rows are few and read in place; only weights are packed, once per optimizer step.

#if defined(SEQSWEEP_NN_KERNELS_MATRIX_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SEQSWEEP_NN_KERNELS_MATRIX_INL
#undef SEQSWEEP_NN_KERNELS_MATRIX_INL
#else
#define SEQSWEEP_NN_KERNELS_MATRIX_INL
#endif

#include <algorithm>
#include <array>
#include <span>

#include "nn/kernels/kernels.hpp"
#include "nn/kernels/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {

/// Which vectors of a weight row a tile reads, and which accumulator each adds to.
template <int Count>
struct Columns {
  static constexpr int count = Count;
  std::array<int, Count> offset;       ///< in the weight row [floats]
  std::array<int, Count> accumulator;  ///< index of a vector in the tile's row
  std::array<int, Count> output;       ///< in a row of weight gradients [floats], for accumulators in order
};

/// The first `Count` vectors of a weight row, each in its place.
template <int Count>
constexpr Columns<Count> plain_columns() {
  Columns<Count> columns{};
  for (int v = 0; v < Count; ++v) {
    columns.offset[static_cast<std::size_t>(v)] = v * lanes;
    columns.accumulator[static_cast<std::size_t>(v)] = v;
    columns.output[static_cast<std::size_t>(v)] = v * lanes;
  }
  return columns;
}

/// One multiply-add of Rows broadcast elements x[r · x_stride] with one row of weights.
template <auto columns, int Rows, int Vectors>
HWY_INLINE void multiply_add_row(const float* HWY_RESTRICT x, std::size_t x_stride, const float* HWY_RESTRICT w,
                                 Vector (&acc)[Rows][Vectors]) {
  constexpr int n = columns.count;
  if constexpr (n <= Rows) {  // keep the weights in registers
    Vector b[n];
    SEQSWEEP_UNROLL for (int v = 0; v < n; ++v) b[v] = hn::LoadU(tag, w + columns.offset[v]);
    SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) {
      const Vector a = hn::Set(tag, x[static_cast<std::size_t>(r) * x_stride]);
      SEQSWEEP_UNROLL for (int v = 0; v < n; ++v) {
        Vector& sum = acc[r][columns.accumulator[v]];
        sum = hn::MulAdd(a, b[v], sum);
      }
    }
  } else {  // keep the row elements
    Vector a[Rows];
    SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) a[r] = hn::Set(tag, x[static_cast<std::size_t>(r) * x_stride]);
    SEQSWEEP_UNROLL for (int v = 0; v < n; ++v) {
      const Vector b = hn::LoadU(tag, w + columns.offset[v]);
      SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) {
        Vector& sum = acc[r][columns.accumulator[v]];
        sum = hn::MulAdd(a[r], b, sum);
      }
    }
  }
}

/// Packed weights as a tile reads them, row by row. Those of large layers come from far at every step, so tiles ask for
/// them in time: for the rows just ahead in the first-level cache, and for the next panel in the second-level one, of
/// which each tile takes a share, a cache line for each row that it multiplies.
struct WeightStream {
  const float* row = nullptr;    ///< the next one
  const float* ahead = nullptr;  ///< the next line of the share; null: the weights are so few that they stay near
};
constexpr int line_floats = 16, vectors_of_line = line_floats / lanes;
constexpr int rows_ahead = 8;
constexpr int most_near_floats = 16384;  // 64 KB, more than a first-level cache

/// Panels of packed weights that follow each other.
struct WeightPanels {
  const float* first = nullptr;
  std::size_t stride = 0;
  int count = 0;
  int rows = 0;        ///< of each, behind the bias
  int row_floats = 0;  ///< a multiple of line_floats

  /// The rows of a panel, `bias_floats` behind its beginning, as row tile number `tile` reads them.
  [[nodiscard]] HWY_INLINE WeightStream stream(int panel, int bias_floats, int tile) const {
    const auto rows_of = [this, bias_floats](int which)
                             HWY_ATTR { return first + static_cast<std::size_t>(which) * stride + bias_floats; };
    if (static_cast<std::size_t>(count) * stride <= most_near_floats) return {rows_of(panel), nullptr};
    const int next = panel + 1 < count ? panel + 1 : 0;
    const int share = std::clamp(row_floats / line_floats - 1, 0, tile);
    return {rows_of(panel), rows_of(next) + static_cast<std::ptrdiff_t>(share) * rows * line_floats};
  }
};

/// acc += a[Rows × count] · w[count × row_floats]; moves the stream behind the last row.
template <auto columns, int Rows, int Vectors>
HWY_INLINE void multiply_add(const float* HWY_RESTRICT a, std::size_t a_stride, int count, WeightStream& weights,
                             int row_floats, Vector (&acc)[Rows][Vectors]) {
  const float* HWY_RESTRICT w = weights.row;
  if (weights.ahead == nullptr) {
    for (int k = 0; k < count; ++k, w += row_floats) multiply_add_row<columns>(a + k, a_stride, w, acc);
  } else {
    const float* ahead = weights.ahead;
    for (int k = 0; k < count; ++k, w += row_floats, ahead += line_floats) {
      SEQSWEEP_UNROLL for (int v = 0; v < columns.count; v += vectors_of_line)
          prefetch_near(w + rows_ahead * row_floats + columns.offset[v]);
      prefetch_far(ahead);
      multiply_add_row<columns>(a + k, a_stride, w, acc);
    }
    weights.ahead = ahead;
  }
  weights.row = w;
}

/// acc[m] += Σ a[n][m] · g[n], over the `count` rows of a run; a: [count × ≥ Rows], g: [count × ≥ row].
template <auto columns, int Rows, int Vectors>
HWY_INLINE void multiply_add_transposed(const float* HWY_RESTRICT a, std::size_t a_stride, int count,
                                        const float* HWY_RESTRICT g, std::size_t g_stride,
                                        Vector (&acc)[Rows][Vectors]) {
  for (int n = 0; n < count; ++n, a += a_stride, g += g_stride) multiply_add_row<columns>(a, 1, g, acc);
}

/// Units that a tile computes, from `lane` of a panel on.
struct UnitTile {
  int panel = 0;
  int lane = 0;
};

/// One tile of a weight gradient: Rows columns of the input × some units.
template <auto columns, int Rows>
HWY_NOINLINE void weight_gradient_tile(const WeightGradient& job, int first, UnitTile tile, int row_floats) {
  constexpr int n = columns.count;
  const auto panel = static_cast<std::size_t>(tile.panel), lane = static_cast<std::size_t>(tile.lane);
  float* out = job.gradient + panel * job.gradient_panel_stride + static_cast<std::size_t>(first * row_floats) + lane;
  Vector acc[Rows][n];
  SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) SEQSWEEP_UNROLL for (int v = 0; v < n; ++v) acc[r][v] =
      job.is_first ? hn::Zero(tag) : hn::LoadU(tag, out + r * row_floats + columns.output[v]);
  SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) SEQSWEEP_UNROLL for (int v = 0; v < n; v += vectors_of_line)
      prefetch_near(out + (Rows + r) * row_floats + columns.output[v]);  // the next tile's
  const std::size_t g_panel = panel * job.g_panel_stride + lane;
  for (const Run& run : job.runs)
    multiply_add_transposed<columns>(run.a + first, job.a_stride, run.count, run.g + g_panel, job.g_stride, acc);
  SEQSWEEP_UNROLL for (int r = 0; r < Rows; ++r) SEQSWEEP_UNROLL for (int v = 0; v < n; ++v)
      hn::StoreU(acc[r][v], tag, out + r * row_floats + columns.output[v]);
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
