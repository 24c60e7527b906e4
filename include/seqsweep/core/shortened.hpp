// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seqsweep {

/// At most so many bytes of UTF-8, cut between characters. What is cut ends in "~" and a hash, so that texts that begin
/// alike stay apart.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most_bytes);

}  // namespace seqsweep
