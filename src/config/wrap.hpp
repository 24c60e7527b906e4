// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace seqsweep::config {

/// The words of a text in lines of at most `width` columns, each indented by `indent` and ended by a newline.
[[nodiscard]] std::string wrapped(const std::string& text, std::size_t indent, std::size_t width);

}  // namespace seqsweep::config
