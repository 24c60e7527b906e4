// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "seqsweep/nn/optimizer.hpp"

namespace seqsweep::nn {

/// The rules of src/nn/optimizers one element at a time, with the operations in the order that the kernels have.
struct ScalarOptimizer {
  OptimizerSpec spec;

  /// w, and what it keeps: [b] (sgd), [m, v] (adam), [v, b] (rmsprop).
  void step(float& w, float g, std::array<float, 2>& slots, bool is_bias, std::int64_t t, double rate) const {
    if (!is_bias && (spec.l1 != 0 || spec.l2 != 0)) {
      const auto sign = static_cast<float>((w > 0) - (w < 0));
      g += std::fma(f(spec.l2), w, f(spec.l1) * sign);
    }
    if (spec.name == "sgd")
      sgd(w, g, slots, f(rate));
    else if (spec.name == "rmsprop")
      rmsprop(w, g, slots, f(rate));
    else
      adam(w, g, slots, is_bias, static_cast<double>(t), rate);
  }

 private:
  static float f(double value) { return static_cast<float>(value); }

  void sgd(float& w, float g, std::array<float, 2>& slots, float rate) const {
    float& b = slots[0];
    if (spec.momentum != 0) g = b = std::fma(f(spec.momentum), b, g);
    w = std::fma(-rate, g, w);
  }

  void rmsprop(float& w, float g, std::array<float, 2>& slots, float rate) const {
    auto& [v, b] = slots;
    v = std::fma(f(spec.alpha), v, f(1 - spec.alpha) * g * g);
    float change = g / (std::sqrt(v) + f(spec.epsilon));
    if (spec.momentum != 0) change = b = std::fma(f(spec.momentum), b, change);
    w = std::fma(-rate, change, w);
  }

  void adam(float& w, float g, std::array<float, 2>& slots, bool is_bias, double t, double rate) const {
    auto& [m, v] = slots;
    if (spec.name == "adamw" && !is_bias) w *= f(1 - rate * spec.weight_decay);
    const double c = std::sqrt(1 - std::pow(spec.beta2, t));
    m = std::fma(f(spec.beta1), m, f(1 - spec.beta1) * g);
    v = std::fma(f(spec.beta2), v, f(1 - spec.beta2) * g * g);
    const float change = m / (std::sqrt(v) + f(spec.epsilon * c));
    w = std::fma(-f(rate * c / (1 - std::pow(spec.beta1, t))), change, w);
  }
};

/// Σ x² with sixteen running sums and their tree, as kernels::SquareSum.
class ScalarSquareSum {
 public:
  void add(const float* values, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) sums_[i % 16] += static_cast<double>(values[i]) * values[i];
  }
  [[nodiscard]] double total() const {
    auto s = sums_;
    for (std::size_t half = 8; half > 0; half /= 2)
      for (std::size_t i = 0; i < half; ++i) s[i] += s[i + half];
    return s[0];
  }

 private:
  std::array<double, 16> sums_{};
};

/// Every optimizer of the catalogue, with and without momentum.
inline std::vector<OptimizerSpec> every_optimizer() {
  std::vector<OptimizerSpec> specs;
  for (const auto& entry : optimizer_catalogue()) {
    OptimizerSpec plain;
    plain.name = std::string(entry.name);
    plain.learning_rate = 0.01;
    specs.push_back(plain);
    if (plain.name != "sgd" && plain.name != "rmsprop") continue;
    specs.push_back(plain);
    specs.back().momentum = 0.9;
  }
  return specs;
}

}  // namespace seqsweep::nn
