// SPDX-License-Identifier: Apache-2.0
#include "parameters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"
#include "seqsweep/trial/command_runner.hpp"

namespace seqsweep::config {
namespace {

constexpr std::string_view section = "parameters.";

// ---- how numbers are written

// "1e-3" of "1e-03", "1e20" of "1E+20".
std::string with_short_exponent(std::string text) {
  const auto e = text.find_first_of("eE");
  if (e == std::string::npos) return text;
  text[e] = 'e';
  auto digits = e + 1;
  if (digits < text.size() && text[digits] == '-') ++digits;
  while (digits + 1 < text.size() && (text[digits] == '+' || text[digits] == '0')) text.erase(digits, 1);
  return text;
}

std::string scientific(double value) {
  std::array<char, 32> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  return {buffer.data(), end};
}

// ---- what a parameter may be

using Values = std::map<std::string, std::vector<std::string>>;

// Of each parameter whose values are texts so far: those of a choice, or its constant.
Values written_values(const SweepConfig& config) {
  Values values;
  for (const auto& [name, text] : config.base.parameters) values[name] = {text};
  for (const auto& dimension : config.space.dimensions()) {
    if (!dimension.name.starts_with(section)) continue;
    const auto name = dimension.name.substr(section.size());
    const auto* choice = std::get_if<search::Choice>(&dimension.distribution);
    if (choice != nullptr)
      values[name] = choice->values;
    else
      values.erase(name);
  }
  return values;
}

// ---- what messages and files hold

// A segment's order travels in one message of 4 kB (cluster/messages.hpp), the columns of /trials in one of HDF5's of
// 64 kB.
constexpr std::size_t largest_point = 3600, longest_choice = 1000, largest_columns = 60'000;  // [bytes]

std::size_t bytes_in_message(const search::Dimension& dimension) {
  constexpr std::size_t kind = 2, number = 8, length = 4;
  const auto* choice = std::get_if<search::Choice>(&dimension.distribution);
  if (choice == nullptr) return kind + number;
  std::size_t longest = 0;
  for (const auto& value : choice->values) longest = std::max(longest, value.size());
  return kind + length + longest;
}

std::size_t bytes_as_column(const search::Dimension& dimension) {
  constexpr std::size_t type = 40;
  return dimension.name.size() + type;
}

void check_choices(const search::Dimension& dimension) {
  const auto* choice = std::get_if<search::Choice>(&dimension.distribution);
  if (choice == nullptr) return;
  for (const auto& value : choice->values)
    if (value.size() > longest_choice)
      throw ConfigError(fmt::format("{}: a choice has {} bytes, and may have {}; give it a short name, and let the "
                                    "program look up what that stands for",
                                    dimension.name, value.size(), longest_choice),
                        {}, dimension.name);
}

}  // namespace

bool is_written_as_number(std::string_view text) {
  if (const auto whole = parse_integer(text)) return std::to_string(*whole) == text;
  const auto number = parse_real(text);
  if (!number || !std::isfinite(*number)) return false;
  const auto shown = shortest(*number);
  constexpr double largest_exact = 0x1p53;
  const bool is_whole = shown.find_first_of(".e") == std::string::npos;
  if (is_whole && std::abs(*number) > largest_exact) return false;
  const auto as_written = with_short_exponent(std::string(text));
  return as_written == with_short_exponent(shown) || (is_whole && as_written == shown + ".0") ||
         as_written == with_short_exponent(scientific(*number));
}

void check_parameter_names(const Entries& entries) {
  const auto table = full_names();
  for (const auto& [key, entry] : entries) {
    if (!key.starts_with(section)) continue;
    const auto name = key.substr(section.size());
    const auto& given = trial::names_given_to_commands();
    if (std::find(given.begin(), given.end(), name) != given.end())
      throw ConfigError(
          fmt::format("{} hides behind {{{}}}, which every trial is given; give it another name", key, name), {}, key);
    if (std::find(table.begin(), table.end(), name) != table.end())
      throw ConfigError(fmt::format("{} and {} would both be {{{}}}; give it another name", key, name, name), {}, key);
  }
}

void check_sizes(const SweepConfig& config) {
  for (const auto& metric : config.metrics)
    if (metric.size() > trial::longest_metric)
      throw ConfigError(fmt::format("sweep.metric names '{}' of {} bytes, and a name may have {}; print it under a "
                                    "shorter one",
                                    metric, metric.size(), trial::longest_metric),
                        {}, "sweep.metric");
  std::size_t point_bytes = 0, columns_bytes = 0;
  for (const auto& dimension : config.space.dimensions()) {
    check_choices(dimension);
    point_bytes += bytes_in_message(dimension);
    columns_bytes += bytes_as_column(dimension);
  }
  const auto refuse = [&](const std::string& why) {
    throw ConfigError(fmt::format("{} dimensions are too many to search over: {}; search over fewer, and leave the "
                                  "others to the program or to constants",
                                  config.space.size(), why),
                      {}, config.space.dimensions().front().name);
  };
  if (point_bytes > largest_point)
    refuse(fmt::format("a point takes {} bytes ({} for a number, 6 and its length for a choice), and may take {}",
                       point_bytes, 10, largest_point));
  if (columns_bytes > largest_columns)
    refuse(fmt::format("their names take {} bytes as columns of /trials, and may take {}", columns_bytes,
                       largest_columns));
}

void choose_texts(SweepConfig& config) {
  for (const auto& [name, values] : written_values(config)) {
    const auto odd = std::find_if_not(values.begin(), values.end(), is_written_as_number);
    if (odd == values.end()) continue;
    config.base.command.texts.insert({name, std::string(section) + name});
    const bool look_like_numbers = std::all_of(values.begin(), values.end(), [](const std::string& value) {
      const auto number = parse_real(value);
      return number && std::isfinite(*number);
    });
    if (look_like_numbers)
      config.warnings.push_back(
          fmt::format("parameters.{0}: {{settings}} has {1} as a text, since as a number it would be {2}{3}", name,
                      *odd, shortest(*parse_real(*odd)), values.size() > 1 ? ", and the other choices, too" : ""));
  }
}

std::vector<std::string> unnamed_parameters(const SweepConfig& config) {
  const auto& command = config.base.command;
  const auto named = trial::placeholders_of(command);
  const auto is_named = [&](const std::string& name) {
    return std::find(named.begin(), named.end(), name) != named.end();
  };
  std::vector<std::string> unnamed;
  if (is_named("settings") || command.command.find("SEQSWEEP_SETTINGS") != std::string::npos) return unnamed;
  constexpr std::string_view section = "parameters.";
  for (const auto& dimension : config.space.dimensions())
    if (dimension.name.starts_with(section) && !is_named(dimension.name) &&
        !is_named(dimension.name.substr(section.size())))
      unnamed.push_back(dimension.name);
  return unnamed;
}

void remark_on_command(const Entries& entries, SweepConfig& config) {
  if (!config.is_command()) return;
  if (!entries.contains("sweep.goal")) {
    std::vector<std::string> goals;
    for (std::size_t m = 0; m < config.metrics.size(); ++m)
      goals.push_back(fmt::format("{} {}", name_of(config.goals[m]), config.metrics[m]));
    config.defaults.push_back(join(goals, ", ") + ", going by the name (sweep.goal)");
  }
  if (!entries.contains("train.max_epochs"))
    config.defaults.emplace_back("1 epoch a trial, as for any command (train.max_epochs)");
  const auto named = trial::placeholders_of(config.base.command);
  std::vector<std::string> unnamed;
  for (const auto& [name, entry] : entries) {
    const Key& key = *find_key(name);
    const bool is_setting = key.section == "data" || key.section == "model" || key.section == "train";
    if (is_setting && key.role != Role::placement && name != "train.max_epochs" &&
        std::find(named.begin(), named.end(), name) == named.end())
      unnamed.push_back(name);
  }
  if (!unnamed.empty())
    config.warnings.push_back(
        fmt::format("{}: settings of networks, which do nothing here but that the program finds "
                    "them in {{settings}}",
                    join(unnamed, ", ")));
}

}  // namespace seqsweep::config
