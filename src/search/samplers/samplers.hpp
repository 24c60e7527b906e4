// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "seqsweep/search/sampler.hpp"

namespace seqsweep::search {

// One maker per file of this folder; catalogue.cpp lists them.
[[nodiscard]] std::unique_ptr<Sampler> make_random(const SearchSpace& space, const SamplerOptions& options);
[[nodiscard]] std::unique_ptr<Sampler> make_grid(const SearchSpace& space, const SamplerOptions& options);
[[nodiscard]] std::unique_ptr<Sampler> make_sobol(const SearchSpace& space, const SamplerOptions& options);
[[nodiscard]] std::unique_ptr<Sampler> make_latin(const SearchSpace& space, const SamplerOptions& options);
[[nodiscard]] std::unique_ptr<Sampler> make_cmaes(const SearchSpace& space, const SamplerOptions& options);
[[nodiscard]] std::unique_ptr<Sampler> make_auto(const SearchSpace& space, const SamplerOptions& options);
[[nodiscard]] std::unique_ptr<Sampler> make_gp(const SearchSpace& space, const SamplerOptions& options);
[[nodiscard]] std::unique_ptr<Sampler> make_tpe(const SearchSpace& space, const SamplerOptions& options);

}  // namespace seqsweep::search
