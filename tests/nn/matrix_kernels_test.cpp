// SPDX-License-Identifier: Apache-2.0
// The matrix products against a plain loop of fused multiply-adds in the order that they promise: exactly equal, for
// every size from 1 to past all edges of tiles, vectors and panels.
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "seqsweep/core/random.hpp"

#include "nn/engine/packing.hpp"
#include "nn/instruction_sets.hpp"
#include "nn/kernels/kernels.hpp"
#include "nn/kernels/transpose.hpp"

namespace seqsweep::nn {
namespace {

constexpr int most_rows = 27;  // two tiles of the widest instruction set, and more
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// [rows × columns] at a stride; NaN behind each row.
struct Matrix {
  Matrix(int row_count, int column_count, std::size_t row_stride, std::uint64_t what)
      : rows(row_count), columns(column_count), stride(row_stride), memory(at(row_count) * row_stride + 64, nan) {
    auto stream = RandomKey(41).fold(Purpose::test).fold(what).stream();
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < columns; ++c) (*this)(r, c) = static_cast<float>(stream.normal());
  }
  float& operator()(int r, int c) { return memory[at(r) * stride + at(c)]; }
  float operator()(int r, int c) const { return memory[at(r) * stride + at(c)]; }

  int rows, columns;
  std::size_t stride;
  std::vector<float> memory;
};

/// What `project` promises: one chain of multiply-adds for each element, from the bias (plus what was there) on.
float projected(const Matrix& a, std::span<const kernels::ColumnRun> runs, const Matrix& W, int r, int output,
                float begin) {
  float sum = begin;
  int k = 0;
  for (const auto& run : runs)
    for (int c = 0; c < run.count; ++c, ++k) sum = std::fma(a(r, static_cast<int>(run.offset) + c), W(output, k), sum);
  return sum;
}

void check_project(int num_outputs, const std::vector<kernels::ColumnRun>& runs, bool has_bias, bool adds) {
  int depth = 0;
  for (const auto& run : runs) depth += run.count;
  const int width = static_cast<int>(runs.back().offset) + runs.back().count;
  const Matrix a(most_rows, width, at(width) + 3, 1);
  const Matrix W(num_outputs, depth, at(depth), 2);
  const Matrix before(most_rows, num_outputs + 40, at(num_outputs) + 40, 3);
  const engine::InputColumns all{0, 0, depth};
  std::vector<float> packed(engine::packed_floats(num_outputs, depth)), bias(engine::packed_floats(num_outputs, 1));
  engine::pack_transposed({&all, 1}, depth, W.memory.data(), num_outputs, packed.data());
  for (int k = 0; k < num_outputs; ++k) bias[at(k)] = 0.25F * static_cast<float>(k - 3);
  for (int rows = 1; rows <= most_rows; ++rows) {
    Matrix out = before;
    kernels::project({.rows = rows,
                      .num_outputs = num_outputs,
                      .columns = runs,
                      .a = a.memory.data(),
                      .a_stride = a.stride,
                      .bias = has_bias ? bias.data() : nullptr,
                      .weights = packed.data(),
                      .out = out.memory.data(),
                      .out_stride = out.stride,
                      .adds = adds});
    for (int r = 0; r < rows; ++r)
      for (int k = 0; k < num_outputs; ++k) {
        const float begin = (has_bias ? bias[at(k)] : 0.0F) + (adds ? before(r, k) : 0.0F);
        ASSERT_EQ(out(r, k), projected(a, runs, W, r, k, begin)) << "row " << r << " of " << rows << ", output " << k;
      }
    if (rows < most_rows) {
      ASSERT_EQ(out(rows, 0), before(rows, 0)) << "wrote behind row " << rows;
    }
  }
}

TEST(MatrixKernels, project_is_one_chain_of_multiply_adds_per_element) {
  with_each_instruction_set([] {
    for (int num_outputs = 1; num_outputs <= 67; ++num_outputs)
      for (const int depth : {1, 2, 13}) {
        SCOPED_TRACE(testing::Message() << num_outputs << " outputs, depth " << depth);
        check_project(num_outputs, {{0, depth}}, num_outputs % 2 == 0, num_outputs % 3 == 0);
        check_project(num_outputs, {{2, depth}, {depth + 7, 3}}, depth == 2, num_outputs % 3 != 0);
        if (testing::Test::HasFatalFailure()) return;
      }
  });
}

/// dW[column][unit] (+)= Σ a[n][column] g[n][unit] and db[unit] (+)= Σ g[n][unit], rows of each run in order.
void check_head_gradient(int num_columns, int num_units) {
  const int panel_floats = 2 * kernels::vector_floats();
  const int panels = (num_units + panel_floats - 1) / panel_floats;
  Matrix a(most_rows, num_columns, at(num_columns) + 2, 4);
  Matrix g(most_rows, panels * panel_floats, at(panels * panel_floats) + 16, 5);
  // Rows 0 … 3 and 7 … 20 of both.
  const std::vector<kernels::Run> runs = {{&a(0, 0), &g(0, 0), 4}, {&a(7, 0), &g(7, 0), 14}};
  std::vector<float> dW(at(panels * num_columns * panel_floats), nan), db(at(panels * panel_floats), nan);
  std::vector<float> expected(dW.size()), expected_b(db.size());
  kernels::WeightGradient job{.runs = runs,
                              .a_stride = a.stride,
                              .g_stride = g.stride,
                              .g_panel_stride = at(panel_floats),
                              .num_columns = num_columns,
                              .num_units = num_units};
  for (const bool is_first : {true, false}) {
    job.is_first = is_first;
    job.gradient = dW.data();
    job.gradient_panel_stride = at(num_columns * panel_floats);
    kernels::head_gradient(job);
    job.gradient = db.data();
    job.gradient_panel_stride = at(panel_floats);
    kernels::head_bias_gradient(job);
    for (int unit = 0; unit < num_units; ++unit) {
      const std::size_t panel = at(unit / panel_floats), lane = at(unit % panel_floats);
      float& sum_b = expected_b[at(unit)];
      for (const auto& [from, to] : {std::pair(0, 4), std::pair(7, 21)})
        for (int n = from; n < to; ++n) sum_b += g(n, unit);
      ASSERT_EQ(db[at(unit)], sum_b) << "bias of unit " << unit;
      for (int column = 0; column < num_columns; ++column) {
        const std::size_t i = (panel * at(num_columns) + at(column)) * at(panel_floats) + lane;
        for (const auto& [from, to] : {std::pair(0, 4), std::pair(7, 21)})
          for (int n = from; n < to; ++n) expected[i] = std::fma(a(n, column), g(n, unit), expected[i]);
        ASSERT_EQ(dW[i], expected[i]) << "column " << column << ", unit " << unit;
      }
    }
  }
}

TEST(MatrixKernels, weight_gradients_are_one_chain_of_multiply_adds_per_element) {
  with_each_instruction_set([] {
    for (int num_columns = 1; num_columns <= 38; ++num_columns)
      for (int num_units = 1; num_units <= 67; num_units += num_units < 36 ? 1 : 5) {
        SCOPED_TRACE(testing::Message() << num_columns << " columns, " << num_units << " units");
        check_head_gradient(num_columns, num_units);
        if (testing::Test::HasFatalFailure()) return;
      }
  });
}

/// dW[column][gate][unit] = Σ a[n][column] g[n][slot of the gate][unit], rows of each run in order.
void check_hidden_gradient(const kernels::CellKernels& cell, int num_columns, const std::vector<int>& run_lengths) {
  constexpr int num_units = 35, rows_between = 3;
  const int panels = (num_units + cell.panel_units - 1) / cell.panel_units;
  const int gates_row = cell.num_slots * cell.panel_units, weights_row = cell.num_gates * cell.panel_units;
  const int num_rows =
      std::accumulate(run_lengths.begin(), run_lengths.end(), 0) + rows_between * static_cast<int>(run_lengths.size());
  Matrix a(num_rows, num_columns, at(num_columns) + 5, 8);
  Matrix g(panels * num_rows, gates_row, at(gates_row), 9);
  std::vector<kernels::Run> runs;
  std::vector<int> rows;
  for (int first = 0; const int length : run_lengths) {
    runs.push_back({&a(first, 0), &g(first, 0), length});
    for (int n = 0; n < length; ++n) rows.push_back(first + n);
    first += length + rows_between;
  }
  std::vector<float> dW(at(panels * num_columns * weights_row), nan);
  cell.hidden_gradient({.runs = runs,
                        .a_stride = a.stride,
                        .g_stride = g.stride,
                        .g_panel_stride = at(num_rows) * g.stride,
                        .num_columns = num_columns,
                        .num_units = num_units,
                        .gradient = dW.data(),
                        .gradient_panel_stride = at(num_columns * weights_row),
                        .is_first = true});
  for (int unit = 0; unit < num_units; ++unit)
    for (int gate = 0; gate < cell.num_gates; ++gate)
      for (int column = 0; column < num_columns; ++column) {
        const int panel = unit / cell.panel_units, lane = unit % cell.panel_units;
        float expected = 0;
        for (const int n : rows)
          expected = std::fma(a(n, column),
                              g(panel * num_rows + n, cell.hidden_slot[at(gate)] * cell.panel_units + lane), expected);
        ASSERT_EQ(dW[at((panel * num_columns + column) * weights_row + gate * cell.panel_units + lane)], expected)
            << "column " << column << ", gate " << gate << ", unit " << unit;
      }
}

// Wide factors are gone through in blocks of rows, which begin and end anywhere in a run.
TEST(MatrixKernels, weight_gradients_of_wide_factors_are_one_chain_of_multiply_adds_per_element) {
  with_each_instruction_set([] {
    for (const auto& entry : kernels::cell_kernels_catalogue())
      for (const int num_columns : {256, 257, 290})
        for (const std::vector<int>& run_lengths :
             {std::vector{1}, std::vector{64}, std::vector{65}, std::vector{200}, std::vector{7, 57, 3, 61, 64, 65, 1},
              std::vector<int>(70, 1), std::vector<int>{}}) {
          SCOPED_TRACE(testing::Message() << entry.name << ", " << num_columns << " columns, runs "
                                          << testing::PrintToString(run_lengths));
          check_hidden_gradient(entry.make(), num_columns, run_lengths);
          if (testing::Test::HasFatalFailure()) return;
        }
  });
}

TEST(MatrixKernels, transpose_moves_every_element_and_no_other) {
  for (int rows = 1; rows <= 35; ++rows)
    for (int columns = 1; columns <= 35; ++columns) {
      const Matrix from(rows, columns, at(columns) + 1, 6);
      Matrix to(columns, rows, at(rows) + 2, 7);
      kernels::transpose({.from = from.memory.data(),
                          .from_stride = from.stride,
                          .rows = rows,
                          .columns = columns,
                          .to = to.memory.data(),
                          .to_stride = to.stride});
      for (int c = 0; c < columns; ++c) {
        for (int r = 0; r < rows; ++r) ASSERT_EQ(to(c, r), from(r, c)) << rows << " x " << columns;
        ASSERT_TRUE(std::isnan(to(c, rows))) << "wrote behind row " << c << " of " << columns << " x " << rows;
      }
    }
}

}  // namespace
}  // namespace seqsweep::nn
