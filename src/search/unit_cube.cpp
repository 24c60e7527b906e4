// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/search/unit_cube.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

#include "distribution.hpp"

namespace seqsweep::search {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

bool is_rising(const std::vector<std::string>& values) {
  double last = -std::numeric_limits<double>::infinity();
  for (const auto& text : values) {
    const auto number = parse_real(text);
    if (!number || !(*number > last)) return false;
    last = *number;
  }
  return true;
}

Axis axis_of(const Distribution& distribution) {
  const auto count = num_values(distribution);
  if (!count) return {};
  const auto* choice = std::get_if<Choice>(&distribution);
  const bool is_ordered = choice == nullptr || is_rising(choice->values);
  return {is_ordered ? Axis::Kind::ordinal : Axis::Kind::categorical, *count};
}

double to_quantile(double u) {
  return std::clamp(u, 0.0, std::nextafter(1.0, 0.0));
}

double index_of_choice(const Distribution& distribution, const Value& value) {
  return static_cast<double>(index_of(distribution, std::get<std::string>(value)).value());
}

}  // namespace

UnitCube::UnitCube(SearchSpace space) : space_(std::move(space)), conditions_(space_.size()) {
  const auto& dimensions = space_.dimensions();
  for (const auto& dimension : dimensions) axes_.push_back(axis_of(dimension.distribution));
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    if (!dimensions[d].condition) continue;
    const auto& key = dimensions[d].condition->key;
    const auto parent = static_cast<std::size_t>(
        std::find_if(dimensions.begin(), dimensions.end(), [&](const Dimension& o) { return o.name == key; }) -
        dimensions.begin());
    Condition condition{parent, {}};
    for (const auto& text : dimensions[d].condition->values) {
      const auto index = index_of(dimensions[parent].distribution, text).value();
      const auto k = static_cast<double>(index);
      condition.cells.push_back(
          axes_[parent].kind == Axis::Kind::categorical
              ? Cell{k - 0.5, k + 0.5}
              : cell_of(dimensions[parent].distribution, nth_value(dimensions[parent].distribution, index)));
    }
    conditions_[d] = std::move(condition);
  }
}

std::optional<std::size_t> UnitCube::parent(std::size_t d) const {
  return conditions_[d] ? std::optional(conditions_[d]->parent) : std::nullopt;
}

bool UnitCube::is_active(std::size_t d, std::span<const double> coordinates) const {
  const auto& condition = conditions_[d];
  if (!condition) return true;
  const bool is_quantile = axes_[condition->parent].kind != Axis::Kind::categorical;
  const double u = is_quantile && !std::isnan(coordinates[condition->parent])
                       ? to_quantile(coordinates[condition->parent])
                       : coordinates[condition->parent];
  return std::any_of(condition->cells.begin(), condition->cells.end(),
                     [u](const Cell& cell) { return cell.low <= u && u < cell.high; });
}

Cell UnitCube::cell(std::size_t d, double u) const {
  SEQSWEEP_EXPECT(axes_[d].kind != Axis::Kind::categorical, "a choice between names has no quantiles");
  u = to_quantile(u);
  if (axes_[d].kind == Axis::Kind::continuous) return {u, u};
  const auto& distribution = space_.dimensions()[d].distribution;
  return cell_of(distribution, value_at(distribution, u));
}

std::vector<double> UnitCube::coordinates_of(const Point& point) const {
  SEQSWEEP_EXPECT(point.values.size() == size(), "a point of another space");
  std::vector<double> coordinates(size(), absent);
  for (std::size_t d = 0; d < size(); ++d) {
    if (!point.values[d]) continue;
    const auto& distribution = space_.dimensions()[d].distribution;
    coordinates[d] = axes_[d].kind == Axis::Kind::categorical ? index_of_choice(distribution, *point.values[d])
                                                              : cell_of(distribution, *point.values[d]).middle();
  }
  return coordinates;
}

Point UnitCube::point_at(std::span<const double> coordinates) const {
  SEQSWEEP_EXPECT(coordinates.size() == size(), "coordinates of another space");
  Point point;
  point.values.resize(size());
  for (std::size_t d = 0; d < size(); ++d) {
    if (!space_.is_active(d, point)) continue;
    SEQSWEEP_EXPECT(!std::isnan(coordinates[d]), "a coordinate is missing where its dimension exists");
    const auto& distribution = space_.dimensions()[d].distribution;
    if (axes_[d].kind == Axis::Kind::categorical)
      point.values[d] =
          nth_value(distribution, std::clamp<std::int64_t>(std::llround(coordinates[d]), 0, axes_[d].num_values - 1));
    else
      point.values[d] = value_at(distribution, to_quantile(coordinates[d]));
  }
  return point;
}

}  // namespace seqsweep::search
