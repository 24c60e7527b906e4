// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "samplers.hpp"

namespace seqsweep::search {

std::span<const CatalogueEntry<MakeSampler>> sampler_catalogue() {
  static constexpr std::array<CatalogueEntry<MakeSampler>, 10> catalogue = {{
      {"random", "every point by itself, from the distributions", make_random},
      {"grid", "every combination of discrete values, in the order of nested loops", make_grid},
      {"sobol", "a scrambled Sobol sequence: random points that leave no gaps", make_sobol},
      {"latin", "Latin hypercubes of 16 points: random points that leave no gap along any dimension", make_latin},
      {"cmaes", "CMA-ES: a normal distribution that moves and turns to where the good points lie", make_cmaes},
      {"tpe", "tree-structured Parzen estimator: where the best trials are dense and the others are not", make_tpe},
      {"auto", "gp for the first trials, then tpe; tpe alone where there are many dimensions", make_auto},
      {"gp", "Gaussian process: where it expects the largest improvement; for few, costly trials", make_gp},
      {"nsga2", "NSGA-II, a genetic algorithm for several objectives: children of the trials that none dominates",
       make_nsga2},
      {"motpe", "tpe for several objectives: where those trials are dense that none dominates", make_motpe},
  }};
  return catalogue;
}

void expect_one_objective(std::string_view sampler, const SamplerOptions& options) {
  if (options.num_objectives == 1) return;
  throw ConfigError(
      fmt::format("search.sampler = {} has one objective, and sweep.metric names {}; write motpe or nsga2, "
                  "or auto, which takes motpe",
                  sampler, options.num_objectives),
      {}, "search.sampler");
}

}  // namespace seqsweep::search
