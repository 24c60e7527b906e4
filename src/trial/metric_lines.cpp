// SPDX-License-Identifier: Apache-2.0
#include "metric_lines.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seqsweep/core/text.hpp"

namespace seqsweep::trial {
namespace {

using Json = nlohmann::json;

// ---- the text of a line

// Where what a terminal takes for itself ends: ESC [ parameters, up to a letter (colors); ESC ] text, up to BEL or ESC
// (titles); ESC, intermediate characters, one more (ESC ( B of `tput sgr0`). The last character of it.
std::size_t end_of_escape(std::string_view line, std::size_t escape) {
  const auto kind = line.substr(escape + 1, 1);
  if (kind == "]") {
    const auto end = line.find_first_of("\a\x1b", escape + 2);
    if (end == std::string_view::npos) return line.size() - 1;
    return line[end] == '\a' ? end : std::min(end + 1, line.size() - 1);
  }
  auto i = escape + (kind == "[" ? 2 : 1);
  const char first = kind == "[" ? '@' : '0';
  while (i < line.size() && (line[i] < first || line[i] > '~')) ++i;
  return std::min(i, line.size() - 1);
}

std::string without_escapes(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b')
      i = end_of_escape(line, i);
    else
      text += line[i];
  }
  return text;
}

// Bytes that are no UTF-8 become U+FFFD: a parser of JSON would refuse the whole line for one of them.
std::string as_utf8(const std::string& text) {
  constexpr int compact = -1;
  constexpr bool escapes = false;
  return Json::parse(Json(text).dump(compact, ' ', escapes, Json::error_handler_t::replace)).get<std::string>();
}

std::string plain(const std::string& line) {
  auto text = without_escapes(line);
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  return as_utf8(std::string(trim(text)));
}

// ---- numbers that JSON does not know

// NaN, inf, .5, 1., +1, 1e999, as a whole; nothing for other words.
std::optional<double> number_in(const std::string& word) {
  constexpr std::array<std::string_view, 3> names = {"nan", "inf", "infinity"};
  std::string name(word.substr(!word.empty() && (word[0] == '-' || word[0] == '+') ? 1 : 0));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool is_name = std::find(names.begin(), names.end(), name) != names.end();
  if (name.empty() || (!is_name && name.find_first_not_of("0123456789.e+-") != std::string::npos)) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(word.c_str(), &end);
  return *end == '\0' ? std::optional(value) : std::nullopt;
}

// A word outside of strings as JSON has it; what is not finite becomes null.
std::string as_json(const std::string& word) {
  if (word.empty() || Json::accept(word)) return word;
  const auto number = number_in(word);
  if (!number) return word;
  return std::isfinite(*number) ? shortest(*number) : "null";
}

// What Python, C and others print in place of what JSON knows, put right.
std::string with_json_numbers(const std::string& line) {
  std::string text, word;
  bool is_in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool is_of_word = std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '+' || c == '-';
    if (!is_in_string && is_of_word) {
      word += c;
      continue;
    }
    text += as_json(word);
    word.clear();
    text += c;
    if (is_in_string && c == '\\' && i + 1 < line.size())
      text += line[++i];  // an escaped quote ends no string, one behind an escaped backslash does
    else if (c == '"')
      is_in_string = !is_in_string;
  }
  return text + as_json(word);
}

// ---- an object

struct Parsed {
  Json json;
  std::set<std::string> repeated;  // names of members that it has twice
};

Parsed parse(const std::string& text) {
  Parsed parsed;
  std::set<std::string> names;
  const auto note_names = [&](int depth, Json::parse_event_t event, Json& name) {
    constexpr int top = 1;
    if (event == Json::parse_event_t::key && depth == top && !names.insert(name.get<std::string>()).second)
      parsed.repeated.insert(name.get<std::string>());
    return true;
  };
  constexpr bool throws = false;
  parsed.json = Json::parse(with_json_numbers(text), note_names, throws);
  return parsed;
}

// A number, also as a text; NaN for null and for what is not finite; nothing for anything else.
std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_null()) return store::not_applicable;
  if (!value.is_string()) return std::nullopt;
  const auto number = number_in(std::string(trim(value.get<std::string>())));
  return number && !std::isfinite(*number) ? store::not_applicable : number;
}

std::string member_text(const std::string& name, const Json& value) {
  return fmt::format("\"{}\": {}", name, excerpt(value.dump()));
}

void read_epoch(const Json& value, MetricLine& line) {
  const auto number = value.is_null() ? std::nullopt : number_of(value);
  constexpr double most = 1e9;
  if (number && *number == std::floor(*number) && std::abs(*number) <= most)
    line.epoch = static_cast<std::int64_t>(*number);
  else
    line.fault = fmt::format("its line says {}; epochs are whole numbers", member_text("epoch", value));
}

void add_metric(const std::string& name, double value, MetricLine& line) {
  if (line.metrics.size() < most_metrics && name.size() <= longest_metric)
    line.metrics.push_back({name, value});
  else
    ++line.num_left_out;
}

MetricLine line_of(const Json& json, const std::string& metric, const std::vector<std::string>& further_metrics) {
  MetricLine line;
  if (const auto value = number_of(json.at(metric)))
    line.value = *value;
  else
    line.fault = fmt::format("its line says {}, which is no number", member_text(metric, json.at(metric)));
  for (const auto& name : further_metrics)
    line.further.push_back(json.contains(name) ? number_of(json.at(name)).value_or(store::not_applicable)
                                               : store::not_applicable);
  for (const auto& [name, value] : json.items()) {
    if (name == "epoch")
      read_epoch(value, line);
    else if (name == metric)
      add_metric(name, line.value, line);
    else if (value.is_number())
      add_metric(name, value.get<double>(), line);
  }
  return line;
}

// ---- what looks like one

// Whether `name` stands in quotes before a colon somewhere.
bool names_member(const std::string& text, const std::string& name) {
  for (const char quote : {'"', '\''}) {
    const auto quoted = quote + name + quote;
    for (auto at = text.find(quoted); at != std::string::npos; at = text.find(quoted, at + 1)) {
      const auto next = text.find_first_not_of(" \t", at + quoted.size());
      if (next != std::string::npos && text[next] == ':') return true;
    }
  }
  return false;
}

std::string problem_of(const std::string& text, const Json& json) {
  if (text.size() >= longest_line) return fmt::format("is longer than {} MiB", longest_line >> 20);
  if (json.is_object()) return "has it inside another object";
  if (text.starts_with("{'")) return "is no JSON: it has single quotes";
  if (text.starts_with('{')) return "is no JSON object";
  if (text.starts_with('"')) return "is a part of an object: print all of it on one line";
  return "is no JSON object alone on its line";
}

}  // namespace

LineReading read_metric_line(const std::string& line, const std::string& metric,
                             const std::vector<std::string>& further_metrics) {
  LineReading reading;
  if (line.find_first_of("{\"'") == std::string::npos) return reading;
  const auto text = plain(line);
  reading.is_object = text.starts_with('{');
  const auto [json, repeated] = reading.is_object ? parse(text) : Parsed{Json(Json::value_t::discarded), {}};
  if (json.is_object() && json.contains(metric)) {
    auto names = further_metrics;
    names.insert(names.end(), {metric, "epoch"});
    for (const auto& name : names)
      if (repeated.contains(name)) reading.problem = fmt::format("has \"{}\" twice", name);
    if (reading.problem.empty()) reading.found = line_of(json, metric, further_metrics);
  } else if (names_member(text, metric)) {
    reading.problem = problem_of(text, json);
  }
  return reading;
}

std::string excerpt(const std::string& line, std::size_t most_bytes) {
  auto text = plain(line);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // never half a character
  return text.substr(0, end) + " …";
}

}  // namespace seqsweep::trial
