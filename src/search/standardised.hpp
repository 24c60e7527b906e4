// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include <Eigen/Core>

namespace seqsweep::search {

// What was measured, as a Gaussian process can take it: mean 0, variance 1 (all 0 where nothing differs), order kept.
// Infinities count as the worst finite value; very bad values are moved in.

/// Distances between good values stay in proportion.
[[nodiscard]] Eigen::VectorXd standardised(std::span<const double> values);
/// As normal as a power makes them: what is good is spread out, what is bad moves together.
[[nodiscard]] Eigen::VectorXd warped(std::span<const double> values);

}  // namespace seqsweep::search
