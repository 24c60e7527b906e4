// SPDX-License-Identifier: Apache-2.0
#include "values.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::config {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};
// Falling, so that durations are written from the largest unit down.
constexpr std::array duration_units = {Unit{"d", 86400}, Unit{"h", 3600}, Unit{"m", 60}, Unit{"s", 1}};
constexpr std::array size_units = {
    Unit{"TB", 1e12}, Unit{"TiB", 1099511627776.0}, Unit{"GB", 1e9}, Unit{"GiB", 1073741824.0},
    Unit{"MB", 1e6},  Unit{"MiB", 1048576.0},       Unit{"kB", 1e3}, Unit{"KiB", 1024.0},
    Unit{"B", 1}};

std::string_view type_name(const Key& key) {
  switch (key.kind) {
    case Kind::integer:
      return "an integer";
    case Kind::real:
      return "a number";
    case Kind::yes_no:
      return "yes or no";
    case Kind::duration:
      return "a duration (2h, 30m, 90s, 1h30m, 1d)";
    case Kind::size:
      return "a size (4GB, 500MB, 2GiB)";
    case Kind::name:
      return "a name";
    case Kind::path:
      return "a path";
    case Kind::text:
    case Kind::parameter:
      return "a text";
  }
  return "";
}

// Who writes "16, 32" wants a search.
std::string hint_at_choice(const Key& key, std::string_view text) {
  const bool is_list = key.role == Role::searchable && text.find(',') != std::string_view::npos;
  return is_list ? fmt::format("; to search over values write choice({})", text) : "";
}

[[noreturn]] void wrong_type(const Key& key, std::string_view text) {
  throw ConfigError(
      fmt::format("{} must be {}{}{}, found '{}'{}", key.full_name(), type_name(key),
                  key.zero_name.empty() ? "" : fmt::format(" or '{}'", key.zero_name),
                  key.role == Role::searchable ? " or a distribution" : "", text, hint_at_choice(key, text)),
      {}, key.full_name());
}

double parse_number(const Key& key, std::string_view text) {
  if (!key.zero_name.empty() && text == key.zero_name) return 0;
  std::optional<double> value;
  if (key.kind == Kind::duration) value = parse_duration(text);
  if (key.kind == Kind::size) value = parse_size(text);
  if (key.kind == Kind::real) value = parse_real(text);
  if (key.kind == Kind::integer)
    if (const auto whole = parse_integer(text)) value = static_cast<double>(*whole);
  if (!value || !std::isfinite(*value)) wrong_type(key, text);
  if (*value == 0 && key.is_unlimited_at_zero)
    throw ConfigError(
        fmt::format("{} = {} would mean '{}'; write that word, or more than 0", key.full_name(), text, key.zero_name),
        {}, key.full_name());
  check_range(key, *value, text);
  return *value == 0 ? 0 : *value;  // no negative zero
}

bool parse_yes_no(const Key& key, std::string_view text) {
  for (const std::string_view yes : {"yes", "true", "on", "1"})
    if (text == yes) return true;
  for (const std::string_view no : {"no", "false", "off", "0"})
    if (text == no) return false;
  wrong_type(key, text);
}

void check_name(const Key& key, std::string_view text) {
  const auto known = key.names();
  if (std::find(known.begin(), known.end(), text) == known.end())
    throw ConfigError(
        fmt::format("unknown {} '{}' {}{}", key.full_name(), text, known_names(text, known), hint_at_choice(key, text)),
        {}, key.full_name());
}

// Of a list.
std::vector<std::string> parts_of(const Key& key, std::string_view text) {
  std::vector<std::string> parts;
  for (const auto& part : split(text, ',')) {
    parts.emplace_back(trim(part));
    if (parts.back().empty())
      throw ConfigError(
          fmt::format("{} lacks a name in '{}'; write one, or leave out the comma", key.full_name(), text), {},
          key.full_name());
  }
  return parts;
}

std::string number_text(const Key& key, double value) {
  if (value == 0 && !key.zero_name.empty()) return std::string(key.zero_name);
  return key.kind == Kind::duration ? duration_text(value) : shortest(value);
}

}  // namespace

void assign(const Key& key, Slot slot, std::string_view text) {
  if (key.kind == Kind::name && !key.is_list) check_name(key, text);
  struct {
    const Key& key;
    std::string_view text;
    void operator()(int* value) const { *value = static_cast<int>(parse_number(key, text)); }
    void operator()(std::int64_t* value) const { *value = static_cast<std::int64_t>(parse_number(key, text)); }
    void operator()(std::optional<double>* value) const {
      *value = text == key.zero_name ? std::nullopt : std::optional(parse_number(key, text));
    }
    void operator()(double* value) const { *value = parse_number(key, text); }
    void operator()(bool* value) const { *value = parse_yes_no(key, text); }
    void operator()(std::string* value) const { *value = text; }
    void operator()(std::vector<std::string>* values) const { *values = parts_of(key, text); }
    void operator()(std::vector<search::Goal>* values) const {
      values->clear();
      for (const auto& name : parts_of(key, text)) {
        check_name(key, name);
        values->push_back(name == "maximize" ? search::Goal::maximize : search::Goal::minimize);
      }
    }
    void operator()(std::uint64_t* value) const {
      const double number = parse_number(key, text);
      // A double holds no odd integer beyond 2^53, a seed may be one.
      *value = key.kind == Kind::integer ? static_cast<std::uint64_t>(parse_integer(text).value())
                                         : static_cast<std::uint64_t>(number);
    }
  } const put{key, text};
  std::visit(put, slot);
}

std::string show(const Key& key, Slot slot) {
  struct {
    const Key& key;
    std::string operator()(const int* value) const { return number_text(key, *value); }
    std::string operator()(const std::int64_t* value) const { return number_text(key, static_cast<double>(*value)); }
    std::string operator()(const std::optional<double>* value) const {
      return *value ? shortest(**value) : std::string(key.zero_name);
    }
    std::string operator()(const double* value) const { return number_text(key, *value); }
    std::string operator()(const bool* value) const { return *value ? "yes" : "no"; }
    std::string operator()(const std::string* value) const { return *value; }
    std::string operator()(const std::vector<std::string>* values) const { return join(*values, ", "); }
    std::string operator()(const std::vector<search::Goal>* values) const {
      std::vector<std::string> words;
      for (const auto goal : *values) words.emplace_back(name_of(goal));
      return join(words, ", ");
    }
    std::string operator()(const std::uint64_t* value) const {
      if (*value == 0 && !key.zero_name.empty()) return std::string(key.zero_name);
      return key.kind == Kind::size ? size_text(*value) : std::to_string(*value);
    }
  } const text_of_slot{key};
  return std::visit(text_of_slot, slot);
}

std::string canonical(const Key& key, std::string_view text) {
  SweepConfig scratch;
  const Slot slot = slot_of(key, scratch);
  assign(key, slot, text);
  return show(key, slot);
}

std::string range_text(const Range& range) {
  const bool has_low = std::isfinite(range.low), has_high = std::isfinite(range.high);
  if (range.is_power_of_two) return fmt::format("a power of two up to {}", shortest(range.high));
  const auto low = fmt::format("{} {}", range.is_low_excluded ? "more than" : "at least", shortest(range.low));
  const auto high = fmt::format("{} {}", range.is_high_excluded ? "less than" : "at most", shortest(range.high));
  if (has_low && has_high && !range.is_low_excluded && !range.is_high_excluded)
    return fmt::format("between {:.0f} and {:.0f}", range.low, range.high);
  if (has_low && has_high) return low + " and " + high;
  return has_low ? low : has_high ? high : "any number";
}

std::string type_text(const Key& key) {
  const bool has_range = std::isfinite(key.range.low) || std::isfinite(key.range.high);
  switch (key.kind) {
    case Kind::integer:
      return "integer, " + range_text(key.range);
    case Kind::real:
      return has_range ? "real, " + range_text(key.range) : "real";
    case Kind::yes_no:
      return "yes/no";
    case Kind::duration:
      return "duration";
    case Kind::size:
      return "size";
    case Kind::name:
      return (key.is_list ? "one or more of " : "one of ") + join(key.names(), ", ");
    case Kind::path:
      return "path";
    case Kind::text:
      return key.names != nullptr ? (key.is_list ? "one or more of " : "one of ") + join(key.names(), ", ") : "text";
    case Kind::parameter:
      return "any value";
  }
  return "";
}

void check_range(const Key& key, double value, std::string_view text) {
  const bool is_named_zero = value == 0 && !key.zero_name.empty();
  if (!is_named_zero && !key.range.contains(value))
    throw ConfigError(fmt::format("{} must be {}{}, found {}", key.full_name(), range_text(key.range),
                                  key.zero_name.empty() ? "" : fmt::format(" or '{}'", key.zero_name), text),
                      {}, key.full_name());
}

std::optional<double> parse_duration(std::string_view text) {
  double seconds = 0;
  std::size_t next_unit = 0;  // units fall: "1h30m", not "30m1h"
  while (!text.empty()) {
    const auto digits = text.find_first_not_of("0123456789.");
    if (digits == std::string_view::npos || digits == 0) return std::nullopt;
    const auto number = parse_real(text.substr(0, digits));
    while (next_unit < duration_units.size() && duration_units[next_unit].name != text.substr(digits, 1)) ++next_unit;
    if (!number || next_unit == duration_units.size()) return std::nullopt;
    seconds += *number * duration_units[next_unit++].factor;
    text = trim(text.substr(digits + 1));
  }
  return next_unit == 0 ? std::nullopt : std::optional(seconds);
}

std::string duration_text(double seconds) {
  std::string text;
  for (const auto& unit : duration_units) {
    const double count = unit.factor > 1 ? std::floor(seconds / unit.factor) : seconds;
    if (count > 0) text += shortest(count) + std::string(unit.name);
    seconds -= count * unit.factor;
  }
  return text.empty() ? "0s" : text;
}

std::optional<double> parse_size(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789.");
  if (digits == std::string_view::npos) return std::nullopt;
  const auto number = parse_real(text.substr(0, digits));
  for (const auto& unit : size_units)
    if (number && unit.name == trim(text.substr(digits))) return std::floor(*number * unit.factor);
  return std::nullopt;
}

std::string size_text(std::uint64_t bytes) {
  for (const auto& unit : size_units)
    if (bytes % static_cast<std::uint64_t>(unit.factor) == 0)
      return fmt::format("{}{}", bytes / static_cast<std::uint64_t>(unit.factor), unit.name);
  return fmt::format("{}B", bytes);
}

}  // namespace seqsweep::config
