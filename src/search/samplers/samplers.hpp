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
[[nodiscard]] std::unique_ptr<Sampler> make_nsga2(const SearchSpace& space, const SamplerOptions& options);
[[nodiscard]] std::unique_ptr<Sampler> make_motpe(const SearchSpace& space, const SamplerOptions& options);

// What a maker of a sampler for one objective says of more. Throws ConfigError.
void expect_one_objective(std::string_view sampler, const SamplerOptions& options);

}  // namespace seqsweep::search
