// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace seqsweep::log {

enum class Level { quiet, normal, verbose };

/// Messages go to standard error, one line each; `rank` (if ≥ 0) is shown in verbose mode.
void start(Level level, int rank = -1);

void info(const std::string& text);     ///< what a user wants to know
void warning(const std::string& text);  ///< what a user should look at
void detail(const std::string& text);   ///< shown with --verbose

}  // namespace seqsweep::log
