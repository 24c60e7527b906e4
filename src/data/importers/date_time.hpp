// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seqsweep::data::importers {

/// Seconds since 1970-01-01 00:00 of "2016-07-01", "2016-07-01 13:30", "2016/07/01T13:30:59.5Z", …; no time zones.
[[nodiscard]] std::optional<std::int64_t> parse_date_time(std::string_view text);

/// A period of which the position goes round a circle: (sin, cos) of 2π · position.
[[nodiscard]] std::vector<std::string> period_names();
/// Where in the period `seconds` lies, 0 … 1. `period` is one of period_names().
[[nodiscard]] double position_in(std::string_view period, std::int64_t seconds);

}  // namespace seqsweep::data::importers
