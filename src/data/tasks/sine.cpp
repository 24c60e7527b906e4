// SPDX-License-Identifier: Apache-2.0
// Noisy sine waves of random period, phase and amplitude; what comes next, without the noise?
//
//   x_t = Σ_c a_c sin(2π t / p_c + φ_c) + noise · N(0, 1)        y = the sum at the last step + horizon
//   p_c uniform in [10, 50] steps, a_c in [0.5, 1], φ_c in [0, 2π)
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "data/tasks/tasks.hpp"

namespace seqsweep::data::tasks {
namespace {

constexpr std::array options = {
    sequences_option,
    OptionSpec{"length", "T", "50", "steps of a sequence"},
    OptionSpec{"horizon", "H", "1", "steps after the sequence at which it is predicted"},
    OptionSpec{"waves", "C", "1", "sine waves added up"},
    OptionSpec{"noise", "SD", "0.1", "standard deviation of the noise"},
    seed_option,
    split_option,
};

struct Wave {
  double amplitude, period, phase;
  [[nodiscard]] double at(double t) const { return amplitude * std::sin(2 * std::numbers::pi * t / period + phase); }
};

SequenceTable make(const Options& given) {
  const auto T = given.integer("length", 1, 1 << 20), horizon = given.integer("horizon", 1, 1 << 20);
  const auto num_waves = static_cast<std::size_t>(given.integer("waves", 1, 1000));
  const double noise = given.real("noise", 0, 1e6);
  SequenceTable table;
  auto& header = table.header;
  header.num_features = 1;
  header.feature_names = {"x"};
  header.output_names = {fmt::format("x+{}", horizon)};
  header.feature_mean = header.target_mean = {0};
  header.feature_sd = header.target_sd = {1};
  generate_sequences(table, given, [&](RandomStream random) {
    std::vector<Wave> waves(num_waves);
    for (auto& wave : waves) {
      wave.amplitude = 0.5 + 0.5 * random.uniform();
      wave.period = 10 + 40 * random.uniform();
      wave.phase = 2 * std::numbers::pi * random.uniform();
    }
    const auto value_at = [&](std::int64_t t) {
      double sum = 0;
      for (const auto& wave : waves) sum += wave.at(static_cast<double>(t));
      return sum;
    };
    for (std::int64_t t = 0; t < T; ++t)
      table.features.push_back(static_cast<float>(value_at(t) + noise * random.normal()));
    table.targets.push_back(static_cast<float>(value_at(T - 1 + horizon)));
  });
  table.persistence_feature = {0};
  set_floors(table);
  return table;
}

}  // namespace

Task sine() {
  return {options, make};
}

}  // namespace seqsweep::data::tasks
