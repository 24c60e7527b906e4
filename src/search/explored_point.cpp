// SPDX-License-Identifier: Apache-2.0
#include "explored_point.hpp"

#include <algorithm>
#include <cmath>

#include "seqsweep/core/error.hpp"

#include "dimension_keys.hpp"
#include "distribution.hpp"

namespace seqsweep::search {
namespace {

constexpr double step_size = 0.2;  // times 1 ± this

double clipped(const Distribution& distribution, double x) {
  if (const auto* uniform = std::get_if<Uniform>(&distribution)) return std::clamp(x, uniform->low, uniform->high);
  if (const auto* log = std::get_if<LogUniform>(&distribution)) return std::clamp(x, log->low, log->high);
  return x;
}

// How many values further: as many as a fifth of the value itself, at least one.
std::int64_t stride(const Distribution& distribution, const Value& value) {
  double values = 0;
  if (const auto* integer = std::get_if<Integer>(&distribution))
    values = static_cast<double>(std::get<std::int64_t>(value)) / static_cast<double>(integer->step);
  else if (const auto* uniform = std::get_if<Uniform>(&distribution))
    values = std::get<double>(value) / uniform->step;
  return std::max<std::int64_t>(1, std::llround(step_size * std::abs(values)));
}

Value perturbed(const Distribution& distribution, const Value& value, bool is_up) {
  const auto count = num_values(distribution);
  if (!count) return clipped(distribution, std::get<double>(value) * (is_up ? 1 + step_size : 1 - step_size));
  const auto index = index_of(distribution, text_of(value));
  SEQSWEEP_EXPECT(index.has_value(), "a point holds a value that its distribution has not");
  const auto distance = stride(distribution, value);
  return nth_value(distribution, std::clamp<std::int64_t>(*index + (is_up ? distance : -distance), 0, *count - 1));
}

}  // namespace

Point explored_point(const SearchSpace& space, const Point& point, const Exploration& exploration, RandomKey key) {
  Point next;
  next.values.resize(space.size());
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (!space.is_active(d, next)) continue;
    const auto& [name, distribution, condition] = space.dimensions()[d];
    const auto& names = exploration.dimensions;
    const bool may_change = std::find(names.begin(), names.end(), name) != names.end();
    auto random = key.fold(dimension_key(name)).stream();
    const double choice = random.uniform();
    const double u = random.uniform();
    if (!point.values[d] || (may_change && choice < exploration.resample_probability))
      next.values[d] = value_at(distribution, u);
    else
      next.values[d] = may_change ? perturbed(distribution, *point.values[d], u < 0.5) : *point.values[d];
  }
  return next;
}

}  // namespace seqsweep::search
