// SPDX-License-Identifier: Apache-2.0
//
// The losses of losses/mse.cpp, cross_entropy.cpp and bernoulli.cpp, where their formulas stand, as kernels.
// Sums along a row are sixteen running sums in double (sixteen-inl.hpp).

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/losses.cpp"
#include "nn/kernels/losses.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <hwy/foreach_target.h>

#include "nn/kernels/elementwise.hpp"
#include "nn/kernels/sixteen-inl.hpp"
#include "nn/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace seqsweep::nn::kernels::HWY_NAMESPACE {
namespace {

template <class T>
HWY_INLINE T* row_of(T* rows, std::size_t stride, int r) {
  return rows + static_cast<std::size_t>(r) * stride;
}

HWY_INLINE float largest_of(const float* x, std::size_t size) {
  const Vector lowest = hn::Set(tag, -std::numeric_limits<float>::infinity());
  Vector largest[16 / lanes];
  SEQSWEEP_UNROLL for (int which = 0; which < 16 / lanes; ++which) largest[which] = lowest;
  for_vectors(size, [&](std::size_t i, int which, auto part) HWY_ATTR {
    largest[which] = hn::Max(largest[which], within(part, load(x + i, part), lowest));
  });
  for (int which = 1; which < 16 / lanes; ++which) largest[0] = hn::Max(largest[0], largest[which]);
  return hn::GetLane(hn::MaxOfLanes(tag, largest[0]));
}

/// exp(x - largest), and its sum.
template <class Keep>
HWY_INLINE double sum_of_exponentials(const float* x, std::size_t size, float largest, Keep&& keep) {
  const Vector zero = hn::Zero(tag), shift = hn::Set(tag, largest);
  Sixteen sums(0.0);
  for_vectors(size, [&](std::size_t i, int which, auto part) HWY_ATTR {
    const Vector e = within(part, exp(hn::Sub(load(x + i, part), shift)), zero);
    keep(e, i, part);
    sums.add(which, e);
  });
  return sum_of(sums.all());
}

/// Whether the first of the largest elements of x is x[index].
bool is_first_largest(const float* x, std::size_t index, float largest) {
  return x[index] == largest && std::find(x, x + index, largest) == x + index;
}

/// Elements summed into one product of 1 + e ≤ 2: it stays below 2⁵¹².
constexpr std::size_t elements_a_product = 512;

/// Σ max(ŷ, 0) - y ŷ + log(1 + exp(-|ŷ|)) of a row; one logarithm of a product instead of many.
HWY_INLINE double bernoulli_loss(const float* outputs, const float* targets, std::size_t size) {
  const Vector zero = hn::Zero(tag);
  Sixteen linear(0.0);
  double logarithms = 0;
  for (std::size_t begin = 0; begin < size; begin += elements_a_product) {
    Sixteen products(1.0);
    for_vectors(std::min(size - begin, elements_a_product), [&](std::size_t i, int which, auto part) HWY_ATTR {
      const Vector x = load(outputs + begin + i, part), y = load(targets + begin + i, part);
      products.multiply_by_one_plus(which, within(part, exp(hn::Neg(hn::Abs(x))), zero));
      linear.multiply_add(which, hn::Neg(y), x);
      linear.add(which, hn::Max(zero, x));  // NaN stays: it is the second operand
    });
    logarithms += std::log(product_of(products.all()));
  }
  return sum_of(linear.all()) + logarithms;
}

HWY_INLINE std::size_t count_right_keys(const float* outputs, const float* targets, std::size_t size) {
  const Vector zero = hn::Zero(tag), half = hn::Set(tag, 0.5F);
  std::size_t wrong = 0;
  for_vectors(size, [&](std::size_t i, int, auto part) HWY_ATTR {
    const auto is_on = hn::Gt(load(outputs + i, part), zero);
    const auto should_be = hn::Gt(load(targets + i, part), half);
    const Mask differs = hn::Xor(is_on, should_be);  // never so where both are off, as beyond the end
    wrong += hn::CountTrue(tag, differs);
  });
  return size - wrong;
}

}  // namespace

void mse_differentiate_here(const LossRows& rows, double scale, float* d_outputs, std::size_t d_stride) {
  const auto K = static_cast<std::size_t>(rows.num_outputs);
  const auto factor = static_cast<float>(2 * scale);
  for (int r = 0; r < rows.rows; ++r) {
    const float* outputs = row_of(rows.outputs, rows.stride, r);
    const float* targets = row_of(rows.targets, K, r);
    float* d = row_of(d_outputs, d_stride, r);
    for_vectors(K, [&](std::size_t i, int, auto part) HWY_ATTR {
      const Vector error = hn::Sub(load(outputs + i, part), load(targets + i, part));
      store(hn::Mul(hn::Set(tag, factor), error), d + i, part);
    });
  }
}

void cross_entropy_score_here(const LossRows& rows, ScoreSums& sums) {
  const auto K = static_cast<std::size_t>(rows.num_outputs);
  for (int r = 0; r < rows.rows; ++r) {
    if (rows.classes[r] < 0) continue;
    const auto target = static_cast<std::size_t>(rows.classes[r]);
    const float* x = row_of(rows.outputs, rows.stride, r);
    const float largest = largest_of(x, K);
    const double sum = sum_of_exponentials(x, K, largest, [](Vector, std::size_t, auto) HWY_ATTR {});
    sums.loss += std::log(sum) + (static_cast<double>(largest) - static_cast<double>(x[target]));
    sums.correct += !std::isnan(sum) && is_first_largest(x, target, largest) ? 1 : 0;
    sums.count += 1;
    sums.elements += 1;
  }
}

void cross_entropy_differentiate_here(const LossRows& rows, double scale, float* d_outputs, std::size_t d_stride) {
  const auto K = static_cast<std::size_t>(rows.num_outputs);
  for (int r = 0; r < rows.rows; ++r) {
    float* d = row_of(d_outputs, d_stride, r);
    if (rows.classes[r] < 0) {
      std::fill(d, d + K, 0.0F);
      continue;
    }
    const float* x = row_of(rows.outputs, rows.stride, r);
    const double sum = sum_of_exponentials(x, K, largest_of(x, K),
                                           [&](Vector e, std::size_t i, auto part) HWY_ATTR { store(e, d + i, part); });
    const Vector factor = hn::Set(tag, static_cast<float>(scale / sum));
    for_vectors(
        K, [&](std::size_t i, int, auto part) HWY_ATTR { store(hn::Mul(load(d + i, part), factor), d + i, part); });
    d[rows.classes[r]] -= static_cast<float>(scale);
  }
}

void bernoulli_score_here(const LossRows& rows, ScoreSums& sums) {
  const auto K = static_cast<std::size_t>(rows.num_outputs);
  for (int r = 0; r < rows.rows; ++r) {
    const float* outputs = row_of(rows.outputs, rows.stride, r);
    const float* targets = row_of(rows.targets, K, r);
    sums.loss += bernoulli_loss(outputs, targets, K);
    sums.correct += static_cast<double>(count_right_keys(outputs, targets, K));
    sums.count += 1;
    sums.elements += static_cast<double>(K);
  }
}

void bernoulli_differentiate_here(const LossRows& rows, double scale, float* d_outputs, std::size_t d_stride) {
  const auto K = static_cast<std::size_t>(rows.num_outputs);
  const Vector factor = hn::Set(tag, static_cast<float>(scale));
  for (int r = 0; r < rows.rows; ++r) {
    const float* outputs = row_of(rows.outputs, rows.stride, r);
    const float* targets = row_of(rows.targets, K, r);
    float* d = row_of(d_outputs, d_stride, r);
    for_vectors(K, [&](std::size_t i, int, auto part) HWY_ATTR {
      const Vector p = sigmoid(load(outputs + i, part));
      store(hn::Mul(factor, hn::Sub(p, load(targets + i, part))), d + i, part);
    });
  }
}

}  // namespace seqsweep::nn::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace seqsweep::nn::kernels {
HWY_EXPORT(mse_differentiate_here);
HWY_EXPORT(cross_entropy_score_here);
HWY_EXPORT(cross_entropy_differentiate_here);
HWY_EXPORT(bernoulli_score_here);
HWY_EXPORT(bernoulli_differentiate_here);

namespace {

// Few outputs, all in double: no kernel of its own. A row is summed before it is added, so that rows are what is added.
void score_mse(const LossRows& rows, std::span<const float> target_scale, ScoreSums& sums) {
  const auto K = static_cast<std::size_t>(rows.num_outputs);
  for (int r = 0; r < rows.rows; ++r) {
    const float* outputs = rows.outputs + static_cast<std::size_t>(r) * rows.stride;
    const float* targets = rows.targets + static_cast<std::size_t>(r) * K;
    ScoreSums row;
    for (std::size_t k = 0; k < K; ++k) {
      const double scale = target_scale.empty() ? 1 : target_scale[k];
      const double target = targets[k];
      const double error = target - static_cast<double>(outputs[k]);
      row.loss += error * error;
      row.absolute_error += std::abs(error) * scale;
      row.squared_error += error * error * scale * scale;
      row.target_sum += target * scale;
      row.target_square_sum += target * target * scale * scale;
    }
    row.count = row.elements = static_cast<double>(K);
    sums += row;
  }
}

void differentiate_mse(const LossRows& rows, double scale, float* d_outputs, std::size_t d_stride) {
  HWY_DYNAMIC_DISPATCH(mse_differentiate_here)(rows, scale, d_outputs, d_stride);
}
double count_mse(const LossRows& rows) {
  return static_cast<double>(rows.rows) * rows.num_outputs;
}

void score_cross_entropy(const LossRows& rows, std::span<const float>, ScoreSums& sums) {
  HWY_DYNAMIC_DISPATCH(cross_entropy_score_here)(rows, sums);
}
void differentiate_cross_entropy(const LossRows& rows, double scale, float* d_outputs, std::size_t d_stride) {
  HWY_DYNAMIC_DISPATCH(cross_entropy_differentiate_here)(rows, scale, d_outputs, d_stride);
}
double count_cross_entropy(const LossRows& rows) {
  const auto is_scored = [](std::int32_t c) { return c >= 0; };
  return static_cast<double>(std::count_if(rows.classes, rows.classes + rows.rows, is_scored));
}

void score_bernoulli(const LossRows& rows, std::span<const float>, ScoreSums& sums) {
  HWY_DYNAMIC_DISPATCH(bernoulli_score_here)(rows, sums);
}
void differentiate_bernoulli(const LossRows& rows, double scale, float* d_outputs, std::size_t d_stride) {
  HWY_DYNAMIC_DISPATCH(bernoulli_differentiate_here)(rows, scale, d_outputs, d_stride);
}
double count_bernoulli(const LossRows& rows) {
  return rows.rows;
}

}  // namespace

std::span<const CatalogueEntry<LossKernels>> loss_kernels_catalogue() {
  static constexpr CatalogueEntry<LossKernels> catalogue[] = {
      {"mse", "mean squared error", {score_mse, differentiate_mse, count_mse}},
      {"cross_entropy",
       "softmax cross-entropy",
       {score_cross_entropy, differentiate_cross_entropy, count_cross_entropy}},
      {"bernoulli", "independent on/off keys", {score_bernoulli, differentiate_bernoulli, count_bernoulli}},
  };
  return catalogue;
}

}  // namespace seqsweep::nn::kernels
#endif
