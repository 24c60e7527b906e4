// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/search/history.hpp"
#include "seqsweep/search/space.hpp"

namespace seqsweep::search {

/// What is asked of a sampler: a point for the trial that begins next.
struct Request {
  std::int64_t index;  ///< how often this sampler was asked before; more than there are trials where points were turned
                       ///< down (tried already, beyond a limit)
  RandomKey key;       ///< for this proposal's random numbers
};

/// Proposes where to try next. It may remember what it was asked and saw: it is asked in the order of virtual time, so
/// that whatever it is, it is a function of the sweep's definition.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// The next trial's row will be history.num_rows().
  [[nodiscard]] virtual Point propose(const History& history, const Request& request) = 0;
  /// How many different points there are to propose (grid), or nothing.
  [[nodiscard]] virtual std::optional<std::int64_t> num_points() const { return std::nullopt; }
  /// What it will do and why, one line for people, where its name does not say that.
  [[nodiscard]] virtual std::string description() const { return {}; }
  /// What made the last proposal, where its name does not say that.
  [[nodiscard]] virtual std::string origin() const { return {}; }
};

struct SamplerOptions {
  RandomKey seed_key{0};  ///< for randomness shared by all trials (the scrambling of a Sobol sequence)
  std::size_t num_objectives = 1;
};
/// Throws ConfigError where the sampler cannot search this space, or not for so many objectives.
using MakeSampler = std::unique_ptr<Sampler> (*)(const SearchSpace&, const SamplerOptions&);
[[nodiscard]] std::span<const CatalogueEntry<MakeSampler>> sampler_catalogue();

}  // namespace seqsweep::search
