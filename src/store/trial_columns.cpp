// SPDX-License-Identifier: Apache-2.0
// The dimensions of the search as columns of /trials.
#include <algorithm>
#include <cmath>
#include <limits>

#include "seqsweep/core/text.hpp"

#include "tables.hpp"

namespace seqsweep::store {
namespace {

using search::Choice;
using search::Dimension;
using search::Integer;
using search::Value;

enum class ColumnKind { integer, real, text };

template <class Number>
std::vector<Number> numbers_of(const Choice& choice, std::optional<Number> (*parse)(std::string_view)) {
  std::vector<Number> numbers;
  for (const auto& text : choice.values)
    if (const auto number = parse(text)) numbers.push_back(*number);
  return numbers;
}

// Whether each text is a number of its own, so that the number tells which text it was.
template <class Number>
bool are_distinct(std::vector<Number> numbers, std::size_t count) {
  if (numbers.size() != count ||
      !std::all_of(numbers.begin(), numbers.end(), [](Number x) { return std::isfinite(static_cast<double>(x)); }))
    return false;
  std::sort(numbers.begin(), numbers.end());
  return std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end();
}

ColumnKind kind_of(const Dimension& dimension) {
  if (std::holds_alternative<Integer>(dimension.distribution))
    return dimension.condition ? ColumnKind::real : ColumnKind::integer;
  const auto* choice = std::get_if<Choice>(&dimension.distribution);
  if (!choice) return ColumnKind::real;
  if (dimension.condition) return ColumnKind::text;
  if (are_distinct(numbers_of(*choice, parse_integer), choice->values.size())) return ColumnKind::integer;
  if (are_distinct(numbers_of(*choice, parse_real), choice->values.size())) return ColumnKind::real;
  return ColumnKind::text;
}

std::optional<Value>& slot(TrialRow& row, std::size_t d) {
  if (row.point.values.size() <= d) row.point.values.resize(d + 1);
  return row.point.values[d];
}

template <class Held>
const Held& held(const TrialRow& row, std::size_t d, const Dimension& dimension) {
  SEQSWEEP_EXPECT(d < row.point.values.size(), "a point has fewer values than the search has dimensions");
  const auto* value = row.point.values[d] ? std::get_if<Held>(&*row.point.values[d]) : nullptr;
  SEQSWEEP_EXPECT(value != nullptr, fmt::format("the value of '{}' is missing or of another type", dimension.name));
  return *value;
}

bool is_absent(const TrialRow& row, std::size_t d) {
  return d >= row.point.values.size() || !row.point.values[d];
}

template <class Number>
const std::string& choice_of(const Choice& choice, Number number, std::optional<Number> (*parse)(std::string_view)) {
  for (const auto& text : choice.values)
    if (parse(text) == number) return text;
  throw BadCell{fmt::format("{} is none of the choices", number)};
}

struct Cell {
  RowFormat<TrialRow>::Put put;
  RowFormat<TrialRow>::Get get;
};

Cell integer_cell_of(std::size_t d, const Dimension& dimension) {
  if (const auto* choice = std::get_if<Choice>(&dimension.distribution))
    return {[=](const TrialRow& r, std::byte* at) { put_cell(at, *parse_integer(held<std::string>(r, d, dimension))); },
            [=, c = *choice](TrialRow& r, const std::byte* at) {
              slot(r, d) = choice_of<std::int64_t>(c, integer_cell(at), parse_integer);
            }};
  return {[=](const TrialRow& r, std::byte* at) { put_cell(at, held<std::int64_t>(r, d, dimension)); },
          [=](TrialRow& r, const std::byte* at) { slot(r, d) = integer_cell(at); }};
}

Cell real_cell_of(std::size_t d, const Dimension& dimension) {
  if (const auto* choice = std::get_if<Choice>(&dimension.distribution))
    return {[=](const TrialRow& r, std::byte* at) { put_cell(at, *parse_real(held<std::string>(r, d, dimension))); },
            [=, c = *choice](TrialRow& r, const std::byte* at) {
              slot(r, d) = choice_of<double>(c, real_cell(at), parse_real);
            }};
  const bool is_integer = std::holds_alternative<Integer>(dimension.distribution);
  return {[=](const TrialRow& r, std::byte* at) {
            if (is_absent(r, d)) return put_cell(at, not_applicable);
            put_cell(at, is_integer ? static_cast<double>(held<std::int64_t>(r, d, dimension))
                                    : held<double>(r, d, dimension));
          },
          [=](TrialRow& r, const std::byte* at) {
            const double x = real_cell(at);
            if (std::isnan(x)) {
              slot(r, d) = std::nullopt;
            } else if (is_integer) {
              if (std::abs(x) > 0x1p62) throw BadCell{fmt::format("{} is no integer", x)};
              slot(r, d) = static_cast<std::int64_t>(x);
            } else {
              slot(r, d) = x;
            }
          }};
}

Cell text_cell_of(std::size_t d, const Dimension& dimension, std::size_t width) {
  return {[=](const TrialRow& r, std::byte* at) {
            put_cell(at, is_absent(r, d) ? std::string() : held<std::string>(r, d, dimension), width);
          },
          [=](TrialRow& r, const std::byte* at) {
            auto text = text_cell(at, width);
            if (text.empty())
              slot(r, d) = std::nullopt;
            else
              slot(r, d) = std::move(text);
          }};
}

}  // namespace

std::string dimension_text(const Dimension& dimension) {
  std::string text = search::text_of(dimension.distribution);
  if (dimension.condition)
    text += fmt::format(" if {} in ({})", dimension.condition->key, join(dimension.condition->values, ", "));
  return text;
}

void add_point_columns(RowFormat<TrialRow>& format, std::span<const Dimension> dimensions) {
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    const auto& dimension = dimensions[d];
    h5::Column column{dimension.name, h5::Kind::f64, 0, 0, "", dimension_text(dimension)};
    Cell cell;
    switch (kind_of(dimension)) {
      case ColumnKind::integer:
        column.kind = h5::Kind::i64;
        cell = integer_cell_of(d, dimension);
        break;
      case ColumnKind::real:
        cell = real_cell_of(d, dimension);
        break;
      case ColumnKind::text:
        column.kind = h5::Kind::text;
        for (const auto& value : std::get<Choice>(dimension.distribution).values)
          column.text_bytes = std::max(column.text_bytes, value.size());
        cell = text_cell_of(d, dimension, column.text_bytes);
        break;
    }
    format.add(std::move(column), std::move(cell.put), std::move(cell.get));
  }
}

}  // namespace seqsweep::store
