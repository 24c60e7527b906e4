// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace seqsweep {

/// An integer that cannot be mistaken for another: TrialId{3} is no epoch and no rank.
template <class Tag>
struct StrongId {
  std::int32_t value = -1;

  constexpr StrongId() = default;
  constexpr explicit StrongId(std::int32_t v) : value(v) {}
  constexpr auto operator<=>(const StrongId&) const = default;
};

/// Trials are numbered from 0 in the order in which the search decided them.
using TrialId = StrongId<struct TrialTag>;

}  // namespace seqsweep

template <class Tag>
struct std::hash<seqsweep::StrongId<Tag>> {
  std::size_t operator()(seqsweep::StrongId<Tag> id) const noexcept { return std::hash<std::int32_t>{}(id.value); }
};
