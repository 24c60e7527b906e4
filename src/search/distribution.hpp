// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "seqsweep/search/space.hpp"
#include "seqsweep/search/unit_cube.hpp"

namespace seqsweep::search {

/// Throws ConfigError (key `name`) for empty or reversed ranges, repeated choices, and numbers that make no sense.
void check(const std::string& name, const Distribution& distribution);

/// Whether the distribution can give this value.
[[nodiscard]] bool lies_in(const Distribution& distribution, const Value& value);

/// How many different values there are, or nothing where they are continuous.
[[nodiscard]] std::optional<std::int64_t> num_values(const Distribution& distribution);

/// The values of a discrete distribution in their order. `index` in 0 … num_values - 1.
[[nodiscard]] Value nth_value(const Distribution& distribution, std::int64_t index);

/// The quantiles u with value_at(distribution, u) == value.
[[nodiscard]] Cell cell_of(const Distribution& distribution, const Value& value);

/// Where in that order the value with this text stands; nothing if no value has it, or values are continuous.
[[nodiscard]] std::optional<std::int64_t> index_of(const Distribution& distribution, const std::string& text);

}  // namespace seqsweep::search
