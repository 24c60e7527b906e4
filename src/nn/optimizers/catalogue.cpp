// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/nn/optimizer.hpp"

namespace seqsweep::nn {

std::unique_ptr<Optimizer> make_sgd(const OptimizerSpec& spec);
std::unique_ptr<Optimizer> make_adam(const OptimizerSpec& spec);
std::unique_ptr<Optimizer> make_adamw(const OptimizerSpec& spec);
std::unique_ptr<Optimizer> make_rmsprop(const OptimizerSpec& spec);

std::span<const CatalogueEntry<MakeOptimizer>> optimizer_catalogue() {
  static constexpr CatalogueEntry<MakeOptimizer> catalogue[] = {
      {"sgd", "stochastic gradient descent, with momentum", make_sgd},
      {"adam", "adaptive moments (Kingma & Ba 2015)", make_adam},
      {"adamw", "Adam with decoupled weight decay (Loshchilov & Hutter 2019)", make_adamw},
      {"rmsprop", "gradient over its running root mean square (Tieleman & Hinton 2012)", make_rmsprop},
  };
  return catalogue;
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerSpec& spec) {
  return find_in(optimizer_catalogue(), "optimizer", spec.name).make(spec);
}

}  // namespace seqsweep::nn
