// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace seqsweep::search {

/// The standard normal quantile at p in (0, 1), to about 16 digits.
[[nodiscard]] double normal_quantile(double p);

}  // namespace seqsweep::search
