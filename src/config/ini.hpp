// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

namespace seqsweep::config {

/// One `key = value` as a user wrote it. Its key is known and its value not empty.
struct Entry {
  std::string key;    ///< "train.learning_rate"
  std::string value;  ///< trimmed, without comment
  std::string where;  ///< "a.ini:12", or "command line"
  int line = 0;       ///< 0: command line
  int column = 1;     ///< of the value's first character, from 1

  [[nodiscard]] bool is_override() const { return line == 0; }
};
using Entries = std::map<std::string, Entry>;  ///< by key

/// The entries of an INI file in its order. `#` begins a comment anywhere, `;` where a blank or nothing stands before
/// it. Throws ConfigError for files that are none, syntax errors, unknown, repeated and empty keys and sections.
[[nodiscard]] std::vector<Entry> read_ini(const std::string& path);

/// The same for "section.key=value" texts.
[[nodiscard]] std::vector<Entry> read_overrides(std::span<const std::string> overrides);

}  // namespace seqsweep::config
