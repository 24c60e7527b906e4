// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keys.hpp"

namespace seqsweep::config {

// Between a value's text and its place in the option structs. Errors are ConfigErrors without a place in the file:
// callers who know it add it.

/// Reads `text` as a value of `key`, checks it, and puts it into `slot`.
void assign(const Key& key, Slot slot, std::string_view text);

/// The canonical text of what is in `slot`; assign() reads it back as the same value.
[[nodiscard]] std::string show(const Key& key, Slot slot);

/// The canonical text of a value ("1e-3" is "0.001"); throws as assign().
[[nodiscard]] std::string canonical(const Key& key, std::string_view text);

/// What a number of the key may be: "at least 1", "between 1 and 64", "more than 0".
[[nodiscard]] std::string range_text(const Range& range);

/// "integer", "real, more than 0", "one of rnn, lstm, gru" …
[[nodiscard]] std::string type_text(const Key& key);

/// Throws ConfigError "<key> must be <range>, found <text>" where the number lies outside.
void check_range(const Key& key, double value, std::string_view text);

/// "1h30m" → 5400 [s]; nothing where a unit is missing or unknown.
[[nodiscard]] std::optional<double> parse_duration(std::string_view text);
[[nodiscard]] std::string duration_text(double seconds);
/// "4GB", "2GiB" → bytes.
[[nodiscard]] std::optional<double> parse_size(std::string_view text);
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace seqsweep::config
