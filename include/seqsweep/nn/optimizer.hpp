// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/nn/parameters.hpp"

namespace seqsweep::nn {

/// Every optimizer's settings; each takes what it names. Formulas and defaults are those of torch.optim.
struct OptimizerSpec {
  std::string name = "adam";
  double learning_rate = 1e-3;
  double momentum = 0;                ///< sgd, rmsprop
  double beta1 = 0.9;                 ///< adam, adamw
  double beta2 = 0.999;               ///< adam, adamw
  double alpha = 0.99;                ///< rmsprop: smoothing
  double epsilon = 1e-8;              ///< adam, adamw, rmsprop
  double weight_decay = 0.01;         ///< adamw: decoupled (Loshchilov & Hutter 2019)
  double l1 = 0;                      ///< adds l1·sign(w) to the gradient of weights (not of biases)
  double l2 = 0;                      ///< adds l2·w to the gradient of weights (not of biases)
  double clip_norm = 0;               ///< scales the gradient down to this global norm before the step; 0: off
  std::string schedule = "constant";  ///< learning-rate schedule over epochs
  double schedule_gamma = 0.1;        ///< step: factor
  int schedule_step = 10;             ///< step: epochs between factors
};

/// What one step did.
struct StepRecord {
  double gradient_norm = 0;  ///< global L2 norm before clipping, without penalties; NaN or Inf: the trial diverged
  bool was_clipped = false;
};

/// One rule of gradient descent on a flat block. Its memory is `slots`, which the caller owns: checkpoints and moves
/// between ranks are copies of bytes.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// Slot blocks, each as large as the parameters (0 for plain SGD, 2 for Adam).
  [[nodiscard]] virtual int num_slots() const = 0;
  /// `step` counts from 1. `slots` is [num_slots × size], zero before the first step.
  virtual void update(std::span<float> parameters, std::span<const float> gradient, std::span<float> slots,
                      std::int64_t step, double learning_rate) const = 0;
};

using MakeOptimizer = std::unique_ptr<Optimizer> (*)(const OptimizerSpec&, const ParameterLayout&);
[[nodiscard]] std::span<const CatalogueEntry<MakeOptimizer>> optimizer_catalogue();
[[nodiscard]] std::unique_ptr<Optimizer> make_optimizer(const OptimizerSpec& spec, const ParameterLayout& layout);

/// learning rate of an epoch (0-based): (spec, epoch, max_epochs) → rate.
using LearningRateSchedule = double (*)(const OptimizerSpec&, int epoch, int max_epochs);
[[nodiscard]] std::span<const CatalogueEntry<LearningRateSchedule>> schedule_catalogue();

/// Clips `gradient` in place, adds the L1 and L2 terms, and takes one optimizer step, always in the same order.
/// Leaves the parameters untouched where the norm is not finite.
StepRecord take_step(const Optimizer& optimizer, const OptimizerSpec& spec, const ParameterLayout& layout,
                     std::span<float> parameters, std::span<float> gradient, std::span<float> slots, std::int64_t step,
                     double learning_rate);

}  // namespace seqsweep::nn
