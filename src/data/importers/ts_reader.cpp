// SPDX-License-Identifier: Apache-2.0
#include "data/importers/ts_reader.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"

#include "data/importers/importers.hpp"
#include "data/importers/tokens.hpp"

namespace seqsweep::data::importers {
namespace {

constexpr std::array keys = {"@problemName", "@timeStamps",   "@missing",    "@univariate", "@dimensions",
                             "@equalLength", "@seriesLength", "@classLabel", "@targetLabel"};

struct Place {
  const std::string& path;
  std::int64_t line;
  [[noreturn]] void refuse(const std::string& problem) const { throw DataError(problem, path, line); }
};

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  for (auto blank = text.find_first_of(" \t"); !text.empty(); blank = text.find_first_of(" \t")) {
    words.emplace_back(text.substr(0, blank));
    text = blank == std::string_view::npos ? std::string_view() : trim(text.substr(blank));
  }
  return words;
}

bool truth_in(const std::string& key, const std::string& word, const Place& at) {
  const auto lowered = lower_case(word);
  if (lowered != "true" && lowered != "false") at.refuse(fmt::format("{} is true or false, not '{}'", key, word));
  return lowered == "true";
}

std::int64_t count_in(const std::string& key, const std::string& word, const Place& at) {
  const auto count = parse_integer(word);
  if (!count || *count < 1) at.refuse(fmt::format("{} is a whole number above 0, not '{}'", key, word));
  return *count;
}

// One "@key value" line. Keys are the same in any case; some files call @dimensions @dimension.
void read_key(TsClaims& claims, std::set<std::string>& seen, std::string_view line, const Place& at) {
  const auto words = words_in(line);
  const auto name = lower_case(words[0]) == "@dimension" ? "@dimensions" : lower_case(words[0]);
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const char* key) { return lower_case(key) == name; });
  if (found == keys.end()) {
    const std::vector<std::string> known(keys.begin(), keys.end());
    at.refuse(fmt::format("unknown key '{}' {}", words[0], known_names(words[0], known)));
  }
  const std::string key = *found;
  if (!seen.insert(key).second) at.refuse(fmt::format("{} is given twice", key));
  const auto value = words.size() > 1 ? words[1] : std::string();
  const auto says = [&] { return truth_in(key, value, at); };
  if (key == "@problemName") claims.problem_name = trim(line.substr(words[0].size()));
  if (key == "@timeStamps" && says()) at.refuse("time stamps are not read; export the series without them");
  if (key == "@missing") static_cast<void>(says());  // a missing value is refused where it stands
  if (key == "@univariate") claims.is_univariate = says();
  if (key == "@equalLength") claims.is_equal_length = says();
  if (key == "@dimensions") claims.num_dimensions = count_in(key, value, at);
  if (key == "@seriesLength") claims.series_length = count_in(key, value, at);
  if (key == "@targetLabel") claims.has_numbers = says();
  if (key == "@classLabel") claims.has_labels = says();
  if (claims.has_labels && claims.has_numbers) at.refuse("both @classLabel and @targetLabel are true; which is it?");
  if (key == "@classLabel" && claims.has_labels)
    for (std::size_t i = 2; i < words.size(); ++i) claims.labels.push_back(label_text(words[i]));
}

float value_in(const std::string& cell, const std::string& where, const Place& at) {
  const auto value = parse_real(cell);
  if (!value || std::isnan(*value))
    at.refuse(fmt::format("'{}' ({}) is no number; missing values must be filled first", trim(cell), where));
  if (!fits_float(*value))
    at.refuse(fmt::format("'{}' ({}) is too large for a 32-bit number (3.4e38); rescale the data", trim(cell), where));
  return static_cast<float>(*value);
}

TsCase read_case(std::string_view line, const TsClaims& claims, const Place& at) {
  auto parts = split(line, ':');
  if (parts.size() < 2) at.refuse("a case needs at least one dimension and a label, separated by ':'");
  TsCase one;
  one.line = at.line;
  one.label = label_text(parts.back());
  if (one.label.empty()) at.refuse("the label after the last ':' is empty");
  if (claims.has_numbers) {
    one.target = value_in(one.label, "the number to predict", at);
    one.label.clear();
  }
  parts.pop_back();
  for (std::size_t d = 0; d < parts.size(); ++d) {
    auto& values = one.dimensions.emplace_back();
    for (const auto& cell : split(parts[d], ','))
      values.push_back(value_in(cell, fmt::format("dimension {}, step {}", d + 1, values.size() + 1), at));
    if (values.size() != one.dimensions.front().size())
      at.refuse(fmt::format("dimension {} has {} steps, but dimension 1 has {}", d + 1, values.size(),
                            one.dimensions.front().size()));
  }
  return one;
}

// The case just read, against what the file says of itself and its first case.
void check_case(const TsCase& one, const TsCase& first, const TsClaims& claims, const Place& at) {
  const auto D = static_cast<std::int64_t>(one.dimensions.size());
  const auto T = static_cast<std::int64_t>(one.dimensions.front().size());
  const auto first_T = static_cast<std::int64_t>(first.dimensions.front().size());
  if (one.dimensions.size() != first.dimensions.size())
    at.refuse(fmt::format("has {} dimensions, but the first case has {}", D, first.dimensions.size()));
  if (claims.num_dimensions && D != *claims.num_dimensions)
    at.refuse(fmt::format("has {} dimensions, but the file says @dimensions {}", D, *claims.num_dimensions));
  if (claims.is_univariate && (D == 1) != *claims.is_univariate)
    at.refuse(fmt::format("has {} dimension(s), but the file says @univariate {}", D, *claims.is_univariate));
  // Where lengths differ, @seriesLength is that of the longest.
  const bool may_be_shorter = claims.is_equal_length && !*claims.is_equal_length;
  if (claims.series_length && (T > *claims.series_length || (T < *claims.series_length && !may_be_shorter)))
    at.refuse(fmt::format("has {} steps, but the file says @seriesLength {}", T, *claims.series_length));
  if (claims.is_equal_length && *claims.is_equal_length && T != first_T)
    at.refuse(fmt::format("has {} steps and the first case {}, but the file says @equalLength true", T, first_T));
  if (claims.has_labels && !claims.labels.empty() && !claims.declares(one.label))
    at.refuse(fmt::format("the label '{}' is none that @classLabel declares {}", one.label,
                          known_names(one.label, claims.labels)));
}

}  // namespace

bool TsClaims::declares(const std::string& label) const {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

TsFile read_ts(const std::string& path) {
  TsFile file{path, {}, {}};
  std::set<std::string> seen;
  bool is_data = false;
  std::int64_t number = 0;
  for (const auto& raw : read_lines(path)) {
    const Place at{path, ++number};
    const auto line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    if (is_data) {
      file.cases.push_back(read_case(line, file.claims, at));
      check_case(file.cases.back(), file.cases.front(), file.claims, at);
    } else if (lower_case(line) == "@data") {
      if (!file.claims.has_labels && !file.claims.has_numbers)
        at.refuse("no '@classLabel true' or '@targetLabel true' before @data: there is nothing to learn");
      is_data = true;
    } else if (line.front() == '@') {
      read_key(file.claims, seen, line, at);
    } else {
      at.refuse("neither a comment nor an @key before @data; is this a .ts file?");
    }
  }
  if (file.cases.empty()) throw DataError("has no cases after @data", path);
  return file;
}

}  // namespace seqsweep::data::importers
