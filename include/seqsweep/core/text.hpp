// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seqsweep {

[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

/// The whole text as a number, or nothing ("1e-3", "64"; no units, no trailing characters).
[[nodiscard]] std::optional<double> parse_real(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// The shortest text that reads back as the same double ("0.1", "1e-05").
[[nodiscard]] std::string shortest(double value);

/// The known name nearest to a mistyped one, if one is near (edit distance with transpositions,
/// at most a third of its letters), else empty.
[[nodiscard]] std::string nearest_name(std::string_view mistyped, std::span<const std::string> known);

/// "(known: rnn, lstm, gru); did you mean 'lstm'?" for the end of an error message.
[[nodiscard]] std::string known_names(std::string_view mistyped, std::span<const std::string> known);

/// "1st", "22nd", "113th".
[[nodiscard]] std::string ordinal(std::size_t n);

/// "850 ms", "12.3 s", "4 min 10 s", "2 h 5 min".
[[nodiscard]] std::string human_seconds(double seconds);
/// "1.4 MB" (powers of 1000).
[[nodiscard]] std::string human_bytes(double bytes);

}  // namespace seqsweep
