// SPDX-License-Identifier: Apache-2.0
#include "first_points.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

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
  const auto read = search::value_of(config.space.dimensions()[d].distribution, canonical(*find_key(name), value));
  if (!read)
    throw ConfigError(fmt::format("{} = {} lies outside of {}", name, value,
                                  search::text_of(config.space.dimensions()[d].distribution)));
  point.values[d] = *read;
}

}  // namespace

std::vector<search::Point> read_first_points(const SweepConfig& config) {
  std::vector<search::Point> points;
  for (const auto& [name, text] : config.first_points) {
    points.emplace_back().values.resize(config.space.size());
    try {
      for (const auto& value : split(text, ',')) place(std::string(trim(value)), config, points.back());
    } catch (const ConfigError& error) {
      throw ConfigError(fmt::format("start.{}: {}", name, error.what()), {}, "start." + name);
    }
  }
  return points;
}

}  // namespace seqsweep::config
