// SPDX-License-Identifier: Apache-2.0
#include "definition_text.hpp"

#include <fmt/format.h>

#include "seqsweep/core/error.hpp"
#include "seqsweep/core/text.hpp"

namespace seqsweep::store {

std::string definition_text(const std::map<std::string, std::string>& definition) {
  std::string text;
  for (const auto& [key, value] : definition) {
    SEQSWEEP_EXPECT(key.find(" = ") == std::string::npos && (key + value).find('\n') == std::string::npos,
                    fmt::format("the setting '{}' is not one line", key));
    text += fmt::format("{} = {}\n", key, value);
  }
  return text;
}

std::map<std::string, std::string> parse_definition(const std::string& text, const std::string& file) {
  std::map<std::string, std::string> definition;
  if (text.empty()) return definition;
  for (const auto& line : split(std::string_view(text).substr(0, text.size() - 1), '\n')) {
    const auto sign = line.find(" = ");
    if (sign == std::string::npos)
      throw StoreError(fmt::format("the definition has the line '{}', not 'key = value'; the file is damaged", line),
                       file);
    definition.emplace(line.substr(0, sign), line.substr(sign + 3));
  }
  return definition;
}

}  // namespace seqsweep::store
