// SPDX-License-Identifier: Apache-2.0
#include "metric_lines.hpp"

#include <limits>

#include <nlohmann/json.hpp>

#include "seqsweep/core/text.hpp"

namespace seqsweep::trial {
namespace {

// JSON knows no NaN: in what Python prints, bare words that stand for one become null.
std::string without_nan(const std::string& line) {
  std::string text;
  bool is_in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) is_in_string = !is_in_string;
    bool is_replaced = false;
    for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
      if (is_in_string || line.compare(i, word.size(), word) != 0) continue;
      text += "null";
      i += word.size() - 1;
      is_replaced = true;
      break;
    }
    if (!is_replaced) text += line[i];
  }
  return text;
}

}  // namespace

std::optional<MetricLine> read_metric_line(const std::string& line, const std::string& metric,
                                           const std::vector<std::string>& further_metrics) {
  const auto text = trim(line);
  if (text.empty() || text.front() != '{') return std::nullopt;
  constexpr bool throws = false;
  const auto json = nlohmann::json::parse(without_nan(std::string(text)), nullptr, throws);
  if (!json.is_object() || !json.contains(metric)) return std::nullopt;
  const auto number = [](const nlohmann::json& value) {
    return value.is_number() ? value.get<double>() : store::not_applicable;
  };
  MetricLine result;
  result.value = number(json.at(metric));
  for (const auto& name : further_metrics)
    result.further.push_back(json.contains(name) ? number(json.at(name)) : store::not_applicable);
  for (const auto& [name, value] : json.items()) {
    if (name == "epoch") {
      if (const double epoch = number(value); epoch >= 0 && epoch <= std::numeric_limits<int>::max())
        result.epoch = static_cast<int>(epoch);
    } else if ((value.is_number() || name == metric) && result.metrics.size() < most_metrics) {
      result.metrics.push_back({name, number(value)});
    }
  }
  return result;
}

}  // namespace seqsweep::trial
