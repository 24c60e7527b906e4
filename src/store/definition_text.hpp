// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace seqsweep::store {

/// "section.key = value" lines, sorted by key.
[[nodiscard]] std::string definition_text(const std::map<std::string, std::string>& definition);
/// Throws StoreError for lines of another form; `file` is for the error's text.
[[nodiscard]] std::map<std::string, std::string> parse_definition(const std::string& text, const std::string& file);

}  // namespace seqsweep::store
