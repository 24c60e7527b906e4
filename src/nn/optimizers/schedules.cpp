// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "seqsweep/core/error.hpp"
#include "seqsweep/nn/optimizer.hpp"

namespace seqsweep::nn {
namespace {

double constant(const OptimizerSpec& spec, int, int) {
  return spec.learning_rate;
}

/// η γ^⌊epoch / step⌋, as torch.optim.lr_scheduler.StepLR.
double step(const OptimizerSpec& spec, int epoch, int) {
  SEQSWEEP_EXPECT(spec.schedule_step >= 1, "the epochs between factors of a step schedule must be at least 1");
  const int num_factors = epoch / spec.schedule_step;
  return spec.learning_rate * std::pow(spec.schedule_gamma, num_factors);
}

/// η (1 + cos(π epoch / max_epochs)) / 2: Loshchilov & Hutter, "SGDR", ICLR 2017, equation 5, without restarts.
double cosine(const OptimizerSpec& spec, int epoch, int max_epochs) {
  return spec.learning_rate * (1 + std::cos(std::numbers::pi * epoch / max_epochs)) / 2;
}

}  // namespace

std::span<const CatalogueEntry<LearningRateSchedule>> schedule_catalogue() {
  static constexpr CatalogueEntry<LearningRateSchedule> catalogue[] = {
      {"constant", "the same in all epochs", constant},
      {"step", "times schedule_gamma every schedule_step epochs", step},
      {"cosine", "half a cosine, down to zero after the last epoch (Loshchilov & Hutter 2017)", cosine},
  };
  return catalogue;
}

}  // namespace seqsweep::nn
