// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace seqsweep::jobs {

/// From the lowest block to the highest.
struct Scale {
  double low = 0, high = 0;
  bool is_logarithmic = false;
};
/// Of these values. The highest twentieth does not count, that one bad epoch may not flatten the others; logarithmic
/// where they span a factor of ten.
[[nodiscard]] Scale scale_of(std::vector<double> values);

/// A block a value, "▇▅▂▁▁"; blank where it is not finite.
[[nodiscard]] std::string sparkline(std::span<const double> values, const Scale& scale);

/// So many values or fewer that stand for all: the last of each stretch.
[[nodiscard]] std::vector<double> at_most(std::size_t count, std::span<const double> values);

/// "━━━━───": how far something has come, 0 to 1.
[[nodiscard]] std::string progress_bar(double share, std::size_t columns);

}  // namespace seqsweep::jobs
