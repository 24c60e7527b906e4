// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace seqsweep::search {

/// log h(u) and its derivative by u.
struct LogImprovement {
  double value, slope;
};

/// Of expected improvement EI = σ h(u), u = (best - μ) / σ, h(u) = φ(u) + u Φ(u): log h(u), exact to about 14 digits
/// for any finite u, also where h(u) itself is too small for a double.
[[nodiscard]] LogImprovement log_improvement(double u);

}  // namespace seqsweep::search
