// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "seqsweep/core/error.hpp"

#include "config_file.hpp"

namespace seqsweep::config {

/// A config that is wrong, and the one line that a user reads then.
struct Case {
  std::string text;
  std::string error;
  std::vector<std::string> overrides = {};
};

inline std::string in_braces(std::string name) {
  return name.insert(0, 1, '{').append(1, '}');
}

/// `text` with the names that a catalogue or section has today in place of "{model.cell}" or "{train}".
inline std::string with_names(std::string text) {
  std::map<std::string, std::string> names;  // by placeholder
  for (const auto& key : keys()) {
    const auto dot = key.name.find('.');
    auto& section = names[in_braces(key.name.substr(0, dot))];
    section += (section.empty() ? "" : ", ") + key.name.substr(dot + 1);
    if (key.type.starts_with("one of ")) names[in_braces(key.name)] = key.type.substr(7);
  }
  for (const auto& [placeholder, list] : names)
    if (const auto at = text.find(placeholder); at != std::string::npos) text.replace(at, placeholder.size(), list);
  return text;
}

/// Whether each case gives exactly its error. `head` goes before each text.
inline void expect_errors(const std::vector<Case>& cases, const std::string& head) {
  for (const auto& [text, error_with_placeholders, overrides] : cases) {
    const auto error = with_names(error_with_placeholders);
    try {
      (void)read_text(head + text, overrides);
      ADD_FAILURE() << text << " was accepted; expected: " << error;
    } catch (const ConfigError& e) {
      EXPECT_EQ(e.what(), error) << text;
      EXPECT_TRUE(error.starts_with(e.where + ": ")) << "where: " << e.where;
      EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << "more than one line";
    }
  }
}

const std::string with_data = "[data]\npath = a.h5\n";

}  // namespace seqsweep::config
