// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "samplers.hpp"

namespace seqsweep::search {

std::span<const CatalogueEntry<MakeSampler>> sampler_catalogue() {
  static constexpr std::array<CatalogueEntry<MakeSampler>, 8> catalogue = {{
      {"random", "every point by itself, from the distributions", make_random},
      {"grid", "every combination of discrete values, in the order of nested loops", make_grid},
      {"sobol", "a scrambled Sobol sequence: random points that leave no gaps", make_sobol},
      {"latin", "Latin hypercubes of 16 points: random points that leave no gap along any dimension", make_latin},
      {"cmaes", "CMA-ES: a normal distribution that moves and turns to where the good points lie", make_cmaes},
      {"tpe", "tree-structured Parzen estimator: where the best trials are dense and the others are not", make_tpe},
      {"auto", "gp for the first trials, then tpe; tpe alone where there are many dimensions", make_auto},
      {"gp", "Gaussian process: where it expects the largest improvement; for few, costly trials", make_gp},
  }};
  return catalogue;
}

}  // namespace seqsweep::search
