// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace seqsweep::search {

/// Several values of one trial, all to be minimised, in the order of the sweep's metrics. All infinite: it diverged or
/// failed.
using Objectives = std::vector<double>;

/// Whether a is nowhere worse than b and somewhere better.
[[nodiscard]] bool dominates(const Objectives& a, const Objectives& b);

/// The front to which each point belongs: 0 if no other point dominates it, k + 1 if those that do belong to fronts up
/// to k and one of them to front k. Equal points belong to the same front.
[[nodiscard]] std::vector<std::size_t> front_ranks(std::span<const Objectives> points);

/// How far the neighbours of each point of a front are from one another, in shares of the front's extent, summed over
/// the objectives. Infinite for the ends of the front.
[[nodiscard]] std::vector<double> crowding_distances(std::span<const Objectives> front);

/// The volume of all that some point dominates and that dominates the reference point. Exact.
[[nodiscard]] double hypervolume(std::span<const Objectives> points, const Objectives& reference);

/// What the hypervolume of `points` and another one has more than that of `points`.
[[nodiscard]] double hypervolume_gain(std::span<const Objectives> points, const Objectives& another,
                                      const Objectives& reference);

/// What each point contributes: how much smaller the hypervolume is without it.
[[nodiscard]] std::vector<double> hypervolume_contributions(std::span<const Objectives> points,
                                                            const Objectives& reference);

/// Which `count` of the points have a large hypervolume together, the one that adds most first: at least 1 - 1/e of the
/// largest that so many points have.
[[nodiscard]] std::vector<std::size_t> hypervolume_subset(std::span<const Objectives> points, std::size_t count,
                                                          const Objectives& reference);

}  // namespace seqsweep::search
