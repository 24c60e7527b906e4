// SPDX-License-Identifier: Apache-2.0
#include "seqsweep/data/options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::data {

const OptionSpec& Options::spec(std::string_view name) const {
  const auto found = std::find_if(specs_.begin(), specs_.end(), [&](const OptionSpec& s) { return s.name == name; });
  SEQSWEEP_EXPECT(found != specs_.end(), fmt::format("no option '{}' is declared", name));
  return *found;
}

void Options::refuse(std::string_view name, const std::string& problem) const {
  throw ConfigError(fmt::format("--{}: {}", name, problem), "command line", std::string(name));
}

void Options::set(std::string_view name, std::vector<std::string> values) {
  std::vector<std::string> known;
  for (const auto& s : specs_) known.emplace_back(s.name);
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw ConfigError(fmt::format("unknown option '--{}' {}", name, known_names(name, known)), "command line",
                      std::string(name));
  const auto& s = spec(name);
  const auto expected = s.placeholder.empty() ? 0 : static_cast<std::size_t>(s.num_values);
  if (values.size() != expected)
    refuse(name, fmt::format("takes {} value(s) ({}), not {}", expected, s.placeholder, values.size()));
  given_.insert_or_assign(std::string(name), std::move(values));
}

void Options::refuse_given(std::initializer_list<std::string_view> names, const std::string& why) const {
  for (const auto name : names)
    if (is_given(name)) refuse(name, "has no effect " + why);
}

void Options::refuse_unread() const {
  for (const auto& [name, values] : given_)
    if (!read_.contains(name))
      refuse(name, fmt::format("has no effect with the other options; leave it out ({})", spec(name).help));
}

bool Options::flag(std::string_view name) const {
  read_.emplace(name);
  return is_given(name);
}

bool Options::is_given(std::string_view name) const {
  static_cast<void>(spec(name));
  return given_.find(name) != given_.end();
}

bool Options::has(std::string_view name) const {
  return is_given(name) || !spec(name).default_value.empty();
}

std::vector<std::string> Options::values(std::string_view name) const {
  read_.emplace(name);
  if (const auto found = given_.find(name); found != given_.end()) return found->second;
  const auto& s = spec(name);
  return s.default_value.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::string(s.default_value)};
}

std::string Options::text(std::string_view name) const {
  const auto all = values(name);
  if (all.empty()) refuse(name, fmt::format("is needed (--{} {})", name, spec(name).placeholder));
  return all.front();
}

std::vector<std::string> Options::list(std::string_view name) const {
  if (!has(name)) return {};
  std::vector<std::string> parts;
  for (const auto& part : split(text(name), ',')) {
    parts.emplace_back(trim(part));
    if (parts.back().empty())
      refuse(name, fmt::format("'{}' has an empty entry; separate by single commas", text(name)));
  }
  return parts;
}

std::string Options::choice(std::string_view name, std::initializer_list<std::string_view> known) const {
  auto given = text(name);
  if (std::find(known.begin(), known.end(), given) != known.end()) return given;
  const std::vector<std::string> names(known.begin(), known.end());
  refuse(name, fmt::format("unknown value '{}' {}", given, known_names(given, names)));
}

std::int64_t Options::integer(std::string_view name, std::int64_t at_least, std::int64_t at_most) const {
  const auto given = text(name);
  const auto value = parse_integer(given);
  if (!value || *value < at_least || *value > at_most)
    refuse(name, fmt::format("takes a whole number from {} to {}, not '{}'", at_least, at_most, given));
  return *value;
}

double Options::real(std::string_view name, double at_least, double at_most) const {
  const auto given = text(name);
  const auto value = parse_real(given);
  if (!value || !(*value >= at_least && *value <= at_most))
    refuse(name, fmt::format("takes a number from {} to {}, not '{}'", shortest(at_least), shortest(at_most), given));
  return *value;
}

}  // namespace seqsweep::data
