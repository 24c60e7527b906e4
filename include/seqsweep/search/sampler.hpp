// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "seqsweep/core/catalogue.hpp"
#include "seqsweep/core/random.hpp"
#include "seqsweep/search/space.hpp"
#include "seqsweep/search/trial_record.hpp"

namespace seqsweep::search {

/// Proposes where to try next. Keeps no hidden state: the answer depends on the arguments alone.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// `history`: every trial begun so far, in order of id. `key`: for this trial's random numbers.
  [[nodiscard]] virtual Point propose(std::span<const TrialRecord> history, TrialId id, RandomKey key) const = 0;
  /// How many different points there are to propose (grid), or nothing.
  [[nodiscard]] virtual std::optional<std::int64_t> num_points() const { return std::nullopt; }
};

/// `seed_key` is for randomness shared by all trials (the scrambling of a Sobol sequence).
using MakeSampler = std::unique_ptr<Sampler> (*)(const SearchSpace&, RandomKey seed_key);
[[nodiscard]] std::span<const CatalogueEntry<MakeSampler>> sampler_catalogue();

}  // namespace seqsweep::search
