// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace seqsweep::jobs {

/// The checkpoint that a file is, or leads to: of a results file that of the trial, of its best one where none is
/// named. Throws StoreError or ConfigError where there is none.
[[nodiscard]] std::string named_checkpoint(const std::string& path, std::optional<std::int64_t> trial);

}  // namespace seqsweep::jobs
