// SPDX-License-Identifier: Apache-2.0
// The Mackey–Glass series (Mackey and Glass 1977, "Oscillation and chaos in physiological control systems"), chaotic
// for a delay τ above 16.8:
//
//   dx/dt = β x(t-τ) / (1 + x(t-τ)^10) - γ x(t),   β = 0.2, γ = 0.1
//
// integrated by Runge–Kutta of order 4 with a step of 0.1, the delayed value within a step by linear interpolation;
// sampled once per unit of time after a transient of 1000. Windows of one series, cut in time.
#include "data/tasks/tasks.hpp"
#include "data/windows.hpp"

namespace seqsweep::data::tasks {
namespace {

constexpr std::array options = {
    OptionSpec{"sequences", "N", "4000", "number of windows, all parts together"},
    OptionSpec{"length", "T", "100", "steps of a window [units of time]"},
    OptionSpec{"horizon", "H", "84", "steps after the window that are predicted: H, or 1..H for all of them"},
    OptionSpec{"delay", "TAU", "17", "the equation's delay τ [units of time]"},
    seed_option,
    split_option,
};

constexpr std::size_t steps_per_unit = 10;
constexpr std::size_t transient = 1000;  // [units of time]

double slope(double x, double delayed) {
  const double x2 = delayed * delayed, x4 = x2 * x2;
  return 0.2 * delayed / (1 + x4 * x4 * x2) - 0.1 * x;
}

std::vector<double> integrate(std::size_t num_samples, std::size_t tau, double start) {
  const std::size_t lag = tau * steps_per_unit;
  const double dt = 1.0 / steps_per_unit;
  std::vector<double> x(lag + 1, start), samples;
  for (std::size_t step = 0; samples.size() < num_samples; ++step) {
    const double now = x.back(), delayed = x[step], delayed_next = x[step + 1];
    const double delayed_half = (delayed + delayed_next) / 2;
    const double k1 = slope(now, delayed);
    const double k2 = slope(now + dt / 2 * k1, delayed_half);
    const double k3 = slope(now + dt / 2 * k2, delayed_half);
    const double k4 = slope(now + dt * k3, delayed_next);
    x.push_back(now + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4));
    if (step >= transient * steps_per_unit && step % steps_per_unit == 0) samples.push_back(x.back());
  }
  return samples;
}

SequenceTable make(const Options& given) {
  const auto count = static_cast<std::size_t>(given.integer("sequences", 1));
  const auto tau = static_cast<std::size_t>(given.integer("delay", 1, 1000));
  Forecast forecast = horizon_of(given);
  forecast.window = static_cast<std::size_t>(given.integer("length", 1, 1 << 20));
  auto random = seed_of(given).fold(Purpose::task).stream();
  const auto samples =
      integrate(count + forecast.window + forecast.last_horizon - 1, tau, 1.1 + 0.2 * random.uniform());
  SequenceTable table;
  table.header.num_features = 1;
  table.header.feature_names = {"x"};
  table.header.feature_mean = {0};
  table.header.feature_sd = {1};
  table.features.assign(samples.begin(), samples.end());
  auto ends = split_ends(count, split_fractions(given));
  for (auto& end : ends) end += forecast.window + forecast.last_horizon - 1;  // the row after the last window's target
  const std::array series = {Series{0, ends}};
  const auto training = covered_rows(series, forecast, Split::train, samples.size());
  standardise_feature(table, training, 0);
  add_windows(table, series, forecast, {{"x", samples, 0}}, training);
  set_floors(table);
  return table;
}

}  // namespace

Task mackey_glass() {
  return {options, make};
}

}  // namespace seqsweep::data::tasks
