// SPDX-License-Identifier: Apache-2.0
#include "first_points.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "dimensions.hpp"
#include "keys.hpp"
#include "values.hpp"

namespace seqsweep::config {
namespace {

std::vector<std::string> names_of(const search::SearchSpace& space) {
  std::vector<std::string> names;
  for (const auto& dimension : space.dimensions()) names.push_back(dimension.name);
  return names;
}

// The name as it is, or that of a parameter without its section.
std::string full_name_of(const std::string& name, const std::vector<std::string>& known) {
  const auto is_known = [&](const std::string& key) {
    return std::find(known.begin(), known.end(), key) != known.end();
  };
  return !is_known(name) && is_known("parameters." + name) ? "parameters." + name : name;
}

// As it is written, or as the number that it is: 0.30 of steps of 0.1, 3.0 of integers.
std::optional<search::Value> value_in(const search::Distribution& distribution, const std::string& text) {
  if (auto value = search::value_of(distribution, text)) return value;
  const auto number = parse_real(text);
  return number ? search::value_of(distribution, shortest(*number)) : std::nullopt;
}

// One value of a point, "model.hidden_size=64".
void place(const std::string& text, const SweepConfig& config, search::Point& point) {
  const auto equals = text.find('=');
  if (equals == std::string::npos)
    throw ConfigError(fmt::format("'{}' is no KEY=VALUE; separate values with commas", text));
  const auto known = names_of(config.space);
  const auto name = full_name_of(std::string(trim(std::string_view(text).substr(0, equals))), known);
  const auto value = std::string(trim(std::string_view(text).substr(equals + 1)));
  const auto found = std::find(known.begin(), known.end(), name);
  if (found == known.end())
    throw ConfigError(fmt::format("'{}' is no dimension of the search {}", name, known_names(name, known)));
  const auto d = static_cast<std::size_t>(found - known.begin());
  if (point.values[d]) throw ConfigError(fmt::format("{} is given twice; keep one", name));
  const auto read = value_in(config.space.dimensions()[d].distribution, canonical(*find_key(name), value));
  if (!read)
    throw ConfigError(fmt::format("{} = {} lies outside of {}", name, value,
                                  search::text_of(config.space.dimensions()[d].distribution)));
  point.values[d] = *read;
}

// A value of a dimension that the point does not have, or may not have, would be passed over.
void check_conditions(const search::SearchSpace& space, const search::Point& point) {
  for (std::size_t d = 0; d < space.size(); ++d) {
    const auto& dimension = space.dimensions()[d];
    if (!point.values[d] || space.is_active(d, point)) continue;
    const auto& key = dimension.condition->key;
    const auto parent = std::find_if(space.dimensions().begin(), space.dimensions().end(),
                                     [&](const search::Dimension& other) { return other.name == key; });
    const auto& value = point.values[static_cast<std::size_t>(parent - space.dimensions().begin())];
    const auto rule = dimension.name + " exists only" + condition_text(dimension);
    if (!value) throw ConfigError(fmt::format("{}; name {}, too: what is left out is drawn at random", rule, key));
    throw ConfigError(fmt::format("{}, and here {} = {}; leave it out", rule, key, search::text_of(*value)));
  }
}

void check_are_distinct(const SweepConfig& config, const std::vector<search::Point>& points) {
  std::vector<std::string> names;
  for (const auto& [name, text] : config.first_points) names.push_back(name);
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (points[i] == points[j] && config.space.contains(points[i]))
        throw ConfigError(
            fmt::format("start.{} is the same point as start.{}, and no point is trained twice; leave one "
                        "out",
                        names[i], names[j]),
            {}, "start." + names[i]);
}

}  // namespace

std::vector<search::Point> read_first_points(const SweepConfig& config) {
  std::vector<search::Point> points;
  for (const auto& [name, text] : config.first_points) {
    points.emplace_back().values.resize(config.space.size());
    try {
      for (const auto& value : split(text, ',')) place(std::string(trim(value)), config, points.back());
      check_conditions(config.space, points.back());
    } catch (const ConfigError& error) {
      throw ConfigError(fmt::format("start.{}: {}", name, error.what()), {}, "start." + name);
    }
  }
  check_are_distinct(config, points);
  return points;
}

}  // namespace seqsweep::config
