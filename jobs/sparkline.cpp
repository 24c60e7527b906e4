// SPDX-License-Identifier: Apache-2.0
#include "sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace seqsweep::jobs {

Scale scale_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  Scale scale{values.front(), values[(values.size() - 1) * 19 / 20]};
  scale.is_logarithmic = scale.low > 0 && scale.high > 10 * scale.low;
  return scale;
}

std::string sparkline(std::span<const double> values, const Scale& scale) {
  constexpr std::array blocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto place = [&](double value) {
    return scale.is_logarithmic ? std::log(value / scale.low) : value - scale.low;
  };
  const double highest = place(scale.high);
  std::string line;
  for (const double value : values) {
    if (!std::isfinite(value)) {
      line += ' ';
      continue;
    }
    const double share = highest > 0 ? std::clamp(place(std::max(value, scale.low)) / highest, 0.0, 1.0) : 0.0;
    line += blocks[static_cast<std::size_t>(std::lround(share * (blocks.size() - 1)))];
  }
  return line;
}

std::vector<double> at_most(std::size_t count, std::span<const double> values) {
  if (values.size() <= count) return {values.begin(), values.end()};
  std::vector<double> kept;
  for (std::size_t i = 1; i <= count; ++i) kept.push_back(values[i * values.size() / count - 1]);
  return kept;
}

std::string progress_bar(double share, std::size_t columns) {
  const auto done = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(columns) + 0.5);
  std::string bar;
  for (std::size_t i = 0; i < columns; ++i) bar += i < done ? "━" : "─";
  return bar;
}

}  // namespace seqsweep::jobs
