// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
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

/// What one step has of its own, the same for every element.
struct StepFactors {
  float rate = 0;     ///< η, with bias corrections
  float epsilon = 0;  ///< ε, with bias corrections
  float kept = 1;     ///< what decoupled decay leaves of a weight
};

/// Neighbouring elements of the parameter block, all weights or all biases.
struct UpdateBlock {
  std::size_t size = 0;
  float* parameters = nullptr;
  const float* gradient = nullptr;  ///< null: zero; not read by a replay
  std::array<float*, 2> slots{};    ///< the first num_slots
  float gradient_scale = 1;
  float l1 = 0, l2 = 0;  ///< penalties
  bool decays = false;   ///< decoupled: w ← kept · w before the step
};

/// One rule of gradient descent. Its memory is `slots`, which the caller owns: checkpoints and moves between ranks are
/// copies of bytes.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// Slot blocks, each as large as the parameters (0 for plain SGD, 2 for Adam); zero before the first step.
  [[nodiscard]] virtual int num_slots() const = 0;
  /// `step` counts from 1.
  [[nodiscard]] virtual StepFactors factors(std::int64_t step, double learning_rate) const = 0;
  [[nodiscard]] virtual bool has_decay() const { return false; }
  /// One step.
  virtual void update(const UpdateBlock& block, const StepFactors& factors) const = 0;
  /// Whether elements of zero slots and zero gradient stay as they are, and the others can be replayed.
  [[nodiscard]] virtual bool can_replay() const = 0;
  /// The steps `missed`, whose gradient was zero here: what as many calls of `update` would do, bit for bit.
  virtual void replay(const UpdateBlock& block, std::span<const StepFactors> missed) const = 0;
};

using MakeOptimizer = std::unique_ptr<Optimizer> (*)(const OptimizerSpec&);
[[nodiscard]] std::span<const CatalogueEntry<MakeOptimizer>> optimizer_catalogue();
[[nodiscard]] std::unique_ptr<Optimizer> make_optimizer(const OptimizerSpec& spec);

/// learning rate of an epoch (0-based): (spec, epoch, max_epochs) → rate.
using LearningRateSchedule = double (*)(const OptimizerSpec&, int epoch, int max_epochs);
[[nodiscard]] std::span<const CatalogueEntry<LearningRateSchedule>> schedule_catalogue();

}  // namespace seqsweep::nn
