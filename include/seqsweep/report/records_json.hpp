// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "seqsweep/search/space.hpp"
#include "seqsweep/store/records.hpp"

// Records as `status --json`, the json export and the report page have them.
namespace seqsweep::report {

/// {loss, accuracy, mae, rmse, r2}; null where one does not apply.
[[nodiscard]] nlohmann::ordered_json to_json(const store::Scores& scores);
/// {name, distribution, condition {key, values}}; the condition null where there is none.
[[nodiscard]] nlohmann::ordered_json to_json(const search::Dimension& dimension);

}  // namespace seqsweep::report
