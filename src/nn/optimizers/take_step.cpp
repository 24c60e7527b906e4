// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <numeric>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/optimizer.hpp"

namespace seqsweep::nn {
namespace {

/// Σ v² in double, always in the same order: eight running sums, so that the compiler may use vector instructions.
double square_sum(std::span<const float> values) {
  std::array<double, 8> lanes{};
  const std::size_t whole = values.size() / lanes.size() * lanes.size();
  for (std::size_t i = 0; i < whole; i += lanes.size())
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
      const double value = values[i + lane];
      lanes[lane] += value * value;
    }
  for (std::size_t i = whole; i < values.size(); ++i) {
    const double value = values[i];
    lanes[i - whole] += value * value;
  }
  return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

/// torch.nn.utils.clip_grad_norm_, with its 1e-6. (Pascanu, Mikolov, Bengio, ICML 2013, algorithm 1.)
bool clip(std::span<float> gradient, double norm, double max_norm) {
  const double coefficient = max_norm / (norm + 1e-6);
  if (coefficient >= 1) return false;
  for (float& g : gradient) g *= static_cast<float>(coefficient);
  return true;
}

void add_penalties(const OptimizerSpec& spec, const ParameterLayout& layout, std::span<const float> parameters,
                   std::span<float> gradient) {
  if (spec.l1 == 0 && spec.l2 == 0) return;
  const auto l1 = static_cast<float>(spec.l1), l2 = static_cast<float>(spec.l2);
  for (const Tensor& tensor : layout.tensors) {
    if (tensor.is_bias) continue;
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size(); ++i) {
      const float w = parameters[i];
      const float sign = static_cast<float>((w > 0) - (w < 0));
      gradient[i] += l1 * sign + l2 * w;
    }
  }
}

}  // namespace

StepRecord take_step(const Optimizer& optimizer, const OptimizerSpec& spec, const ParameterLayout& layout,
                     std::span<float> parameters, std::span<float> gradient, std::span<float> slots, std::int64_t step,
                     double learning_rate) {
  SEQSWEEP_EXPECT(parameters.size() == layout.size && gradient.size() == layout.size,
                  "the parameter or gradient block does not fit the layout");
  SEQSWEEP_EXPECT(slots.size() == layout.size * static_cast<std::size_t>(optimizer.num_slots()),
                  "the slots do not fit the optimizer");
  SEQSWEEP_EXPECT(step >= 1, "optimizer steps count from 1");
  StepRecord record{.gradient_norm = std::sqrt(square_sum(gradient)), .was_clipped = false};
  if (!std::isfinite(record.gradient_norm)) return record;
  if (spec.clip_norm > 0) record.was_clipped = clip(gradient, record.gradient_norm, spec.clip_norm);
  add_penalties(spec, layout, parameters, gradient);
  optimizer.update(parameters, gradient, slots, step, learning_rate);
  return record;
}

}  // namespace seqsweep::nn
