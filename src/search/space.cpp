// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/space.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "distribution.hpp"
#include "grid.hpp"

namespace seqsweep::search {
namespace {

using IndexOfName = std::map<std::string, std::size_t>;

std::vector<std::string> names_in(const IndexOfName& index) {
  std::vector<std::string> names;
  for (const auto& [name, d] : index) names.push_back(name);
  return names;
}

// What may stand in a condition on this distribution, for an error text.
std::string possible_values(const Distribution& distribution, const std::string& mistyped) {
  if (const auto* choice = std::get_if<Choice>(&distribution)) return known_names(mistyped, choice->values);
  return fmt::format("(it is {})", text_of(distribution));
}

// The earlier dimension that the condition of `dimension` refers to. Throws ConfigError unless it can take each value.
std::size_t parent_of(const Dimension& dimension, const std::vector<Dimension>& all, const IndexOfName& earlier) {
  const auto& [name, distribution, condition] = dimension;
  const auto parent = earlier.find(condition->key);
  if (parent == earlier.end())
    throw ConfigError(fmt::format("the condition of {} refers to '{}', which is no earlier dimension of the search {}",
                                  name, condition->key, known_names(condition->key, names_in(earlier))),
                      {}, name);
  if (condition->values.empty())
    throw ConfigError(fmt::format("the condition of {} names no value of {}; write at least one", name, condition->key),
                      {}, name);
  const auto& values = all[parent->second].distribution;
  for (const auto& value : condition->values)
    if (!index_of(values, value))
      throw ConfigError(fmt::format("the condition of {} asks for {} == {}, which it never is {}", name, condition->key,
                                    value, possible_values(values, value)),
                        {}, name);
  return parent->second;
}

// Where a dimension does not exist everywhere its column holds real numbers, for a cell without a value is NaN.
void check_is_held_by_its_column(const Dimension& dimension) {
  constexpr std::int64_t last_exact = std::int64_t{1} << 53;
  const auto* integer = std::get_if<Integer>(&dimension.distribution);
  if (!dimension.condition || integer == nullptr) return;
  if (integer->low < -last_exact || integer->high > last_exact)
    throw ConfigError(
        fmt::format("{} = {} has a condition, and integers beyond 2^53 cannot be told apart then; take an "
                    "offset off, or take the condition away",
                    dimension.name, text_of(dimension.distribution)),
        {}, dimension.name);
}

}  // namespace

SearchSpace::SearchSpace(std::vector<Dimension> dimensions) : dimensions_(std::move(dimensions)) {
  IndexOfName earlier;
  for (const auto& dimension : dimensions_) {
    if (earlier.contains(dimension.name))
      throw ConfigError(fmt::format("{} is given twice; leave one out", dimension.name), {}, dimension.name);
    check(dimension.name, dimension.distribution);
    check_is_held_by_its_column(dimension);
    const auto d = earlier.size();
    parents_.push_back(dimension.condition ? parent_of(dimension, dimensions_, earlier) : d);
    earlier[dimension.name] = d;
  }
}

bool SearchSpace::is_active(std::size_t d, const Point& point) const {
  const auto& condition = dimensions_[d].condition;
  if (!condition) return true;
  SEQSWEEP_EXPECT(parents_[d] < point.values.size(), "a point lacks the values before a conditional dimension");
  const auto& value = point.values[parents_[d]];
  return value &&
         std::find(condition->values.begin(), condition->values.end(), text_of(*value)) != condition->values.end();
}

bool SearchSpace::contains(const Point& point) const {
  if (point.values.size() != size()) return false;
  for (std::size_t d = 0; d < size(); ++d) {
    const auto& value = point.values[d];
    if (value.has_value() != is_active(d, point)) return false;
    if (value && !lies_in(dimensions_[d].distribution, *value)) return false;
  }
  return true;
}

std::optional<std::int64_t> SearchSpace::grid_size() const {
  for (const auto& dimension : dimensions_)
    if (!num_values(dimension.distribution)) return std::nullopt;
  const Grid grid(*this);
  return grid.size() <= Grid::max_size ? std::optional(grid.size()) : std::nullopt;
}

}  // namespace seqsweep::search
